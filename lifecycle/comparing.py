"""The same customers in two models, as of a day and as known on one: how many are in which stage of either."""

from collections import Counter
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import QuerySet

from clm.accounts.models import User
from clm.base.context import address
from customers.models import Customer
from customers.models.customer import CustomerQuerySet
from lifecycle.clocks import Lens
from lifecycle.models import CurrentStage, Kind, LifecycleModel, Stage
from lifecycle.places import Place, places_of

Counts = dict[tuple[int | None, int | None], int]  # by the stages in the one model and in the other


@dataclass(frozen=True)
class Cell:
    """`agrees`: the two stages share a point of the neutral axis. `row_total` is what the share is of.

    `href` is empty where no list shows just these customers.
    """

    count: int
    row_total: int
    agrees: bool
    href: str

    @property
    def share(self) -> float:
        return self.count / self.row_total if self.row_total else 0.0


@dataclass(frozen=True)
class Row:
    """`stage` is null for customers without a stage in the first model."""

    stage: Stage | None
    cells: list[Cell]
    total: Cell


@dataclass(frozen=True)
class Side:
    """A model's stages in use that day in order, then `others` where somebody was, and how many customers each holds."""

    model: LifecycleModel
    stages: list[Stage]
    counts: dict[int | None, int]
    others: frozenset[int] = frozenset()

    def in_use(self) -> "Side":
        return replace(self, stages=[stage for stage in self.stages if stage.pk not in self.others])

    def of_kind(self, kind: Kind) -> list[Stage]:
        return [stage for stage in self.stages if stage.kind == kind]

    def count_of(self, kind: Kind) -> int:
        return sum(self.counts.get(stage.pk, 0) for stage in self.of_kind(kind))


@dataclass(frozen=True)
class AxisRow:
    """Customers whose stage stands first of all for one kind: in the one model, in the other, in both."""

    kind: Kind
    first: int
    second: int
    both: int
    first_stages: list[Stage]
    second_stages: list[Stage]


@dataclass(frozen=True)
class Comparison:
    first: Side
    second: Side
    counts: Counts
    since_merged: Counts  # of these, as known earlier, those who are part of another customer now
    day: date | None = None
    known_day: date | None = None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @cached_property
    def columns(self) -> list[Stage | None]:
        return [*self.second.stages, *([None] if None in self.second.counts else [])]

    @cached_property
    def rows(self) -> list[Row]:
        shown = [*self.first.stages, *([None] if None in self.first.counts else [])]
        return [self._row(stage) for stage in shown]

    @property
    def totals(self) -> list[Cell]:
        return [self._cell(None, column, self.total, is_total=True) for column in self.columns]

    @property
    def agreeing(self) -> int:
        """Customers who are at the same point of the axis in both."""
        return sum(cell.count for row in self.rows for cell in row.cells if cell.agrees)

    @property
    def mapping(self) -> "Mapping":
        return mapping_between(self.first, self.second)

    @property
    def axis(self) -> list[AxisRow]:
        rows = [self._axis_row(kind) for kind in Kind]
        return [row for row in rows if row.first_stages or row.second_stages]

    def _axis_row(self, kind: Kind) -> AxisRow:
        first, second = self.first.of_kind(kind), self.second.of_kind(kind)
        both = sum(self.counts.get((one.pk, other.pk), 0) for one in first for other in second)
        return AxisRow(kind, self.first.count_of(kind), self.second.count_of(kind), both, first, second)

    def _row(self, stage: Stage | None) -> Row:
        total = self.first.counts.get(stage.pk if stage else None, 0)
        cells = [self._cell(stage, column, total) for column in self.columns]
        return Row(stage, cells, Cell(total, total, agrees=False, href=self._list(stage, None)))

    def _cell(self, stage: Stage | None, column: Stage | None, total: int, *, is_total: bool = False) -> Cell:
        key = column.pk if column else None
        count = (
            self.second.counts.get(key, 0)
            if is_total
            else self.counts.get((stage.pk if stage else None, key), 0)
        )
        is_listed = count and column and (stage or is_total)
        return Cell(count, total, _agree(stage, column), self._list(stage, column) if is_listed else "")

    def _list(self, stage: Stage | None, column: Stage | None) -> str:
        """The customer list with just these customers; nobody can be asked for by having no stage, or once merged."""
        if self._have_merged(stage, column):
            return ""
        named = [(self.first.model, stage), (self.second.model, column)]
        placed = [("placed", f"{model.slug}:{chosen.slug}") for model, chosen in named if chosen]
        if not placed:
            return ""
        days = [("placed_on", self.day), ("known_at", self.known_day)]
        given = [(name, day.isoformat()) for name, day in days if day]
        return f"{address('customers')}?{urlencode([*placed, *given])}"

    def _have_merged(self, stage: Stage | None, column: Stage | None) -> bool:
        """Without a stage, of all of them."""
        return any(
            (stage is None or stage.pk == one) and (column is None or column.pk == other)
            for one, other in self.since_merged
        )


@dataclass(frozen=True)
class Blur:
    """Stages of one model that the other has only one word for: put into its terms they can't be told apart."""

    model: LifecycleModel
    stages: list[Stage]
    into: Stage
    other: LifecycleModel


@dataclass(frozen=True)
class Mapping:
    """What is lost when the stages of one model are put into the words of the other, by the shared axis."""

    blurs: list[Blur]
    missing: list[tuple[LifecycleModel, Stage]]


def mapping_between(first: Side, second: Side) -> Mapping:
    """Both ways. A stage's counterpart has its main point first of all, else among its others; missing: it has none."""
    ways = [(first.in_use(), second.in_use()), (second.in_use(), first.in_use())]
    return Mapping(
        [blur for one, other in ways for blur in _blurs(one, other)],
        [
            (one.model, stage)
            for one, other in ways
            for stage in one.stages
            if _counterpart(stage, other) is None
        ],
    )


def _counterpart(stage: Stage, other: Side) -> Stage | None:
    main = [one for one in other.stages if one.kind == stage.kind]
    besides = [one for one in other.stages if stage.kind in one.other_kinds]
    return next(iter([*main, *besides]), None)


def _blurs(one: Side, other: Side) -> list[Blur]:
    into: dict[int, list[Stage]] = {}
    for stage in one.stages:
        counterpart = _counterpart(stage, other)
        if counterpart:
            into.setdefault(counterpart.pk, []).append(stage)
    by_pk = {stage.pk: stage for stage in other.stages}
    return [Blur(one.model, stages, by_pk[pk], other.model) for pk, stages in into.items() if len(stages) > 1]


def _agree(one: Stage | None, other: Stage | None) -> bool:
    return bool(one and other and {one.kind, *one.other_kinds} & {other.kind, *other.other_kinds})


def compare(
    first: LifecycleModel,
    second: LifecycleModel,
    *,
    seen_by: User,
    lens: Lens | None = None,
    day: date | None = None,
    known_day: date | None = None,
) -> Comparison:
    """Of the customers that the user may see; through the lens of the two clocks, which the days say, or now.

    Two queries; of a past day one more for each model, and one more of what was known earlier.
    """
    visible = Customer.objects.visible_to(seen_by)
    since_merged: Counts = {}
    if lens and lens.known_at:
        counts = _counts(first, second, lens=lens, of=visible)
        since_merged = _counts(first, second, lens=lens, of=visible.exclude(merged_into=None))
    else:  # the stays of those merged are of the one they became
        counts = _counts(first, second, lens=lens, of=visible.present())
    held_first: Counter[int | None] = Counter()
    held_second: Counter[int | None] = Counter()
    for (one, other), count in counts.items():
        held_first[one] += count
        held_second[other] += count
    stages = list(Stage.objects.settled().filter(model__in=[first, second]).in_order())
    of_first = [stage for stage in stages if stage.model_id == first.pk]
    of_second = [stage for stage in stages if stage.model_id == second.pk]
    return Comparison(
        _side(first, of_first, held_first, lens),
        _side(second, of_second, held_second, lens),
        counts,
        since_merged,
        day,
        known_day,
    )


def _side(model: LifecycleModel, stages: list[Stage], counts: Counter[int | None], lens: Lens | None) -> Side:
    """As of then: the version that governed on a past day may have had others, elsewhere, and standing for something else."""
    if lens:
        then = places_of(model.pk, lens.as_of)
        stages = [_as_it_was(stage, then[stage.pk]) for stage in stages]
        stages.sort(key=lambda stage: (not then[stage.pk].in_use, then[stage.pk].place))
        others = {stage.pk for stage in stages if not then[stage.pk].in_use}
    else:
        others = {stage.pk for stage in stages if not stage.is_in_use}
    shown = [stage for stage in stages if stage.pk not in others or stage.pk in counts]
    return Side(model, shown, counts, frozenset(others))


def _as_it_was(stage: Stage, then: Place) -> Stage:
    was = copy(stage)
    was.kind, was.other_kinds = then.kind, list(then.other_kinds)
    return was


def _counts(
    first: LifecycleModel, second: LifecycleModel, *, lens: Lens | None, of: CustomerQuerySet
) -> Counts:
    sides = [
        _placed(model, lens).filter(customer__in=of.values("pk")).values_list("customer_id", "stage_id")
        for model in (first, second)
    ]
    (one, values), (other, more) = (side.order_by().query.sql_with_params() for side in sides)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT a.stage, b.stage, count(*) FROM ({one}) AS a (customer, stage)
            FULL JOIN ({other}) AS b (customer, stage) USING (customer) GROUP BY 1, 2
            """,  # noqa: S608  # compiled by the ORM; values travel as parameters
            [*values, *more],
        )
        return {(here, there): count for here, there, count in cursor.fetchall()}


def _placed(model: LifecycleModel, lens: Lens | None) -> QuerySet[Any, Any]:
    return (lens.stays() if lens else CurrentStage.objects).filter(model=model)
