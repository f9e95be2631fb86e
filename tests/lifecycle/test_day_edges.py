"""Days where they are hard: clocks that change, a midnight that comes twice, zones in which today is tomorrow."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import DateTimeField, Value

from clm.accounts.models import Organisation
from clm.base.conditions import Asked, parse
from clm.base.days import StartOfDay, end_of, start_of
from customers.models import Arrival, Customer
from lifecycle.evaluation import evaluate_changed
from lifecycle.explanation import explain
from lifecycle.missing import free_at
from lifecycle.models import LifecycleModel, Rule, StagePeriod
from lifecycle.presets import install
from lifecycle.publishing import open_draft, publish
from lifecycle.replay import replay
from lifecycle.walking.fold import Moment, Stay, Walk
from tests.factories import CustomerFactory, bought
from tests.lifecycle.test_fold import BUYER, COPENHAGEN, GONE, NEW, TwoRules

HAVANA = ZoneInfo("America/Havana")
# On 1 November 2026 clocks in Havana go from 01:00 back to 00:00: midnight at 04:00 and again at 05:00 UTC.
FIRST_MIDNIGHT = datetime(2026, 11, 1, 4, tzinfo=UTC)


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return install("swedish-six", by=None)


def in_zone(zone: str) -> None:
    Organisation.objects.update_or_create(pk=1, defaults={"zone": zone})


def path(customer: Customer) -> list[tuple[str, datetime]]:
    periods = StagePeriod.objects.live().filter(customer=customer).order_by("entered_at")
    return [(period.stage.slug, period.entered_at) for period in periods]


@pytest.mark.parametrize(
    ("entered", "free"),
    [
        (
            datetime(2026, 3, 28, 11, tzinfo=UTC),
            datetime(2026, 3, 29, 10, tzinfo=UTC),
        ),  # noon, and noon again
        (datetime(2026, 10, 24, 10, tzinfo=UTC), datetime(2026, 10, 25, 11, tzinfo=UTC)),
    ],
)
def test_a_minimum_stay_ends_at_the_same_hour_over_a_clock_change(entered: datetime, free: datetime):
    rules = TwoRules(minimum_stays={BUYER: timedelta(days=1)})
    start = Stay(NEW, entered - timedelta(days=9), "initial", 1)
    walk = Walk([rules], start=start, carried=Moment(start.entered_at, "00"), zone=COPENHAGEN)
    moments = [Moment(entered, "10"), Moment(entered + timedelta(hours=15), "01")]

    history = walk.run(moments, [], until=entered + timedelta(days=5))

    assert [(stay.stage_id, stay.entered_at) for stay in history.stays][1:] == [
        (BUYER, entered),
        (GONE, free),
    ]
    assert free_at(entered, 1, COPENHAGEN) == free


def test_of_two_midnights_the_later_one_begins_the_day_in_python_and_sql(db: None):
    day = FIRST_MIDNIGHT.astimezone(HAVANA).date()
    asked = Organisation.objects.filter(pk=Organisation.objects.current().pk)
    at = Value(FIRST_MIDNIGHT, DateTimeField())

    (in_sql,) = asked.values_list(StartOfDay(at, HAVANA.key))[0]

    assert start_of(day, HAVANA) == in_sql == FIRST_MIDNIGHT + timedelta(hours=1)
    assert end_of(day - timedelta(days=1), HAVANA) == FIRST_MIDNIGHT + timedelta(hours=1)


@pytest.mark.parametrize("minutes", [-30, 15, 45, 75])
def test_an_order_around_the_midnight_that_comes_twice_moves_at_once_as_in_a_replay(
    model: LifecycleModel, minutes: int
):
    in_zone("America/Havana")
    customer: Customer = CustomerFactory(first_seen_at=FIRST_MIDNIGHT - timedelta(days=5))
    Arrival.objects.note([customer.pk], since=customer.first_seen_at)
    evaluate_changed()
    at = FIRST_MIDNIGHT + timedelta(minutes=minutes)

    bought(customer, 100, at=at)
    Arrival.objects.note([customer.pk], since=at)
    evaluate_changed()
    stepwise = path(customer)
    list(replay(model.published()))

    assert path(customer) == stepwise
    assert stepwise[1] == ("conversion", at)


def own_stage(model: LifecycleModel, days: int) -> None:
    """Publish a version in which who is in Conversion for so long becomes loyal."""
    draft = open_draft(model, by=None)
    rule = Rule.objects.filter(version=draft, stage__slug="loyalty").get()
    rule.condition = {
        "condition": "in_stage",
        "parameters": {"model": model.slug, "stages": ["conversion"], "for_days": days},
    }
    rule.save()
    publish(draft, by=None)
    list(replay(model.published()))


def test_time_in_the_own_stage_is_asked_as_of_a_day(model: LifecycleModel):
    own_stage(model, 10)
    entered = datetime(2026, 6, 1, 9, tzinfo=UTC)
    customer: Customer = CustomerFactory(first_seen_at=entered)
    bought(customer, 100, at=entered)
    list(replay(model.published()))

    def holds(day: int) -> bool:
        told = explain(customer, model, as_of=datetime(2026, 6, day + 1, tzinfo=UTC))
        assert told is not None
        return next(each for each in told.elsewhere if each.stage.slug == "loyalty").verdict.holds

    assert [holds(day) for day in (1, 9, 10)] == [False, False, False]
    told = explain(customer, model, as_of=datetime(2026, 6, 12, tzinfo=UTC))
    assert told is not None
    assert (told.period.stage.slug, told.period.entered_at) == ("loyalty", datetime(2026, 6, 11, tzinfo=UTC))


def test_the_day_in_a_sentence_is_the_local_one(model: LifecycleModel):
    in_zone("Pacific/Auckland")
    entered = datetime(2026, 6, 1, 20, tzinfo=UTC)  # 2 June, 08:00 there
    customer: Customer = CustomerFactory(first_seen_at=entered)
    bought(customer, 100, at=entered)
    list(replay(model.published()))
    tree = parse({"condition": "in_stage", "parameters": {"model": model.slug, "stages": ["conversion"]}})

    verdict = tree.explain(
        Customer.objects.filter(pk=customer.pk),
        Asked(zone="Pacific/Auckland", as_of=datetime(2026, 6, 10, tzinfo=UTC)),
    )

    assert verdict is not None
    assert verdict.evidence is not None
    assert verdict.evidence.have == "is in Conversion since 2026-06-02"
