"""Who left a stage without going on, or is stuck in it, those worth most first.

Left: a stay ended in the period, and until the as-of date none followed in that stage or a later one of the model.
Stalled: still there at the as-of date, longer than the days given, though there is a stage to go on to; not in a stage
where customers are welcome to stay (`GOALS`). A customer stands once for each stage, by the latest such stay. Lost value is the revenue to date: net of refunds, without
orders that have no exchange rate.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from django.core import signing
from django.utils.translation import gettext as _

from lifecycle.models import Kind, Stage
from metrics import memory
from metrics.catalog import definition_of
from metrics.lens import Lens
from metrics.names import Names
from metrics.question import Asked, Question, QuestionError, Setting, plain, resolve
from metrics.sharing import Select, View
from metrics.spans import literal

SIZE = 50
STALLED_DAYS = 90
GOALS = (Kind.ACTIVE, Kind.LOYAL, Kind.EXPANDING, Kind.ADVOCATE)  # whoever stays there does well
_GOALS = ", ".join(f"'{kind.value}'" for kind in GOALS)
How = Literal["left", "stalled"]
HOWS: tuple[How, ...] = ("left", "stalled")
_SALT = "drop-off.cursor"
Place = tuple[Decimal, int, int]


@dataclass(frozen=True)
class Dropped:
    customer_id: int
    name: str
    stage: Stage
    how: How
    entered_at: datetime
    left_at: datetime | None
    days: int  # in the stage
    now: Stage | None  # where they are at the as-of date
    value: Decimal

    @property
    def place(self) -> Place:
        return self.value, self.customer_id, self.stage.pk


@dataclass(frozen=True)
class Loss:
    """Of one stage, or of all."""

    left: int
    stalled: int
    value: Decimal

    @property
    def number(self) -> int:
        return self.left + self.stalled


NOTHING = Loss(0, 0, Decimal(0))


@dataclass(frozen=True)
class Page:
    """`following`: the cursor of the next page, empty at the end. Losses are of everybody, not of the page."""

    rows: list[Dropped]
    following: str
    losses: list[tuple[Stage, Loss]]
    whole: Loss


@dataclass(frozen=True)
class DropOff:
    """A question about who dropped off. `how` empty: both."""

    asked: Asked
    names: Names
    how: str = ""

    @classmethod
    def of(cls, question: Question, setting: Setting, names: Names, *, how: str = "") -> "DropOff":
        """Of the question's stage, or of all; waits for `STALLED_DAYS` unless it says otherwise. Raises QuestionError."""
        if how and how not in HOWS:
            known = ", ".join(HOWS)
            raise QuestionError("how", _("Use one of: %(known)s.") % {"known": known})
        wanted = replace(plain(question), stage=question.stage, days=question.days or STALLED_DAYS)
        definition = replace(definition_of("stage-drop-off"), takes=frozenset({"stage", "days"}))
        return cls(resolve(definition, wanted, setting), names.of(wanted.model), how)

    def page(self, cursor: str = "", *, size: int = SIZE) -> "Page":
        """So many of them, and what all of them are worth. Raises QuestionError for a cursor that is not ours."""
        selects = {
            "rows": self._rows(_opened(cursor) if cursor else None, size + 1),
            "losses": self._losses(),
        }
        found = self._look(selects)
        rows, stages = self._in_order(found["rows"]), self.names.stage_by_id
        losses = {str(row["stage_id"]): _loss(row) for row in found["losses"]}
        return Page(
            rows=rows[:size],
            following=_sealed(rows[size - 1]) if len(rows) > size else "",
            losses=[(stage, losses[pk]) for pk, stage in stages.items() if pk in losses],
            whole=losses.get("None", NOTHING),
        )

    def every(self) -> Iterator[Dropped]:
        """All of them in one stream, those worth most first; for the inside of a transaction."""
        rows = memory.stream(Lens.of(self.asked), self._rows(), raw=self.asked.setting.raw)
        return map(self._told, rows)

    def _losses(self) -> Select:
        valued = self._valued()
        losses = f"""SELECT stage_id, count(*) FILTER (WHERE left_at IS NOT NULL) AS left,
            count(*) FILTER (WHERE left_at IS NULL) AS stalled, sum(value) AS value
            FROM {valued.name} GROUP BY GROUPING SETS ((), (stage_id))"""
        return Select(losses, valued)

    def _rows(self, place: Place | None = None, size: int | None = None) -> Select:
        valued = self._valued()
        after = (
            f"WHERE (v.value, v.customer, v.stage_id) < ({place[0]}, {place[1]}, {place[2]})" if place else ""
        )
        limit = "" if size is None else f"LIMIT {size}"
        rows = f"""SELECT v.*, c.name, extract(epoch FROM
                coalesce(v.left_at, {literal(self.asked.as_of)}) - v.entered)::bigint / 86400 AS days
            FROM {valued.name} v JOIN customers_customer c ON c.id = v.customer {after}
            ORDER BY v.value DESC, v.customer DESC, v.stage_id DESC {limit}"""
        return Select(rows, valued)

    def _in_order(self, rows: list[dict[str, Any]]) -> list[Dropped]:
        return [self._told(row) for row in sorted(rows, key=_order, reverse=True)]

    def _told(self, row: Mapping[str, Any]) -> Dropped:
        stages = self.names.stage_by_id
        return Dropped(
            customer_id=row["customer"],
            name=row["name"],
            stage=stages[str(row["stage_id"])],
            how="stalled" if row["left_at"] is None else "left",
            entered_at=datetime.fromisoformat(row["entered"]),
            left_at=row["left_at"] and datetime.fromisoformat(row["left_at"]),
            days=row["days"],
            now=stages.get(str(row["now"])),
            value=Decimal(row["value"]),
        )

    def _look(self, selects: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
        return memory.look(Lens.of(self.asked), selects, raw=self.asked.setting.raw)

    def _valued(self) -> View:
        """Who is gone from where, the stage of now, and what they are worth.

        What came after a stay and what somebody is worth is worked out beside it, not joined: where the database guesses
        that few are gone, it would look through everybody's stays and orders for each of them.
        Stays that were over before the period are no way of being gone, nor did any of them follow one that is.
        """
        asked, stage = self.asked, self.asked.question.stage
        of_stage = f"AND y.stage_id = {stage.pk}" if stage else ""
        left = asked.spans.within("y.left_at")
        stalled = f"""y.left_at IS NULL AND y.entered <= {literal(asked.as_of)} - make_interval(days => {asked.days})
            AND y.kind NOT IN ({_GOALS}) AND EXISTS (SELECT FROM stages f WHERE f.in_use AND f.kind <> 'churned' AND f.place > y.place)"""
        either = {"left": left, "stalled": stalled}.get(self.how, f"({left}) OR ({stalled})")
        sql = f"""
            WITH walked AS (
                SELECT y.customer, y.stage_id, s.place, s.kind, y.entered, y.left_at,
                    max(s.place) FILTER (WHERE s.kind <> 'churned') OVER later AS furthest,
                    max(y.stage_id) FILTER (WHERE y.left_at IS NULL) OVER (PARTITION BY y.customer) AS now
                FROM stays y JOIN stages s ON s.id = y.stage_id
                WHERE y.left_at IS NULL OR y.left_at >= {literal(asked.spans.start)}
                WINDOW later AS (PARTITION BY y.customer ORDER BY y.entered DESC
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            ), gone AS (
                SELECT DISTINCT ON (y.customer, y.stage_id) y.customer, y.stage_id, y.entered, y.left_at, y.now
                FROM walked y
                WHERE y.kind <> 'churned' {of_stage} AND ({either})
                    AND (y.left_at IS NULL OR y.furthest IS NULL OR y.furthest < y.place)
                ORDER BY y.customer, y.stage_id, y.entered DESC
            ), worth AS (
                SELECT gone.*, 0 AS revenue FROM gone
                UNION ALL SELECT customer, NULL, NULL, NULL, NULL, sum(revenue) FROM orders GROUP BY customer
            )
            SELECT customer, stage_id, entered, left_at, now, value FROM (
                SELECT *, sum(revenue) OVER (PARTITION BY customer) AS value FROM worth) w
            WHERE stage_id IS NOT NULL"""
        return View.of("valued", sql)


def _loss(row: Mapping[str, Any]) -> Loss:
    return Loss(row["left"], row["stalled"], Decimal(row["value"] or 0))


def _order(row: Mapping[str, Any]) -> Place:
    return Decimal(row["value"]), row["customer"], row["stage_id"]


def _sealed(last: Dropped) -> str:
    value, customer, stage = last.place
    return signing.dumps([str(value), customer, stage], salt=_SALT)


def _opened(cursor: str) -> Place:
    try:
        value, customer, stage = signing.loads(cursor, salt=_SALT)
        return Decimal(value), int(customer), int(stage)
    except (signing.BadSignature, ValueError, TypeError, InvalidOperation) as error:
        message = _("This page link is not one of ours. Start from the first page.")
        raise QuestionError("cursor", message) from error
