"""Activities beside the stages, as one customer's page tells them: when they ran, drawn along the path, and what runs."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from customers.models import Customer
from lifecycle.models import Component, ComponentPeriod, LifecycleModel


@dataclass(frozen=True)
class Bar:
    """One run on the picture, in thousandths of the whole."""

    period: ComponentPeriod
    start: float
    width: float


@dataclass(frozen=True)
class Strip:
    """All runs of one component; `running` is the one under way at the instant asked about."""

    component: Component
    bars: list[Bar]
    running: ComponentPeriod | None

    @property
    def last(self) -> ComponentPeriod:
        return self.bars[-1].period


@dataclass(frozen=True)
class Scale:
    """Where an instant lies on the picture of the path, whose short stays are drawn wider than they were."""

    starts: Sequence[datetime]
    places: Sequence[float]
    end: datetime

    def place(self, at: datetime) -> float:
        index = max(bisect_right(self.starts, at) - 1, 0)
        ends = [*self.starts[1:], self.end]
        right = [*self.places[1:], 1000.0]
        length = (ends[index] - self.starts[index]).total_seconds()
        share = (at - self.starts[index]).total_seconds() / length if length > 0 else 0
        return self.places[index] + max(0.0, min(share, 1.0)) * (right[index] - self.places[index])


LEAST = 4.0  # so that a run of a day can be seen


def strips_of(
    customer: Customer, model: LifecycleModel, scale: Scale, known_at: datetime | None = None
) -> list[Strip]:
    """The components that ran before the end of the scale, in the model's order, as known at an instant. One query."""
    periods = ComponentPeriod.objects.known(known_at).filter(
        customer=customer, component__model=model, started_at__lt=scale.end
    )
    rows = periods.select_related("component").order_by("component__position", "component", "started_at")
    return [_strip(list(runs), scale) for _component, runs in groupby(rows, key=lambda row: row.component_id)]


def _strip(runs: list[ComponentPeriod], scale: Scale) -> Strip:
    last = runs[-1]
    is_running = last.ended_at is None or last.ended_at >= scale.end
    return Strip(runs[0].component, [_bar(run, scale) for run in runs], last if is_running else None)


def _bar(period: ComponentPeriod, scale: Scale) -> Bar:
    start = scale.place(period.started_at)
    width = max(scale.place(min(period.ended_at or scale.end, scale.end)) - start, LEAST)
    return Bar(period, round(min(start, 1000 - width), 2), round(width, 2))
