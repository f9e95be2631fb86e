"""What a simulation says of publishing now is what publishing then does; and until then it does nothing."""

from collections import Counter
from datetime import timedelta

import pytest

from clm.accounts.models import AuditEntry, Job
from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.admission import MoveSet, admit
from lifecycle.models import (
    Cause,
    EdgePolicy,
    LifecycleModel,
    ModelVersion,
    Parking,
    Policy,
    Rule,
    SimulatedMove,
    Simulation,
    Span,
)
from lifecycle.publishing import publish
from lifecycle.retiring import retire
from lifecycle.simulating.asking import Question, simulate
from lifecycle.simulating.telling import Told
from tests.factories import CustomerFactory, EventFactory, bought
from tests.lifecycle.shop import six_stages, stage, work_off
from tests.lifecycle.simulating.trying import company, drafted, live, places

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> LifecycleModel:
    model = six_stages()
    company()
    return model


def told(simulation: Simulation) -> dict[tuple[str, str], int]:
    slugs = dict(simulation.version.model.stages.values_list("pk", "slug"))
    flows = simulation.result["flows"]
    return {(slugs.get(flow["from"], "none"), slugs[flow["to"]]): flow["customers"] for flow in flows}


def published(draft: ModelVersion) -> dict[tuple[str, str], int]:
    """Publish it, and see who went where."""
    before = places(draft.model)
    publish(draft, by=None)
    work_off()
    after = places(draft.model)
    moved = [(before.get(pk, "none"), after[pk]) for pk in after if before.get(pk) != after[pk]]
    return dict(Counter(moved))


def test_it_writes_nothing_but_its_own(model, marketer):
    draft = drafted(model, churned=90, retention=90, loyalty=90)
    before = live()
    audited, jobs = AuditEntry.objects.count(), Job.objects.count()

    simulation = simulate(draft, Question(), by=marketer)

    assert simulation.finished_at is not None
    assert live() == before
    entry = AuditEntry.objects.latest("pk")
    assert (AuditEntry.objects.count(), entry.action, entry.actor) == (
        audited + 1,
        "version.simulated",
        marketer,
    )
    assert Job.objects.count() == jobs + 1
    assert simulation.job.status == "done"


def test_its_counts_are_those_of_publishing(model):
    draft = drafted(model, churned=90, retention=90, loyalty=90)

    simulation = simulate(draft, Question(), by=None)

    expected = {("retention", "churned"): 3, ("loyalty", "churned"): 1}
    assert told(simulation) == expected
    assert published(draft) == expected
    counts = {line["stage"]: line for line in simulation.result["stages"]}
    churned = counts[stage("churned").pk]
    assert churned == {"stage": stage("churned").pk, "now": 1, "after": 5, "entering": 4, "leaving": 0}
    assert sum(line["after"] for line in counts.values()) == simulation.result["customers"] == 10
    assert Counter(places(model).values()) == {
        slug: counts[stage(slug).pk]["after"]
        for slug in ("discovery", "conversion", "retention", "loyalty", "churned")
    }


def test_holds_and_the_parked_stay_put_as_they_do_in_truth(model):
    held, parked = [pk for pk, slug in sorted(places(model).items()) if slug == "retention"][-2:]
    admit(MoveSet([held], stage("loyalty"), "promised"), source=Cause.PERSON)
    Parking.objects.create(customer_id=parked, model=model, reason="ping-pong")
    draft = drafted(model, churned=90, retention=90, loyalty=90)

    simulation = simulate(draft, Question(), by=None)

    assert told(simulation) == {("retention", "churned"): 1, ("loyalty", "churned"): 1}
    assert simulation.result["parked"] == 1
    assert simulation.result["customers"] == 10
    assert published(draft) == told(simulation)


def test_a_minimum_stay_keeps_whom_it_would_keep(model):
    draft = drafted(model, churned=90, retention=90, loyalty=90)
    draft.stage_uses.filter(stage=stage("retention")).update(minimum_stay_days=120)

    simulation = simulate(draft, Question(), by=None)

    # Of those who bought 100, 140 and 170 days ago the first has been in retention for 70 days only.
    assert told(simulation) == {("retention", "churned"): 2, ("loyalty", "churned"): 1}
    assert published(draft) == told(simulation)


def test_a_forbidden_move_falls_through_to_the_next_rule(model):
    draft = drafted(model, churned=90, retention=400, loyalty=90)
    EdgePolicy.objects.create(
        version=draft,
        from_stage=stage("loyalty"),
        to_stage=stage("churned"),
        source="rule",
        policy=Policy.FORBIDDEN,
    )

    simulation = simulate(draft, Question(), by=None)

    assert told(simulation) == {("retention", "churned"): 3, ("loyalty", "retention"): 1}
    assert published(draft) == told(simulation)


def test_news_that_no_pass_has_seen_counts_from_today_as_it_does_in_truth(model):
    customer = next(pk for pk, slug in places(model).items() if slug == "churned")
    bought(Customer.objects.get(pk=customer), 100, at=clock.now() - timedelta(seconds=5))
    draft = drafted(model, advocacy=10)

    simulation = simulate(draft, Question(), by=None)

    assert told(simulation) == {("churned", "retention"): 1}
    assert published(draft) == told(simulation)


def test_news_of_days_ago_that_still_wait_count_from_their_day_as_they_do_in_truth(model):
    curious = next(pk for pk, slug in places(model).items() if slug == "discovery")
    clicked = {"condition": "event", "parameters": {"names": ["email.clicked"], "within_days": 2}}
    Rule.objects.filter(version=model.published(), stage=stage("engagement")).update(condition=clicked)
    draft = drafted(model)
    draft.rules.filter(stage=stage("engagement")).delete()
    days_ago = clock.now() - timedelta(days=5)
    EventFactory(customer=Customer.objects.get(pk=curious), name="email.clicked", occurred_at=days_ago)
    Arrival.objects.note([curious], since=days_ago)

    simulation = simulate(draft, Question(), by=None)

    assert told(simulation) == {("discovery", "engagement"): 1}
    assert published(draft) == told(simulation)


def test_a_retired_model_is_tried_over_all_history_as_publishing_brings_it_back(model):
    LifecycleModel.objects.filter(pk=model.pk).update(is_primary=False)
    retire(model, by=None)
    draft = drafted(model)
    draft.rules.filter(stage=stage("loyalty")).delete()

    simulation = simulate(draft, Question(), by=None)

    assert simulation.span == Span.HISTORY
    assert told(simulation) == {("loyalty", "retention"): 2}
    assert published(draft) == told(simulation)


def test_who_has_no_stage_yet_would_get_one(model):
    CustomerFactory(first_seen_at=clock.now() - timedelta(days=2))
    draft = drafted(model, advocacy=10)

    simulation = simulate(draft, Question(), by=None)

    assert told(simulation) == {("none", "discovery"): 1}
    assert simulation.result["customers"] == 11
    assert published(draft) == told(simulation)


def test_a_model_s_first_version_is_tried_over_all_history(model):
    other = LifecycleModel.objects.create(slug="other", labels={"en": "Other"})
    first = other.stages.create(slug="first", kind="aware", position=0, is_initial=True)
    second = other.stages.create(slug="second", kind="buying", position=1)
    draft = ModelVersion.objects.create(model=other, number=1)
    for place, each in enumerate((first, second)):
        draft.stage_uses.create(stage=each, position=place)
    draft.rules.create(
        stage=second, priority=1, condition={"condition": "purchase_days", "parameters": {"at_least": 3}}
    )

    simulation = simulate(draft, Question(), by=None)

    by_stage = {line["stage"]: (line["now"], line["after"]) for line in simulation.result["stages"]}
    assert by_stage == {first.pk: (0, 8), second.pk: (0, 2)}
    assert places(other) == {}


def test_every_example_says_which_rule_would_move_them(model, marketer):
    simulation = simulate(drafted(model, churned=90, retention=90, loyalty=90), Question(), by=None)

    told_of = Told(simulation, marketer)
    assert {move.customer_id for move in SimulatedMove.objects.all()} == {
        each.customer.pk for each in told_of.affected
    }
    assert {(each.from_stage.slug, each.to_stage.slug, each.why) for each in told_of.affected} == {
        ("retention", "churned", "Has stopped buying: last purchase over 90 days ago"),
        ("loyalty", "churned", "Has stopped buying: last purchase over 90 days ago"),
    }


def test_people_of_a_stage_that_is_no_more_go_where_publishing_sends_them(model):
    parked = next(pk for pk, slug in sorted(places(model).items()) if slug == "loyalty")
    Parking.objects.create(customer_id=parked, model=model, reason="ping-pong")
    draft = drafted(model)
    draft.rules.filter(stage__slug__in=["loyalty", "advocacy"]).delete()
    draft.stage_uses.filter(stage__slug="loyalty").delete()
    heirs = {"loyalty": "advocacy"}

    simulation = simulate(draft, Question(heirs=heirs), by=None)

    assert told(simulation) == {("loyalty", "retention"): 1, ("loyalty", "advocacy"): 1}
    before = places(model)
    publish(draft, by=None, heirs=heirs)
    work_off()
    after = places(model)
    assert {(before[pk], after[pk]) for pk in before if before[pk] != after[pk]} == set(told(simulation))
