"""What a formula's SQL answers with: for each period and group, the sums that a result is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from metrics.lens import Row
from metrics.question import Asked
from metrics.sharing import Select, View
from metrics.spans import literal
from metrics.survival import Exit


@dataclass(frozen=True)
class Tally:
    span: int = 0
    key: str | None = None
    total: bool = True
    numerator: Decimal = Decimal(0)
    denominator: Decimal = Decimal(0)
    value: Decimal | None = None
    n: int = 0
    excluded: int = 0
    parts: Mapping[str, int] = field(default_factory=dict)
    exits: tuple[Exit, ...] = ()

    @classmethod
    def of(cls, row: Row) -> "Tally":
        return cls(
            span=row["span"],
            key=row["key"],
            total=row["total"],
            numerator=Decimal(row.get("numerator") or 0),
            denominator=Decimal(row.get("denominator") or 0),
            value=None if row.get("value") is None else Decimal(str(row["value"])),
            n=int(row.get("n") or 0),
            excluded=int(row.get("excluded") or 0),
            parts=row.get("parts") or {},
            exits=tuple((day, way, n) for day, way, n in row.get("exits") or ()),
        )


def select(
    asked: Asked,
    source: str,
    columns: Mapping[str, str],
    *,
    views: Mapping[str, str] | None = None,
    shared: View | None = None,
    key: str = "",
) -> Select:
    """SELECT the columns for each span of `source` x(span, customer, ...), and for each group when one is asked for.

    `views` are built first; they may use spans(span, starts, ends) and groups(customer, key). What is `shared`
    may not; it is worked out once for all selects of a batch that share it.
    `key` groups by a column of the source instead of by customers' groups.
    """
    by_customer = bool(asked.by) and not key
    group = key or ("g.key" if asked.by else "")
    shown = [asked.spans.sql(), *([f"groups(customer, key) AS ({group_of(asked)})"] if by_customer else [])]
    shown += [f"{name} AS ({sql})" for name, sql in (views or {}).items()]
    keys = f"{group} AS key, grouping({group}) = 1 AS total" if group else "NULL::text AS key, true AS total"
    sets = f"GROUPING SETS ((x.span), (x.span, {group}))" if group else "x.span"
    join = "LEFT JOIN groups g ON g.customer = x.customer" if by_customer else ""
    asked_for = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    return Select(
        f"WITH {', '.join(shown)} SELECT x.span, {keys}, {asked_for} FROM ({source}) x {join} GROUP BY {sets}",
        shared,
    )


def group_of(asked: Asked) -> str:
    """SELECT customer, key: the group each customer is in."""
    if asked.by == "stage":
        moment = asked.spans.start if asked.definition.stage_at == "start" else asked.as_of
        return f"SELECT customer, stage_id::text FROM stays WHERE {staying_at(literal(moment))}"
    if asked.by == "channel":
        return "SELECT customer, channel_id::text FROM sources"
    if asked.by == "country":
        return "SELECT customer, country FROM countries"
    return "SELECT NULL::bigint, NULL::text WHERE false"


def staying_at(moment: str) -> str:
    """In the stage just before the moment."""
    return f"entered < {moment} AND (left_at IS NULL OR left_at >= {moment})"
