"""The six-stage rules once more, in plain Python and a day at a time: an oracle that shares no code with the engine."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ENGAGING = {"email.clicked", "form.submitted", "webinar.attended", "trial.started"}
SPEAKING = {"referral.made", "review.posted"}


@dataclass
class Facts:
    """One customer's: orders (instant, amount, [(instant of refund, amount)]) and events (instant, name, score)."""

    orders: list[tuple[datetime, int, list[tuple[datetime, int]]]] = field(default_factory=list)
    events: list[tuple[datetime, str, int | None]] = field(default_factory=list)

    def instants(self) -> list[datetime]:
        return [order[0] for order in self.orders] + [event[0] for event in self.events]


def stage_on(facts: Facts, day: date, zone: ZoneInfo) -> str | None:
    """Where the rules send the customer at the end of a local day; None when no rule holds."""
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)
    bought = sorted({at.astimezone(zone).date() for at, amount, refunds in facts.orders
                     if at < end and amount - sum(back for when, back in refunds if when < end) > 0})  # fmt: skip
    recent = [event for event in facts.events if event[0] < end]

    def ago(at: datetime) -> int:
        return (day - at.astimezone(zone).date()).days

    last = (day - bought[-1]).days if bought else None
    loyal = (
        last is not None and last <= 180 and sum((day - bought_on).days <= 365 for bought_on in bought) >= 3
    )
    speaks = any(
        ago(at) <= 365 and (name in SPEAKING or (name == "nps.answered" and score is not None and score >= 9))
        for at, name, score in recent
    )
    if loyal:
        return "advocacy" if speaks else "loyalty"
    if last is not None and last > 180:
        return "churned"
    if len(bought) == 1 and last is not None and last <= 30:
        return "conversion"
    if last is not None:
        return "retention"
    clicks = sum(ago(at) <= 90 and name in ENGAGING for at, name, _score in recent)
    views = sum(ago(at) <= 90 and name == "page.viewed" for at, name, _score in recent)
    return "engagement" if clicks or views >= 2 else None


def path(facts: Facts, until: date, zone: ZoneInfo) -> list[tuple[str, date]]:
    """(stage, local day of entry), from the first fact to the end of `until`."""
    first = min(facts.instants()).astimezone(zone).date()
    steps = [("discovery", first)]
    day = first
    while day <= until:
        stage = stage_on(facts, day, zone)
        if stage is None and steps[-1][0] == "engagement" and (day - steps[-1][1]).days >= 90:
            stage = "discovery"
        if stage and stage != steps[-1][0]:
            steps.append((stage, day))
        day += timedelta(days=1)
    return steps
