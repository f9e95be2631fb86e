"""One customer's two years: they come, look around, perhaps buy, buy again at their own pace, and one day stop.

Buy till you die (Fader, Hardie & Lee 2005): each has a rate of their own, and after each order a chance of their own
that it was the last. What happens to them on the way moves that chance.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import exp, log
from random import Random

from clm.demo.people import Person
from clm.demo.seasons import is_trouble, season

USUAL_GAP = 34.0  # days between two orders of somebody with a taste of 1
OFFICES_BUY = 0.6  # of what people at home do
LOOKS_FOR = 9.0  # days between coming and the first order, in the middle
STOPS = 0.155  # chance that an order is the last, for somebody with a patience of 1 and no mood
RETURNS = 0.12  # of those who stopped, after a long time
HOURS = (6.5, 22.5)


@dataclass
class Purchase:
    """`went_wrong` is what spoilt it: "late", "damaged" or nothing. `mood` is how the customer felt afterwards."""

    at: datetime
    went_wrong: str = ""
    mood: float = 0.0
    is_first: bool = False


@dataclass
class Life:
    person: Person
    came_on: int
    came_at: datetime
    purchases: list[Purchase] = field(default_factory=list)

    def mood_at(self, at: datetime) -> float:
        past = [purchase.mood for purchase in self.purchases if purchase.at <= at]
        return past[-1] if past else self.person.mood

    @property
    def newsletter_from(self) -> datetime | None:
        """Since when they have agreed to be written to."""
        if not self.person.reads_mail:
            return None
        ordered_at = self.purchases[0].at if self.purchases else None
        if self.person.signs_up_after is None:
            return ordered_at
        asked_at = self.came_at + timedelta(days=self.person.signs_up_after, seconds=30)
        return min(asked_at, ordered_at) if ordered_at else asked_at


@dataclass(frozen=True)
class Story:
    """The days the company has lived: day number 0 is `first`, and nothing happens after `last`."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def day(self, number: int) -> date:
        return self.first + timedelta(days=number)

    def at(self, number: float, person: Person, rng: Random) -> datetime:
        """Some moment of that day while people are awake, to the second."""
        hours = min(max(rng.gauss(14.5, 4.2), HOURS[0]), HOURS[1])
        local = datetime.combine(self.day(int(number)), time.min, tzinfo=person.market.zone)
        return (local + timedelta(seconds=round(hours * 3600) + rng.randrange(3600))).astimezone(UTC)


def live(person: Person, came_on: int, story: Story, rng: Random) -> Life:
    life = Life(person, came_on, story.at(came_on, person, rng))
    buys = person.channel.buys if person.channel else 0.7
    if rng.random() > buys * (OFFICES_BUY if person.is_office else 1):
        return life
    day = came_on + rng.lognormvariate(log(LOOKS_FOR), 1.1) * (1.8 if person.is_office else 1)
    mood = person.mood
    while day < story.days:
        at = max(story.at(day, person, rng), life.came_at + timedelta(minutes=rng.randrange(4, 50)))
        wrong = _what_went_wrong(int(day), story, rng)
        mood = 0.75 * mood + 0.25 * person.mood - (1.1 if wrong else -0.12)
        life.purchases.append(Purchase(at, wrong, mood, is_first=not life.purchases))
        if rng.random() < _chance_to_stop(person, mood, len(life.purchases)):
            if rng.random() > RETURNS:
                break
            day += rng.uniform(150, 330)
        else:
            day += _gap(person, story.day(int(day)), rng)
    return life


def _what_went_wrong(day: int, story: Story, rng: Random) -> str:
    late = 0.26 if is_trouble(day) else 0.07 if story.day(day).month == 12 else 0.035
    if rng.random() < late:
        return "late"
    return "damaged" if rng.random() < 0.018 else ""


def _chance_to_stop(person: Person, mood: float, orders: int) -> float:
    """Those who have ordered often rarely stop; the first order decides most."""
    habit = 2.1 if orders == 1 else 1.2 if orders == 2 else 0.8
    return min(0.9, STOPS * habit * exp(-0.45 * mood) / person.patience)


def _gap(person: Person, day: date, rng: Random) -> float:
    """In days. Nobody empties a bag in less than four; a busy season shortens the wait."""
    usual = USUAL_GAP / max(person.taste, 0.15) / season(day) ** 0.5
    return min(4 + rng.gammavariate(2.2, usual / 2.2), 340.0)
