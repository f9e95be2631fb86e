"""The customer list: which columns, in which order, narrowed to what; one page of it."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, cast

from django.http import QueryDict

from clm.accounts.models import User
from clm.base import keyset
from clm.base.column_choice import ColumnChoice
from clm.base.columns import Column
from clm.base.db import among
from customers import searching
from customers.custom_fields.columns import own_columns
from customers.filter_sets import COUNT_NOW
from customers.filters import CustomerFilters, PageFilters
from customers.models import Customer, CustomerQuerySet

NEWEST = "-first_seen"
# In an address, but no filters.
UNNARROWED = {"sort", "cols", "view", "after", "before", "page", "format", COUNT_NOW}


@dataclass
class Listing(ColumnChoice):
    """Everything is read from the query string, so that an address is a state of the list."""

    query: QueryDict
    user: User
    is_whole: bool = False  # all that a search finds, for a file
    only: list[int] | None = None  # of what is seen, the rows that were ticked

    column_page: ClassVar[str] = "customers"
    always: ClassVar[str] = "name"

    def own_columns(self) -> Iterable[Column]:
        return own_columns(self.user)

    @property
    def heads(self) -> tuple[object, ...]:
        """What the head of the table depends on, besides the language: its links keep the rest of the address."""
        state = [item for item in self.query.lists() if item[0] not in ("after", "before", "page")]
        named = [(one.key, str(one.label)) for one in self.shown_columns]
        return tuple([(name, *values) for name, values in state]), tuple(named)

    @property
    def kept(self) -> list[tuple[str, list[str]]]:
        """What choosing other filters leaves as it is."""
        return [
            (name, self.query.getlist(name)) for name in ("q", "sort", "cols", "view") if name in self.query
        ]

    @cached_property
    def sort(self) -> str:
        """Column key, "-" before it for descending; an unknown one falls back to the newest first."""
        asked = self.query.get("sort", "")
        column = self.offered.get(asked.removeprefix("-"))
        return asked if column and column.sort else NEWEST

    @cached_property
    def filters(self) -> CustomerFilters:
        kind = CustomerFilters if self.is_whole else PageFilters
        return kind(self.query, queryset=self._seen, request=self)  # whoever has a user asks

    @property
    def is_filtered(self) -> bool:
        """Whether the address names anything that narrows; else there is no need to make the filters."""
        return not self.query.keys() <= UNNARROWED

    @property
    def chosen(self) -> list[tuple[str, str, str]]:
        return self.filters.chosen if self.is_filtered else []

    @property
    def _seen(self) -> CustomerQuerySet:
        return Customer.objects.visible_to(self.user).present()

    @cached_property
    def narrowed(self) -> CustomerQuerySet:
        if self.only is not None:
            return self._seen.filter(among("pk", self.only))
        return self.filters.narrowed() if self.is_filtered else self._seen

    @cached_property
    def rows(self) -> CustomerQuerySet:
        """With what the columns and the order need."""
        rows = self.narrowed
        for column in self._asked_for:
            rows = column.annotate(rows)  # type: ignore[assignment]
        return cast(CustomerQuerySet, self._sorted_by.in_order(rows))

    @property
    def _asked_for(self) -> Iterable[Column]:
        return dict.fromkeys([*self.shown_columns, self._sorted_by])

    @property
    def _is_everybody(self) -> bool:
        """All that there are, as every page begins: asked for so often that the question is kept."""
        is_narrowed = self.is_filtered or self.only is not None or self.user.is_restricted
        return not is_narrowed and not self.is_whole

    @property
    def _given(self) -> Hashable:
        """What the question for all rows depends on, besides the order."""
        asked = list(self._asked_for)
        given = [one() for one in dict.fromkeys(column.given for column in asked)]
        return "customers", tuple(dict.fromkeys(column.annotate for column in asked)), tuple(given)

    @cached_property
    def page(self) -> keyset.Page:
        cursor = self.query.get("after", "")
        if self._is_everybody and self._sorted_by.sorts_plainly and not cursor:
            return keyset.first_page(self._given, lambda: self.rows, sort=self._path)
        return keyset.page(self.rows, sort=self._path, cursor=cursor)

    @cached_property
    def count(self) -> keyset.Count:
        if self._is_everybody:
            return keyset.count_again("customers", lambda: self.narrowed)
        cap = searching.MOST_FOUND - 1 if self.query.get("q") else keyset.COUNTED_UP_TO
        return keyset.count(self.narrowed, cap=cap)

    @property
    def is_counted_later(self) -> bool:
        """The page comes first; the count is asked for on its own (`COUNT_NOW` in the address asks for both)."""
        has_more = bool(self.page.next or self.page.previous)
        return self.is_filtered and self.filters.takes_long and has_more and COUNT_NOW not in self.query

    @property
    def is_narrowed(self) -> bool:
        return bool(self.chosen or self.query.get("q"))

    @property
    def _sorted_by(self) -> Column:
        return self.offered[self.sort.removeprefix("-")]

    @property
    def _path(self) -> str:
        return ("-" if self.sort.startswith("-") else "") + self._sorted_by.sort

    def lines(self) -> Iterator[list[object]]:
        """For a file. Reads in portions."""
        return self.lines_of(keyset.ordered(self.rows, self._path).iterator(chunk_size=2000))
