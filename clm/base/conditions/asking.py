"""Whether conditions hold for one row: a statement that is compiled once, and then asked of any row and moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, DateTimeField, Expression, ExpressionWrapper, Model, Value
from django.http import Http404

from clm.base.conditions.leaf import Asked, Condition
from clm.base.days import StartOfDay

# Stand in a compiled statement for what is said when it is asked; no parameter of a condition can be one of them.
OPEN_ROW = -(2**61)
OPEN_AS_OF = datetime(1, 2, 3, 4, 5, 6, 7, tzinfo=UTC)
OPEN_KNOWN_AT = datetime(1, 2, 3, 4, 5, 6, 8, tzinfo=UTC)
MOST_KEPT = 200


class RowGone(Http404):
    """The row was deleted since it was read: every door answers as for one that was never there."""


@dataclass(frozen=True)
class OpenAsked(Asked):
    """A question whose moments are still open; days are counted back by the database."""

    def bound(self) -> Value:
        return Value(OPEN_AS_OF, DateTimeField())

    def days_ago(self, days: int) -> Expression:
        return StartOfDay(self.bound(), self.zone, days=-days, exclusive=True)


Statement = tuple[str, tuple[Any, ...]]


def truths_for(row: Model, conditions: Sequence[Condition], asked: Asked) -> dict[Condition, bool]:
    """Of every condition. One query, and one more where some rest on what is stored besides the facts.

    Raises RowGone.
    """
    fixed = tuple(condition for condition in conditions if condition.is_fixed)
    others = tuple(condition for condition in conditions if not condition.is_fixed)
    statement = _kept(type(row), fixed, asked.zone, asked.known_at is not None) if fixed else None
    found = _answers(statement, fixed, row, asked) if statement else {}
    if others:
        found |= _answers(_statement(type(row), others, _opened(asked)), others, row, asked)
    return found


@lru_cache(maxsize=MOST_KEPT)
def _kept(model: type[Model], conditions: tuple[Condition, ...], zone: str, is_past: bool) -> Statement:
    return _statement(model, conditions, _open(zone, is_past))


def _opened(asked: Asked) -> OpenAsked:
    return _open(asked.zone, asked.known_at is not None)


def _open(zone: str, is_past: bool) -> OpenAsked:
    return OpenAsked(zone, OPEN_AS_OF, OPEN_KNOWN_AT if is_past else None)


def _statement(model: type[Model], conditions: tuple[Condition, ...], asked: OpenAsked) -> Statement:
    answers = {
        f"answer_{place}": ExpressionWrapper(condition.to_q(asked), BooleanField())
        for place, condition in enumerate(conditions)
    }
    rows = model._base_manager.filter(pk=OPEN_ROW).annotate(**answers).values_list(*answers)
    sql, parameters = rows.query.sql_with_params()
    return sql, tuple(parameters)


def _answers(
    statement: Statement, conditions: tuple[Condition, ...], row: Model, asked: Asked
) -> dict[Condition, bool]:
    sql, parameters = statement
    said = ((OPEN_ROW, row.pk), (OPEN_AS_OF, asked.instant), (OPEN_KNOWN_AT, asked.known_at))
    given = [next((value for mark, value in said if one == mark), one) for one in parameters]
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        found = cursor.fetchone()
    if found is None:
        raise RowGone
    return {condition: bool(answer) for condition, answer in zip(conditions, found, strict=True)}
