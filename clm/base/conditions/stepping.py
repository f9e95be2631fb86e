"""Conditions as a list asks them: of a page's few rows, one after the other, instead of everybody at once."""

from typing import Any, cast

from django.db.models import Exists, Q


class _OfEachRow(Exists):
    """What PostgreSQL can only ask row by row: it neither makes a join of it nor hashes it over the whole table."""

    template = "EXISTS(%(subquery)s OFFSET 0)"


def row_by_row(condition: Q) -> Q:
    """The same condition, for a page that stops after its first rows.

    A test that is one way out of several can't be joined, so PostgreSQL would answer it for the whole table first. The
    others are left as they are: where few rows meet one of them, the plan begins with those.
    """
    return cast(Q, _stepped(condition, is_denied=False, is_one_way=False))


def _stepped(part: Any, *, is_denied: bool, is_one_way: bool) -> Any:
    if isinstance(part, Q):
        denied = is_denied != part.negated
        ways = is_one_way or (len(part.children) > 1 and (part.connector == Q.OR) != denied)
        inner = [_stepped(child, is_denied=denied, is_one_way=ways) for child in part.children]
        return Q.create(inner, connector=part.connector, negated=part.negated)
    if is_one_way and type(part) is Exists:
        stepped = part.copy()
        stepped.__class__ = _OfEachRow
        return stepped
    return part
