"""What was is not told otherwise because the model has another order or fewer stages since."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import User
from clm.base import clock
from customers.models import Arrival
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import Kind, LifecycleModel, VersionStage
from lifecycle.places import places_of
from lifecycle.presets import install
from lifecycle.publishing import open_draft, publish
from metrics.models import Spend
from tests.factories import CustomerFactory, bought
from tests.lifecycle.shop import buyer, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> LifecycleModel:
    """The Swedish six stages; some bought at once, one of them again, one was lost, and one had been looking for long."""
    model = install("swedish-six", by=None)
    buyer(100)
    buyer(100, 50)
    buyer(300)
    now = clock.now()
    late = CustomerFactory(first_seen_at=now - timedelta(days=200))
    bought(late, 100, at=now - timedelta(days=100))
    Arrival.objects.note([late.pk], since=late.first_seen_at)
    evaluate_changed()
    return model


@pytest.fixture
def ask(model: LifecycleModel, sign_in: Callable[[User], Client], analyst: User) -> Callable[[str], Any]:
    first, last = (clock.now().date() - timedelta(days=days) for days in (350, 40))

    def ask(metric: str, more: str = "") -> Any:
        path = f"/api/v1/metrics/{metric}/?from={first}&to={last}&as_of={last}&{more}"
        told = sign_in(analyst).get(path).json()
        return [(row["keys"], row["result"]["value"], row.get("flag")) for row in told["rows"]]

    return ask


def take_out(model: LifecycleModel, slug: str, heir: str) -> None:
    draft = open_draft(model, by=None)
    draft.rules.filter(stage__slug=slug).delete()
    draft.stage_uses.filter(stage__slug=slug).delete()
    publish(draft, by=None, heirs={slug: heir})
    work_off()


def turn_round(model: LifecycleModel) -> None:
    """The next version has its stages in the opposite order."""
    draft = open_draft(model, by=None)
    uses = list(draft.stage_uses.order_by("-position"))
    for place, use in enumerate(uses, start=1):
        VersionStage.objects.filter(pk=use.pk).update(position=place)
    publish(draft, by=None)
    work_off()


@pytest.mark.parametrize("change", [lambda m: take_out(m, "conversion", "engagement"), turn_round],
                         ids=["taken out", "turned round"])  # fmt: skip
@pytest.mark.parametrize(
    ("metric", "more"),
    [
        ("stage-conversion", "days=60&breakdown=stage&variant=reached"),
        ("stage-conversion", "days=60&breakdown=stage&target=engagement&variant=reached"),
        ("stage-to-stage", "days=60&variant=reached"),
        ("stage-drop-off", "days=60&breakdown=stage"),
        ("stage-survival", ""),
        ("stage-destinations", ""),
        ("stage-flow", ""),
    ],
)
def test_last_years_answers_stay(
    model: LifecycleModel, ask: Callable[..., Any], change: Callable[..., None], metric: str, more: str
) -> None:
    before = ask(metric, more)

    change(model)

    assert before
    assert sorted(map(str, ask(metric, more))) == sorted(map(str, before))


def test_one_that_was_taken_out_stands_behind_the_one_before_it(model: LifecycleModel) -> None:
    take_out(model, "conversion", "engagement")

    places = places_of(model.pk, clock.now())

    stages = {stage.slug: places[stage.pk] for stage in model.stages.all()}
    order = sorted(stages, key=lambda slug: stages[slug].place)
    assert order == ["discovery", "engagement", "conversion", "retention", "loyalty", "advocacy", "churned"]
    assert [slug for slug in order if not stages[slug].in_use] == ["conversion"]


def test_what_a_stage_stood_for_is_what_it_cost_then(
    model: LifecycleModel, ask: Callable[..., Any], marketer: User
) -> None:
    """Conversion no longer stands for buying but for being loyal, as Loyalty does: last year's costs go on as they were."""
    now = clock.now()
    Spend.objects.create(
        source="books", key="1", occurred_at=now - timedelta(days=200), amount=300, currency="USD",
        reporting=300, type="ads", recorded_at=now,
    )  # fmt: skip
    before = ask("cac", "breakdown=stage")
    draft = open_draft(model, by=None)
    draft.stage_uses.filter(stage__slug="conversion").update(kind=Kind.LOYAL, other_kinds=[])
    publish(draft, by=None)
    work_off()

    assert [row for row in before if row[1] is not None]
    assert ask("cac", "breakdown=stage") == before
