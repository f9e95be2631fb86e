"""PostgreSQL expressions. Migrations import these by path: never rename, never delete."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db.models import BigIntegerField, BooleanField, DateTimeField, F, Func, Q, QuerySet, Value


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


def among(column: str, ids: Sequence[int]) -> Q:
    """Like `column__in`, the ids as one array: ten thousand parameters take longer to bind than to look up."""
    return Q(EqualsAny(F(column), Value(list(ids), ArrayField(BigIntegerField()))))


def one_of(column: str, ids: QuerySet[Any, Any]) -> Q:
    """Like `column__in`, for one part of an OR.

    There PostgreSQL looks up an IN for every row, but knows no way from it to an index; from the array it does.
    """
    return Q(**{f"{column}__in": ids}) & Q(EqualsAny(F(column), ArraySubquery(ids)))
