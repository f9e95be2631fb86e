"""What one customer's page tells of stages: the path, why here, and what is missing for the others."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Subquery

from clm.base.db import ClockTimestamp
from customers.models import Customer
from lifecycle.beside import Scale, Strip, strips_of
from lifecycle.models import (
    Component,
    LifecycleModel,
    NextDue,
    Parking,
    StagePeriod,
    VersionStatus,
)
from lifecycle.recutting import believed_before, notes_of
from lifecycle.visits import Visits, visits_in
from lifecycle.why import Why, why_here


@dataclass(frozen=True)
class Told:
    """The live periods of all running models, the primary one's first, the oldest first, as read at an instant.

    `due` and `parked`, by model: when the stage may change by itself, and the parking the customer is in;
    `with_components` are the models that have any.
    """

    periods: list[StagePeriod]
    read_at: datetime | None
    due: dict[int, datetime]
    parked: dict[int, int]
    with_components: set[int]


def told_of(customer: Customer) -> Told:
    """One query, however many pieces of a page ask."""
    if "_told" not in customer.__dict__:
        customer.__dict__["_told"] = _ask(customer, None)
    told: Told = customer.__dict__["_told"]
    return told


def _ask(customer: Customer, known_at: datetime | None) -> Told:
    periods = StagePeriod.objects.known(known_at).filter(
        customer=customer, model__versions__status=VersionStatus.PUBLISHED
    )
    related = periods.select_related("model", "stage", "rule", "version", "actor")
    rows: list[Any] = list(
        related.annotate(
            read_at=ClockTimestamp(),
            due_at=_due(),
            parking_id=_parked(),
            has_components=Exists(Component.objects.filter(model=OuterRef("model"))),
            before_id=believed_before(),
        ).order_by("-model__is_primary", "model", "entered_at")
    )
    return Told(
        [row.as_known_at(known_at) for row in rows],
        rows[0].read_at if rows else None,
        {row.model_id: row.due_at for row in rows if row.due_at},
        {row.model_id: row.parking_id for row in rows if row.parking_id},
        {row.model_id for row in rows if row.has_components},
    )


def periods_of(customer: Customer) -> list[StagePeriod]:
    return told_of(customer).periods


def _due() -> Subquery:
    due = NextDue.objects.filter(customer=OuterRef("customer"), model=OuterRef("model"))
    return Subquery(due.values("at"))


def _parked() -> Subquery:
    parked = Parking.objects.filter(customer=OuterRef("customer"), model=OuterRef("model"), released_at=None)
    return Subquery(parked.values("pk"))


def current_periods(customer: Customer) -> list[StagePeriod]:
    """Where the customer is now: one period per running model, the primary model's first."""
    return [period for period in periods_of(customer) if period.left_at is None]


@dataclass(frozen=True)
class Stretch:
    """A period on the strip: where it starts and how wide it is, in thousandths of the whole.

    `note` says when and why the history was changed here, where it was.
    """

    period: StagePeriod
    start: float
    width: float
    is_asked: bool
    note: str = ""


def path_of(
    periods: list[StagePeriod], *, as_of: datetime, notes: dict[int, str] | None = None
) -> list[Stretch]:
    """The periods entered before `as_of`, laid out over the time they took; short ones stay visible."""
    shown = [period for period in periods if period.entered_at < as_of]
    if not shown:
        return []
    spans = [((min(p.left_at or as_of, as_of)) - p.entered_at).total_seconds() for p in shown]
    least = max(sum(spans), 1) * LEAST_SHARE
    drawn = [max(span, least) for span in spans]
    scale = 1000 / sum(drawn)
    starts = [sum(drawn[:place]) * scale for place in range(len(drawn))]
    return [
        Stretch(
            period,
            round(start, 2),
            round(width * scale, 2),
            period is shown[-1],
            (notes or {}).get(period.pk, ""),
        )
        for period, start, width in zip(shown, starts, drawn, strict=True)
    ]


LEAST_SHARE = 0.012


@dataclass(frozen=True)
class StagePanel:
    """The Stage panel of a customer's page, of one model."""

    customer: Customer
    model: LifecycleModel
    models: list[LifecycleModel]
    period: StagePeriod | None
    path: list[Stretch]
    why: Why | None
    due: datetime | None
    as_of: datetime
    beside: list[Strip]

    @property
    def rows(self) -> list[Stretch]:
        """The path as a table: the latest first."""
        return self.path[::-1]

    @property
    def visits(self) -> list[Visits]:
        """Each stage once, with all stays there added up."""
        return visits_in((stretch.period for stretch in self.path), as_of=self.as_of)


def stage_panel(
    customer: Customer,
    *,
    model: str,
    as_of: datetime | None,
    zone: ZoneInfo,
    known_at: datetime | None = None,
) -> StagePanel | None:
    """Of one model, as of an instant or now, as known at another. None before the customer has any stage.

    One query for components where the model has any, three with purchases, one more for each test of events, twice that when the rule holds no more.
    What is missing elsewhere is asked apart.
    """
    told = _ask(customer, known_at) if known_at else told_of(customer)
    models = list({period.model_id: period.model for period in told.periods}.values())
    chosen = next((each for each in models if each.slug == model), models[0] if models else None)
    asked = as_of or told.read_at
    if chosen is None or asked is None:
        return None
    periods = [period for period in told.periods if period.model_id == chosen.pk]
    path = path_of(periods, as_of=asked, notes=notes_of(customer, periods, zone=zone))
    period = path[-1].period if path else None
    due = told.due.get(chosen.pk) if as_of is None else None
    return StagePanel(
        customer,
        chosen,
        models,
        period,
        path,
        why_here(customer, period, as_of=asked, zone=zone, known_at=known_at) if period else None,
        due if due and due > asked else None,
        asked,
        strips_of(customer, chosen, _scale(path, asked), known_at)
        if path and chosen.pk in told.with_components
        else [],
    )


def _scale(path: list[Stretch], end: datetime) -> Scale:
    return Scale([stretch.period.entered_at for stretch in path], [stretch.start for stretch in path], end)
