"""The list of leads: whose, narrowed to what, in which order; one page of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Role, User
from clm.base import keyset
from clm.base.column_choice import ColumnChoice
from clm.base.columns import Column
from customers.custom_fields.columns import own_columns_of_customers
from customers.filter_sets import COUNT_NOW
from customers.leads.cells import CELLS
from customers.leads.filters import LeadFilters
from customers.leads.pipelines import Pipelines
from customers.models import Lead
from customers.models.lead import LeadQuerySet

MINE, ALL, OVERDUE, UNANSWERED, UNPLANNED = "mine", "all", "overdue", "unanswered", "unplanned"
TABS: dict[str, Promise] = {
    MINE: _("My open leads"),
    OVERDUE: _("Overdue"),
    UNANSWERED: _("Contact late"),
    UNPLANNED: _("Unplanned"),
    ALL: _("All leads"),
}
# Key in the address: path to order by.
SORTS = {
    "next": "next_action_on",
    "opened": "opened_at",
    "value": "value_reporting",
    "close": "expected_close_on",
}


@dataclass
class LeadListing(ColumnChoice):
    """Everything is read from the query string, so that an address is a state of the list."""

    query: QueryDict
    user: User

    column_page: ClassVar[str] = "leads"
    always: ClassVar[str] = "lead"
    edited: ClassVar[Mapping[str, object]] = CELLS
    home: ClassVar[str] = "leads"
    is_board: ClassVar[str] = ""

    def own_columns(self) -> Iterable[Column]:
        return own_columns_of_customers(self.user)

    @property
    def tabs(self) -> dict[str, Promise]:
        """What no team expects of itself has no tab."""
        expected = {UNANSWERED: self.pipelines.expects_answers, UNPLANNED: self.pipelines.expects_plans}
        return {key: label for key, label in TABS.items() if expected.get(key, True) or key == self.tab}

    @cached_property
    def pipelines(self) -> Pipelines:
        return Pipelines.read()

    @cached_property
    def tab(self) -> str:
        """A rep starts with the own leads; who narrows to an owner or status means all."""
        asked = self.query.get("tab", "")
        return asked if asked in TABS else MINE if self.user.role == Role.REP else ALL

    @cached_property
    def today(self) -> date:
        return localdate()

    @cached_property
    def seen(self) -> LeadQuerySet:
        return Lead.objects.visible_to(self.user)

    @cached_property
    def filters(self) -> LeadFilters:
        return LeadFilters(self.query, queryset=self._of_tab(self.seen), request=self)

    def _of_tab(self, seen: LeadQuerySet) -> LeadQuerySet:
        if self.tab == MINE:
            return Lead.objects.open().filter(owner=self.user)
        return self._lacking(seen)

    def _lacking(self, seen: LeadQuerySet) -> LeadQuerySet:
        if self.tab == UNANSWERED:
            return seen.filter(self.pipelines.unanswered())
        if self.tab == UNPLANNED:
            return seen.filter(self.pipelines.unplanned())
        return seen.overdue(self.today) if self.tab == OVERDUE else seen

    @property
    def kept(self) -> list[tuple[str, list[str]]]:
        """What choosing other filters leaves as it is."""
        return [
            (name, self.query.getlist(name))
            for name in ("q", "sort", "cols", "tab", "pipeline", "view")
            if name in self.query
        ]

    @cached_property
    def sort(self) -> str:
        asked = self.query.get("sort", "")
        return (
            asked
            if asked.removeprefix("-") in SORTS
            else "-opened"
            if self.tab in (ALL, UNANSWERED, UNPLANNED)
            else "next"
        )

    @cached_property
    def narrowed(self) -> LeadQuerySet:
        return self.filters.narrowed()

    @cached_property
    def page(self) -> keyset.Page:
        return keyset.page(self.rows, sort=self._path, cursor=self.query.get("after", ""))

    @property
    def rows(self) -> QuerySet[Any]:
        """With what the columns need."""
        leads = self.narrowed.select_related("customer", "customer__company", "owner", "channel")
        return self.with_columns(leads)

    @property
    def whole(self) -> QuerySet[Any]:
        """All pages, for a file."""
        return keyset.ordered(self.rows, self._path)

    @property
    def _path(self) -> str:
        return ("-" if self.sort.startswith("-") else "") + SORTS[self.sort.removeprefix("-")]

    @cached_property
    def count(self) -> keyset.Count:
        counted = self._of_tab(Lead.objects.counted_for(self.user))
        return keyset.count(LeadFilters(self.query, queryset=counted, request=self).narrowed())

    @property
    def is_counted_later(self) -> bool:
        """The page comes first; the count is asked for on its own (`COUNT_NOW` in the address asks for both)."""
        has_more = bool(self.page.next or self.page.previous)
        return self.filters.takes_long and has_more and COUNT_NOW not in self.query

    @property
    def is_narrowed(self) -> bool:
        return bool(self.filters.chosen or self.query.get("q"))
