"""The lists of tasks: whose, narrowed to what, by when they are due; and what a rep's day holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.base import clock, keyset
from clm.base.search import holding
from customers.filter_sets import DAY_INPUT, ListFilterSet, Rows
from customers.models import Task
from customers.models.task import TaskQuerySet
from customers.searching import SHORTEST
from customers.whose import LARGEST, CustomerFilter

MINE, OVERDUE, TEAM, REMINDED, ALL, DONE = "mine", "overdue", "team", "reminded", "all", "done"
TABS: dict[str, Promise] = {
    MINE: _("My tasks"),
    OVERDUE: _("Overdue"),
    REMINDED: _("Reminders"),
    TEAM: _("My team's"),
    ALL: _("All open"),
    DONE: _("Done"),
}
SHOWN = 12
AHEAD = timedelta(days=7)


class TaskFilters(ListFilterSet):
    q = filters.CharFilter(label=_("Search"), method="said", min_length=SHORTEST, max_length=200)
    owner = filters.ModelChoiceFilter(
        queryset=User.objects.all(),
        label=_("Who"),
        empty_label=_("Any"),
        null_label=_("Nobody"),
        null_value="none",
    )
    due_from = filters.DateFilter("due_on", "gte", label=_("Due from"), **DAY_INPUT)
    due_to = filters.DateFilter("due_on", "lte", label=_("Due until"), **DAY_INPUT)
    customer = CustomerFilter()
    lead = filters.NumberFilter(
        "lead_id", label=_("Lead"), widget=forms.HiddenInput, decimal_places=0, min_value=1, max_value=LARGEST
    )

    class Meta:
        model = Task
        fields: list[str] = []

    def said(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(holding("title", value))


class ApiTaskFilters(TaskFilters):
    state = filters.MultipleChoiceFilter(
        label=_("State"),
        method="is_in",
        choices=[("open", _("Open")), ("done", _("Done")), ("dropped", _("Dropped"))],
    )

    def is_in(self, rows: Rows, name: str, states: list[str]) -> Rows:
        tests = {
            "open": Q(done_at=None, dropped_at=None),
            "done": Q(done_at__isnull=False),
            "dropped": Q(dropped_at__isnull=False),
        }
        wanted = Q()
        for state in states:
            wanted |= tests[state]
        return rows.filter(wanted)


@dataclass
class TaskListing:
    """Everything is read from the query string, so that an address is a state of the list."""

    query: QueryDict
    user: User

    @property
    def tabs(self) -> dict[str, Promise]:
        return TABS if self.user.team_id else {key: label for key, label in TABS.items() if key != TEAM}

    @cached_property
    def tab(self) -> str:
        asked = self.query.get("tab", "")
        return asked if asked in self.tabs else MINE

    @cached_property
    def now(self) -> datetime:
        return clock.now()

    @cached_property
    def filters(self) -> TaskFilters:
        return TaskFilters(self.query, queryset=self._of_tab())

    def _of_tab(self) -> TaskQuerySet:
        seen = Task.objects.visible_to(self.user)
        mine = seen.filter(owner=self.user)
        rows = {
            MINE: mine.open(),
            OVERDUE: mine.overdue(self.now),
            REMINDED: mine.open().filter(reminded_at__isnull=False),
            TEAM: seen.open().filter(owner__team=self.user.team_id),
            ALL: seen.open(),
            DONE: mine.filter(done_at__isnull=False),
        }
        return rows[self.tab]

    @cached_property
    def page(self) -> keyset.Page:
        return keyset.page(self._rows, sort=self._path, cursor=self.query.get("after", ""))

    @property
    def whole(self) -> QuerySet[Task]:
        """All pages, for a file."""
        return keyset.ordered(self._rows, self._path)

    @property
    def _rows(self) -> TaskQuerySet:
        rows: TaskQuerySet = self.filters.qs if self.filters.is_valid() else Task.objects.none()
        return rows.for_list()

    @property
    def _path(self) -> str:
        return "-done_at" if self.tab == DONE else "due_at"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.filters.chosen or self.query.get("q"))


def day_of(user: User, *, as_of: datetime) -> list[Task]:
    """The own open tasks that are late, of today or of the next days, the most pressing first; at most SHOWN."""
    mine = Task.objects.open().filter(owner=user, due_at__lte=as_of + AHEAD).visible_to(user)
    return list(mine.for_list().order_by("due_at", "pk")[:SHOWN])
