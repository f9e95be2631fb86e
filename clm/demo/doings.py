"""What customers do besides ordering: look, click, ask, come to a webinar, complain, recommend."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import exp
from random import Random

from clm.demo.life import Life, Purchase, Story

Row = dict[str, object]

PAGES = ("/", "/coffee/", "/tea/", "/equipment/", "/gifts/", "/office/", "/guides/pour-over/", "/shipping/")
WEBINARS = ("Brew better at home", "Coffee for the office", "From bean to cup", "A year of tea")
SUBJECTS = (
    "New harvest from Huila",
    "Three brews for the weekend",
    "What goes with rhubarb",
    "Back in stock",
)
WEBINAR_EVERY = 30  # days
FADES = 150.0  # days until the interest of somebody who has bought is down to a third
FADES_UNSOLD = 45.0  # and of somebody who has not


class Doings:
    """The events of one customer, each with a key of its own."""

    def __init__(self, life: Life, story: Story, until: datetime, rng: Random) -> None:
        self.life, self.story, self.until, self.rng = life, story, until, rng
        self.person = life.person
        self.count = 0

    def rows(self) -> Iterator[Row]:
        yield from self._arrival()
        yield from self._interest()
        for purchase in self.life.purchases:
            yield from self._around(purchase)
            yield from self._afterwards(purchase)

    def _event(self, name: str, at: datetime, **properties: object) -> Iterator[Row]:
        """Nothing of what has not happened yet."""
        if at < self.until:
            self.count += 1
            key = f"{self.person.key}-e{self.count}"
            found: Row = {
                "customer": self.person.key,
                "key": key,
                "name": name,
                "occurred_at": at.replace(microsecond=0),
            }
            yield found | ({"properties": properties} if properties else {})

    def _arrival(self) -> Iterator[Row]:
        rng, at = self.rng, self.life.came_at
        for look in range(rng.choice((1, 1, 1, 1, 1, 2))):
            yield from self._look(at + timedelta(minutes=look * 2))
        if self.person.signs_up_after is not None and (asked_at := self.life.newsletter_from):
            yield from self._event("form.submitted", asked_at, form="newsletter")
        if self.person.is_office and rng.random() < 0.65:
            asked_at = at + timedelta(days=rng.expovariate(1 / 3), minutes=9)
            yield from self._event("form.submitted", asked_at, form="office quote")
        if rng.random() < (0.4 if self.person.is_office else 0.05):
            later = at + timedelta(days=rng.uniform(1, 12))
            yield from self._event("trial.started", later, product="Tasting box, two weeks")

    def _look(self, at: datetime) -> Iterator[Row]:
        pages = (5, 8, 5, 3, 2, 2, 3, 1)
        yield from self._event("page.viewed", at, path=self.rng.choices(PAGES, pages)[0])

    def _interest(self) -> Iterator[Row]:
        """Month by month: a look at the shop, a click in the newsletter, a webinar."""
        if not self.life.purchases and self.rng.random() < 0.5:
            return
        day = self.life.came_on + self.rng.uniform(5, 25)
        while day < self.story.days:
            at = self.story.at(day, self.person, self.rng)
            warmth = self._warmth(at)
            if self.rng.random() < 0.34 * warmth:
                yield from self._look(at)
                if self.rng.random() < 0.3:
                    yield from self._look(at + timedelta(minutes=3))
            subscribed = self.life.newsletter_from
            if subscribed and subscribed < at and self.rng.random() < 0.3 * warmth:
                mail = at + timedelta(hours=self.rng.uniform(1, 5))
                yield from self._event("email.clicked", mail, subject=self.rng.choice(SUBJECTS))
            if self.rng.random() < 0.05 * warmth:
                yield from self._event("cart.abandoned", at + timedelta(minutes=6), items=1)
            if self.rng.random() < 0.03 * warmth:
                yield from self._webinar(day)
            day += 30 * self.rng.uniform(0.7, 1.3)

    def _warmth(self, at: datetime) -> float:
        """1 for a customer who buys, less the longer ago the last reason to come."""
        past = [purchase.at for purchase in self.life.purchases if purchase.at <= at]
        since = (at - (past[-1] if past else self.life.came_at)).total_seconds() / 86400
        return exp(-since / (FADES if past else FADES_UNSOLD))

    def _webinar(self, day: float) -> Iterator[Row]:
        number = int(day // WEBINAR_EVERY) + 1
        on = number * WEBINAR_EVERY
        if on < self.story.days:
            at = self.story.at(on, self.person, self.rng)
            yield from self._event("webinar.attended", at, webinar=WEBINARS[number % len(WEBINARS)])

    def _around(self, purchase: Purchase) -> Iterator[Row]:
        rng = self.rng
        if rng.random() < 0.16:
            before = purchase.at - timedelta(days=rng.uniform(0.5, 4))
            if before > self.life.came_at:
                yield from self._event("cart.abandoned", before, items=rng.choice((1, 1, 2, 3)))
        for look in range(rng.choice((0, 0, 1, 1, 2))):
            yield from self._look(purchase.at - timedelta(minutes=4 + 3 * look))

    def _afterwards(self, purchase: Purchase) -> Iterator[Row]:
        rng = self.rng
        if rng.random() < {"late": 0.6, "damaged": 0.85}.get(purchase.went_wrong, 0.025):
            yield from self._ticket(purchase)
        speaks = purchase.mood > 0.55 and not purchase.went_wrong
        if rng.random() < (0.045 if speaks else 0.006):
            at = purchase.at + timedelta(days=rng.uniform(4, 20))
            yield from self._event("review.posted", at, stars=5 if speaks else rng.choice((1, 2, 3, 4)))
        if speaks and rng.random() < 0.035:
            at = purchase.at + timedelta(days=rng.uniform(2, 30))
            yield from self._event("referral.made", at, code=f"FRIEND-{self.person.number}")

    def _ticket(self, purchase: Purchase) -> Iterator[Row]:
        rng = self.rng
        kind = {"late": "delivery", "damaged": "complaint"}.get(purchase.went_wrong, "question")
        opened = purchase.at + timedelta(days=rng.uniform(2, 6))
        hours = rng.lognormvariate(3.0, 0.8) * (2.2 if purchase.went_wrong == "late" else 1)
        ticket = f"T-{self.person.number}-{self.count}"
        yield from self._event(
            "ticket.opened",
            opened,
            ticket=ticket,
            type=kind,
            priority="high" if kind == "complaint" else "normal",
        )
        closed = opened + timedelta(hours=hours)
        yield from self._event("ticket.closed", closed, ticket=ticket, hours=round(hours))


def touches(life: Life, story: Story, until: datetime, rng: Random) -> Iterator[Row]:
    """The visits that came from somewhere: the first one, and what brought the customer back before ordering."""
    person, rows = life.person, []
    if person.channel is None:
        return
    first = life.purchases[0].at if life.purchases else until
    rows.append((life.came_at - timedelta(minutes=1), person.channel.name, person.channel.campaigns))
    at = life.came_at
    while rng.random() < 0.38:
        at += timedelta(days=rng.expovariate(1 / 6), minutes=1)
        name = rng.choices(("Paid social", "Paid search", "Organic search", "E-mail"), (4, 2, 3, 3))[0]
        if at < first and (name != "E-mail" or person.reads_mail):
            rows.append((at, name, ()))
    for number, (touched_at, name, campaigns) in enumerate(rows):
        row: Row = {
            "customer": person.key,
            "key": f"{person.key}-t{number}",
            "occurred_at": touched_at.replace(microsecond=0),
            "channel": name,
        }
        yield row | ({"campaign": rng.choice(campaigns)} if campaigns else {})


def consents(life: Life, until: datetime, rng: Random) -> Iterator[Row]:
    """Given on arrival; some take it back, most of them after something went wrong."""
    person = life.person
    given_at = life.newsletter_from
    if given_at is None or given_at >= until:
        return
    yield _consent(person.key, "marketing", given_at, is_given=True)
    for purpose, share in (("open_tracking", 0.7), ("click_tracking", 0.7), ("profiling", 0.55)):
        if rng.random() < share:
            yield _consent(person.key, purpose, given_at, is_given=True)
    upset = [purchase.at for purchase in life.purchases if purchase.mood < -0.8]
    if rng.random() < (0.3 if upset else 0.07):
        at = (upset[0] if upset else given_at) + timedelta(days=rng.uniform(3, 120))
        if at < until:
            yield _consent(person.key, "marketing", at, is_given=False)


def _consent(customer: str, purpose: str, at: datetime, *, is_given: bool) -> Row:
    return {
        "customer": customer,
        "key": f"{customer}-{purpose}-{'yes' if is_given else 'no'}",
        "occurred_at": at.replace(microsecond=0),
        "purpose": purpose,
        "is_given": is_given,
        "text_version": "2025-01" if is_given else "",
    }
