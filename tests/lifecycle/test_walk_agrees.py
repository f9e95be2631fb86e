"""Full pass, increments and replay agree with one another and with a plain day-by-day reading of the rules."""

import os
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Response, Survey
from clm.accounts.models import Organisation
from clm.base import clock
from customers.models import Arrival, Customer, Event, Order, Refund
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.models import StagePeriod
from lifecycle.presets import install
from lifecycle.replay import replay
from tests.lifecycle.plain import Facts, path

ZONE = ZoneInfo("Europe/Copenhagen")
START = datetime(2024, 1, 1, tzinfo=UTC)
END = datetime(2026, 1, 1, 23, 0, tzinfo=UTC)  # the end of 1 January in Copenhagen

pytestmark = pytest.mark.django_db

instants = st.integers(0, 700 * 24 * 4).map(lambda quarter: START + timedelta(minutes=15 * quarter))
names = st.sampled_from(["email.clicked", "page.viewed", "referral.made", "nps.answered", "newsletter.read"])


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    orders = []
    for at, amount in draw(st.lists(st.tuples(instants, st.integers(0, 3)), max_size=6)):
        refunds = draw(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 3)), max_size=1))
        orders.append((at, amount, [(at + timedelta(days=days), back) for days, back in refunds]))
    events = draw(st.lists(st.tuples(instants, names, st.integers(0, 10)), max_size=5))
    made = Facts(orders, events)
    if not made.instants():
        made.events.append((START, "newsletter.read", 0))
    return made


def write(customer: Customer, made: Facts) -> list[tuple[datetime, datetime, object]]:
    """Unsaved rows with the instants at which they happen: (known from, occurred, row)."""
    rows: list[tuple[datetime, datetime, object]] = []
    for number, (at, amount, refunds) in enumerate(made.orders):
        order = Order(customer=customer, original_customer=customer, source="t", key=f"{customer.pk}-{number}",
                      occurred_at=at, currency="EUR", gross=amount, rate=1)  # fmt: skip
        rows.append((at, at, order))
        for when, back in refunds:
            refund = Refund(customer=customer, original_customer=customer, source="t", key=f"r{customer.pk}-{number}",
                            occurred_at=when, currency="EUR", amount=back, rate=1, order=order)  # fmt: skip
            rows.append((when, when, refund))
    for number, (at, name, score) in enumerate(made.events):
        if name == "nps.answered":
            rows.append((at, at, answer(customer, at, score or 0, f"n{customer.pk}-{number}")))
            continue
        event = Event(customer=customer, original_customer=customer, source="t", key=f"e{customer.pk}-{number}",
                      occurred_at=at, name=name, properties={"score": score})  # fmt: skip
        rows.append((at, at, event))
    return rows


def answer(customer: Customer, at: datetime, score: int, key: str) -> Response:
    return Response(customer=customer, original_customer=customer, survey=Survey.objects.main(), source="t", key=key,
                    occurred_at=at, score=score)  # fmt: skip


def learn(row: object, at: datetime) -> None:
    if isinstance(row, Refund):
        row.order_id = row.order.pk
    row.save()  # type: ignore[attr-defined]
    Arrival.objects.note([row.customer_id], since=at)  # type: ignore[attr-defined]
    Customer.objects.filter(pk=row.customer_id, first_seen_at__gt=at).update(first_seen_at=at)  # type: ignore[attr-defined]


def stored(customer: Customer) -> list[tuple[str, object]]:
    periods = (
        StagePeriod.objects.live().filter(customer=customer).order_by("entered_at").select_related("stage")
    )
    return [(period.stage.slug, period.entered_at.astimezone(ZONE).date()) for period in periods]


def company(*made: Facts) -> list[tuple[Customer, Facts]]:
    Organisation.objects.update_or_create(pk=1, defaults={"zone": ZONE.key})
    return [(Customer.objects.create(first_seen_at=END), facts_) for facts_ in made]


class Undo(Exception):
    """Ends an example without leaving rows for the next."""


def without_hops_on_the_first_day(steps: list[tuple[str, object]]) -> list[tuple[str, object]]:
    """Whether the first stage lasted an hour of its day or none of it is beyond a reading day by day."""
    return steps[1:] if len(steps) > 1 and steps[0][1] == steps[1][1] else steps


few = settings(
    max_examples=int(os.environ.get("PROPERTY_EXAMPLES", "8")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@few
@given(st.lists(facts(), min_size=1, max_size=3), st.integers(1, 3))
def test_replay_reads_the_rules_day_by_day(made: list[Facts], batch: int) -> None:
    try:
        with transaction.atomic():
            people = company(*made)
            for customer, facts_ in people:
                for _known, at, row in write(customer, facts_):
                    learn(row, at)

            model = install("swedish-six", by=None)
            list(replay(model.published(), until=END, batch=batch))

            for customer, facts_ in people:
                assert without_hops_on_the_first_day(stored(customer)) == without_hops_on_the_first_day(
                    path(facts_, END.astimezone(ZONE).date() - timedelta(days=1), ZONE)
                )
            raise Undo
    except Undo:
        pass


@few
@given(made=st.lists(facts(), min_size=1, max_size=2), seed=st.integers(0, 999))
def test_increments_in_any_order_of_arrival_end_where_replay_does(made: list[Facts], seed: int) -> None:
    """Facts arrive late and shuffled while time goes by; conditions come due by themselves in between."""
    chance = random.Random(seed)
    real = clock.now
    try:
        with transaction.atomic():
            people = company(*made)
            model = install("swedish-six", by=None)
            arrivals = []
            for customer, facts_ in people:
                for _known, at, row in write(customer, facts_):
                    delay = chance.choice([timedelta(0), timedelta(days=chance.randint(0, 200))])
                    arrivals.append((min(at + delay, END - timedelta(seconds=1)), at, row))
            arrivals.sort(key=lambda arrival: (isinstance(arrival[2], Refund), arrival[0]))
            arrivals.sort(key=lambda arrival: arrival[0])
            for known, at, row in arrivals:
                if isinstance(row, Refund) and row.order.pk is None:
                    learn(row.order, row.order.occurred_at)
                if row.pk is None:  # type: ignore[attr-defined]
                    learn(row, at)
                clock.now = lambda known=known: known + timedelta(seconds=1)
                evaluate_changed()
            clock.now = lambda: END
            evaluate_changed()
            by_increments = [stored(customer) for customer, _facts in people]

            clock.now = real
            list(replay(model.published(), until=END))

            assert by_increments == [stored(customer) for customer, _facts in people]
            rows = StagePeriod.objects.count()
            list(replay(model.published(), until=END))
            assert StagePeriod.objects.count() == rows  # a second time changes nothing
            clock.now = lambda: END
            assert evaluate_all().inserted == 0
            raise Undo
    except Undo:
        pass
    finally:
        clock.now = real
