"""PostgreSQL expressions. Migrations import these by path: never rename, never delete."""

import re
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateTimeField,
    DecimalField,
    F,
    Func,
    Q,
    QuerySet,
    Value,
)

_PLACE = re.compile(r"\{(\d*)\}")


class ClockTimestamp(Func):
    """The wall clock at this very moment, not at the start of the transaction as `Now()` gives."""

    function = "CLOCK_TIMESTAMP"
    output_field = DateTimeField()


class TsTzRange(Func):
    """Half-open range [from, to); a null end is open."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class EqualsAny(Func):
    """Equal to an element of an array."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class AsNumber(Func):
    """Text or JSON as a number of any length."""

    template = "(%(expressions)s)::numeric"
    output_field = DecimalField()


def among(column: str, ids: Sequence[int]) -> Q:
    """Like `column__in`, the ids as one array: ten thousand parameters take longer to bind than to look up."""
    return Q(EqualsAny(F(column), Value(list(ids), ArrayField(BigIntegerField()))))


def one_of(column: str, ids: QuerySet[Any, Any]) -> Q:
    """Like `column__in`, for one part of an OR.

    There PostgreSQL looks up an IN for every row, but knows no way from it to an index; from the array it does.
    """
    return Q(**{f"{column}__in": ids}) & Q(EqualsAny(F(column), ArraySubquery(ids)))


class Written(Func):
    """SQL written out, the expressions at their places: Written("({0})::date - {1}", F("at"), Value(day))."""

    def __init__(self, sql: str, *expressions: Any, output_field: Any = None) -> None:
        self.sql = sql
        super().__init__(*expressions, output_field=output_field)

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> Any:  # type: ignore[override]
        compiled = [compiler.compile(source) for source in self.source_expressions]
        order = [int(place or number) for number, place in enumerate(_PLACE.findall(self.sql))]
        written = _PLACE.sub("{}", self.sql).format(*(compiled[place][0] for place in order))
        return written, [param for place in order for param in compiled[place][1]]
