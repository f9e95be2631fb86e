"""What the sales reps are after: offices that asked for a quote, and good customers who could take more."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from clm.demo.life import Life
from clm.demo.staff import DemoUser, rep_for

PEOPLE = (8, 12, 15, 20, 25, 30, 40, 60, 90)
EUROS_A_HEAD = Decimal(34)  # a year
ACTIONS = ("Call back", "Send the offer", "Book a tasting", "Ask about the samples", "Agree on a start date")
REASONS = ("Too expensive", "Stays with the present supplier", "No budget this year", "Never answered")
GIVEN_UP_AFTER = 50  # days
FORGOTTEN, FORGOTTEN_FOR = 0.07, 45  # a few stay open beyond that, for so many days at most
TAKE_MORE = 7  # orders, after which a rep offers the larger plan


@dataclass
class Pursuit:
    """`steps` by name and instant, after the opening."""

    customer: str
    rep: DemoUser
    opened_at: datetime
    title: str
    value: Decimal
    currency: str
    channel: str = ""
    steps: list[tuple[str, datetime]] = field(default_factory=list)
    lost_reason: str = ""
    next_action: str = ""
    next_action_on: date | None = None
    expected_close_on: date | None = None

    @property
    def is_open(self) -> bool:
        return not self.steps or self.steps[-1][0] not in ("converted", "lost")


def pursuits(life: Life, until: datetime, rng: Random) -> Iterator[Pursuit]:
    person = life.person
    if person.is_office or rng.random() < 0.012:
        yield _first(life, until, rng)
    if person.is_office and len(life.purchases) >= TAKE_MORE and rng.random() < 0.6:
        yield _larger(life, until, rng)


def _begun(life: Life, opened_at: datetime, title: str, rng: Random) -> Pursuit:
    person = life.person
    heads = rng.choice(PEOPLE)
    worth = (heads * EUROS_A_HEAD * person.market.price).quantize(Decimal(100))
    return Pursuit(
        person.key,
        rep_for(person.market.country, person.number),
        opened_at.replace(microsecond=0),
        title % {"people": heads},
        worth,
        person.market.currency,
    )


def _first(life: Life, until: datetime, rng: Random) -> Pursuit:
    begun = _begun(life, life.came_at + timedelta(minutes=10), "Coffee for %(people)d people", rng)
    begun.channel = life.person.channel.name if life.person.channel else ""
    won_at = life.purchases[0].at if life.purchases else None
    return _pursue(begun, won_at, until, rng)


def _larger(life: Life, until: datetime, rng: Random) -> Pursuit:
    """A second pursuit of a customer who buys already."""
    opened_at = life.purchases[TAKE_MORE - 1].at + timedelta(days=2)
    opened_at = min(opened_at, until - timedelta(hours=5))
    begun = _begun(life, opened_at, "Larger plan for %(people)d people", rng)
    won_at = opened_at + timedelta(days=rng.uniform(9, 60)) if rng.random() < 0.5 else None
    return _pursue(begun, won_at if won_at and won_at < until else None, until, rng)


def _pursue(begun: Pursuit, won_at: datetime | None, until: datetime, rng: Random) -> Pursuit:
    at = begun.opened_at
    for step, days in (("contacted", 2.0), ("qualified", 6.0), ("proposed", 8.0)):
        at += timedelta(days=rng.expovariate(1 / days), minutes=20)
        if at >= (won_at or until) or _is_left_lying(begun, until, rng):
            break
        begun.steps.append((step, at.replace(microsecond=0)))
    if won_at:
        begun.steps.append(("converted", won_at))
    else:
        _give_up_or_go_on(begun, at, until, rng)
    return begun


def _is_left_lying(begun: Pursuit, until: datetime, rng: Random) -> bool:
    """Everybody who asks is called back within three weeks."""
    may_wait = bool(begun.steps) or until - begun.opened_at < timedelta(days=21)
    return rng.random() < 0.12 and may_wait


def _give_up_or_go_on(begun: Pursuit, at: datetime, until: datetime, rng: Random) -> None:
    lost_at = max(at, begun.opened_at) + timedelta(days=rng.uniform(0.6, 1.4) * GIVEN_UP_AFTER)
    forgotten_at = lost_at + timedelta(days=FORGOTTEN_FOR)
    if lost_at < until and (forgotten_at < until or rng.random() >= FORGOTTEN):
        begun.steps.append(("lost", lost_at.replace(microsecond=0)))
        begun.lost_reason = rng.choice(REASONS)
        return
    today = (until + timedelta(hours=12)).date()
    begun.next_action = rng.choice(ACTIONS)
    begun.next_action_on = today + timedelta(days=rng.choice((-9, -4, -1, 0, 0, 1, 1, 2, 2, 3, 5, 8, 12)))
    begun.expected_close_on = today + timedelta(days=rng.randrange(10, 60))
