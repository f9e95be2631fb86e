"""The list of tickets: whose, narrowed to what, in which order; one page of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.base import clock, keyset
from clm.base.column_choice import ColumnChoice
from clm.base.columns import Column
from customers.custom_fields.columns import own_columns_of_customers
from customers.models import Ticket
from customers.models.tickets.ticket import TicketQuerySet
from customers.models.tickets.words import IS_OPEN
from customers.tickets.filters import TicketFilters

MINE, OVERDUE, NOBODYS, OPEN, ALL = "mine", "overdue", "nobodys", "open", "all"
TABS: dict[str, Promise] = {
    MINE: _("My open tickets"),
    OVERDUE: _("Overdue"),
    NOBODYS: _("Without an owner"),
    OPEN: _("All open"),
    ALL: _("All tickets"),
}
# Key in the address: path to order by.
SORTS = {"due": "due_at", "opened": "opened_at", "changed": "changed_at"}


@dataclass
class TicketListing(ColumnChoice):
    """Everything is read from the query string, so that an address is a state of the list."""

    query: QueryDict
    user: User

    column_page: ClassVar[str] = "tickets"
    always: ClassVar[str] = "ticket"
    home: ClassVar[str] = "tickets"

    def own_columns(self) -> Iterable[Column]:
        return own_columns_of_customers(self.user)

    @property
    def tabs(self) -> dict[str, Promise]:
        return TABS

    @cached_property
    def tab(self) -> str:
        """One starts with the own tickets, when one has any; who reads only starts with all open ones."""
        asked = self.query.get("tab", "")
        if asked in TABS:
            return asked
        return MINE if Ticket.objects.filter(IS_OPEN, owner=self.user).exists() else OPEN

    @cached_property
    def now(self) -> datetime:
        return clock.now()

    @cached_property
    def seen(self) -> TicketQuerySet:
        return Ticket.objects.visible_to(self.user)

    @cached_property
    def filters(self) -> TicketFilters:
        return TicketFilters(self.query, queryset=self._of_tab(self.seen), request=self)

    def _of_tab(self, seen: TicketQuerySet) -> TicketQuerySet:
        tests = {
            MINE: IS_OPEN & Q(owner=self.user),
            OVERDUE: Q(due_at__lte=self.now),
            NOBODYS: IS_OPEN & Q(owner=None),
            OPEN: IS_OPEN,
        }
        return seen.filter(tests[self.tab]) if self.tab in tests else seen

    @property
    def kept(self) -> list[tuple[str, list[str]]]:
        """What choosing other filters leaves as it is."""
        names = ("q", "sort", "cols", "tab", "customer", "company", "view")
        return [(name, self.query.getlist(name)) for name in names if name in self.query]

    @cached_property
    def sort(self) -> str:
        asked = self.query.get("sort", "")
        return asked if asked.removeprefix("-") in SORTS else "-opened" if self.tab == ALL else "due"

    @cached_property
    def page(self) -> keyset.Page:
        rows = self.filters.narrowed().for_list()
        return keyset.page(self.with_columns(rows), sort=self._path, cursor=self.query.get("after", ""))

    @property
    def whole(self) -> QuerySet[Any]:
        """All pages, for a file."""
        rows = self.filters.narrowed().for_list().select_related("company", "team")
        return keyset.ordered(self.with_columns(rows), self._path)

    @property
    def _path(self) -> str:
        return ("-" if self.sort.startswith("-") else "") + SORTS[self.sort.removeprefix("-")]

    @cached_property
    def count(self) -> keyset.Count:
        counted = self._of_tab(Ticket.objects.counted_for(self.user))
        return keyset.count(TicketFilters(self.query, queryset=counted, request=self).narrowed())

    @property
    def is_narrowed(self) -> bool:
        return bool(self.filters.chosen or self.query.get("q"))
