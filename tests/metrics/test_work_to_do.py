"""How much a statement looks at where the database guesses wrong: tables of a new model have no statistics."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer, Order
from lifecycle.models import Stage, StagePeriod
from metrics.catalog import CATALOG, ask_all
from metrics.drop_off import DropOff
from metrics.names import Names
from tests.metrics.world import EARLY, World

CUSTOMERS, STAYS_EACH = 300, 3
MANY_TIMES = 40  # more than any metric looks at a stay, far less than there are other stays
MOST = MANY_TIMES * CUSTOMERS * STAYS_EACH


@pytest.fixture
def crowded(world: World) -> World:
    """All enter the first three stages, day after day, stay in the third and buy there."""
    model = world.model()
    stages = list(Stage.objects.order_by("position")[:STAYS_EACH])
    people = Customer.objects.bulk_create(Customer(name=f"Customer {number}") for number in range(CUSTOMERS))
    start = world.at("2025-03-01")
    StagePeriod.objects.bulk_create(
        StagePeriod(
            customer=person,
            original_customer=person,
            model=model,
            stage=stage,
            version=model.published(),
            cause="api",
            recorded_at=EARLY,
            entered_at=start + timedelta(days=place),
            left_at=None if place == 2 else start + timedelta(days=place + 1),
        )
        for person in people
        for place, stage in enumerate(stages)
    )
    Order.objects.bulk_create(
        Order(
            customer=person,
            original_customer=person,
            source="test",
            key=str(person.pk),
            currency="EUR",
            rate=1,
            gross=100,
            occurred_at=start + timedelta(days=STAYS_EACH),
            recorded_at=EARLY,
        )
        for person in people
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_customer, customers_order, lifecycle_stageperiod")
    return world


def looked_at(node: dict[str, Any]) -> float:
    """Rows and pairs of rows, over all steps of a plan."""
    told = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    here = sum(node.get(name, 0) for name in told) * node["Actual Loops"]
    return float(here + sum(looked_at(below) for below in node.get("Plans", ())))


def work_in(do: Callable[[], object]) -> float:
    with CaptureQueriesContext(connection) as asking:
        do()
    work = 0.0  # of what another metric asked as well, nothing
    for statement in [each["sql"] for each in asking if "row_to_json" in each["sql"]]:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}")
            ((plan,),) = cursor.fetchall()
        work += looked_at(json.loads(plan)[0]["Plan"] if isinstance(plan, str) else plan[0]["Plan"])
    return work


def work_of(world: World, slug: str, **asked: Any) -> float:
    if "stage" in CATALOG[slug].takes:
        asked["stage"] = Stage.objects.get(slug="discovery")
    return work_in(lambda: world.ask(slug, "2025-03-01", "2025-03-31", as_of="2025-06-30", **asked))


@pytest.mark.parametrize("is_as_known", [False, True], ids=["now", "as known then"])
def test_no_metric_compares_every_stay_with_every_other(crowded: World, is_as_known: bool) -> None:
    """One test for all of them: the crowd takes longer than the questions."""
    known = {"known_at": crowded.now} if is_as_known else {}
    work = {
        (slug, by, variant): work_of(crowded, slug, breakdown=by, variant=variant, **known)
        for slug, definition in CATALOG.items()
        for by in (None, *sorted(definition.breakdowns & {"stage"}))
        for variant in definition.variants or ("",)
    }

    assert sum(looked > CUSTOMERS for looked in work.values()) > len(CATALOG)
    assert {asked: looked for asked, looked in work.items() if looked > MOST} == {}


@pytest.mark.parametrize("is_as_known", [False, True], ids=["now", "as known then"])
@pytest.mark.parametrize("how", ["", "left", "stalled"])
def test_nor_does_the_list_of_who_dropped_off(crowded: World, how: str, is_as_known: bool) -> None:
    known = {"known_at": crowded.now} if is_as_known else {}
    question = crowded.question("2025-03-01", "2025-03-31", as_of="2025-12-30", **known)

    work = work_in(DropOff.of(question, crowded.setting, Names(), how=how).page)

    assert CUSTOMERS < work < MOST


def test_who_moved_on_and_who_dropped_off_of_the_same_stays_is_found_in_one_go(crowded: World) -> None:
    def looked_for(**days: int) -> float:
        question = crowded.question("2025-03-01", "2025-03-31", as_of="2025-06-30", breakdown="stage")
        asked = {slug: (slug, replace(question, days=each)) for slug, each in days.items()}
        return work_in(lambda: ask_all(asked, crowded.setting, names=Names()))

    other_days = looked_for(**{"stage-conversion": 30, "stage-drop-off": 31})

    assert CUSTOMERS < looked_for(**{"stage-conversion": 32, "stage-drop-off": 32}) < 0.6 * other_days
