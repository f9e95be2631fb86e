"""Which columns a list shows: as its address says (`cols`), which kept views hold too; else the usual ones."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

from django.db.models import Model, QuerySet
from django.http import QueryDict

from clm.base.columns import Column, offered

CHOSEN = "cols"


class ColumnChoice:
    """What a listing, which is read from a query string, shows of each row."""

    query: QueryDict
    column_page: ClassVar[str]  # where its columns are registered
    always: ClassVar[str]  # the column that names the row

    def own_columns(self) -> Iterable[Column]:
        """Those that depend on who looks."""
        return ()

    @cached_property
    def offered(self) -> dict[str, Column]:
        own = {column.key: column for column in self.own_columns()}
        return dict(sorted((offered(self.column_page) | own).items(), key=lambda item: item[1].order))

    @cached_property
    def _wanted(self) -> set[str]:
        return set(self.query.getlist(CHOSEN)) & self.offered.keys()

    @property
    def is_chosen(self) -> bool:
        return bool(self._wanted)

    @cached_property
    def shown_columns(self) -> list[Column]:
        wanted = self._wanted
        return [
            replace(column, room="") if wanted and column.room else column
            for column in self.offered.values()
            if column.key == self.always or (column.key in wanted if wanted else column.is_default)
        ]

    @property
    def choice(self) -> tuple[tuple[str, str, bool], ...]:
        """Key, label and whether it is shown, of each column that may be chosen."""
        shown = {column.key for column in self.shown_columns}
        return tuple([(key, str(one.label), key in shown) for key, one in self.offered.items()])

    def with_columns(self, rows: QuerySet[Model]) -> QuerySet[Model]:
        """With what the columns need."""
        for annotate in dict.fromkeys(column.annotate for column in self.shown_columns):
            rows = annotate(rows)
        return rows

    def lines_of(self, rows: Iterable[Model]) -> Iterator[list[object]]:
        """For a file: the head, then every row, each with its id."""
        yield ["id", *(str(column.label) for column in self.shown_columns)]
        for row in rows:
            yield [row.pk, *(self._plain(column, row) for column in self.shown_columns)]

    def _plain(self, column: Column, row: Model) -> object:
        return str(row) if column.key == self.always else column.plain(row)
