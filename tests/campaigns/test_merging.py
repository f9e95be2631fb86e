"""Two customers become one and two again: what each app keeps of them, all together."""

import json
import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from campaigns.choosing import unsubscribe
from campaigns.enrolling import enroll
from campaigns.models import Enrollment, Message, Outcome, Suppression, SuppressionReason
from campaigns.suppressing import suppress
from clm.base import clock, inventory
from customers import profiles
from customers.intake import taking
from customers.leads.opening import open_lead
from customers.merging.consents import last_words
from customers.merging.merge import merge, unmerge
from customers.models import Arrival, Consent, Customer, CustomerMerge, MergedRow, Order, SegmentMember
from customers.segments import computing, filling
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import CurrentStage, StagePeriod
from tests.campaigns.outreach import message_step, running, wait_step
from tests.customers.segmented import dynamic, static
from tests.factories import ConsentFactory, EventFactory, OrderFactory, RefundFactory, bought
from tests.lifecycle.shop import stage_of

pytestmark = pytest.mark.django_db
BEHIND_THE_SCENES = ("customers_arrival", "customers_segmentcheck", "metrics_changedpurchases", "metrics_purchase",
                     "customers_customermerge", "customers_mergedrow", "customers_purchasesummary")  # fmt: skip
NEVER_TWICE = (
    "id",
    "first_id",
    "root",
    "recorded_at",
    "superseded_at",
    "changed_at",
    "undone_at",
    "search_text",
)


def everything(ids: list[int]) -> dict[str, list[str]]:
    """What is live of these customers, in every table, whichever version of a row tells it."""
    found: dict[str, list[str]] = {}
    for table in inventory.tables():
        name = table.model._meta.db_table
        if name in BEHIND_THE_SCENES:
            continue
        rows = table.model._default_manager.filter(**{f"{table.path[0]}__in": ids})
        columns = {str(column.column) for column in table.model._meta.concrete_fields}
        if "superseded_at" in columns:
            rows = rows.filter(superseded_at=None)
        kept = sorted(columns - set(NEVER_TWICE))
        found[name] = sorted(json.dumps(row, default=str, sort_keys=True) for row in rows.values(*kept))
    return found


def settle() -> None:
    """What the workers do within the next minutes."""
    for _round in range(3):
        evaluate_changed()
        computing.refresh_changed()
    enroll()


def known(name: str, number: int, **values: Any) -> Customer:
    return profiles.register(
        by=None,
        values={"name": name, "email": f"p{number}@example.com", **values},
        source="shop",
        external_id=f"C{number}",
    )


def lived(customer: Customer, chance: random.Random, number: int, by: Any) -> None:
    """Some months of a customer, different each time."""
    now = clock.now()
    for order in range(chance.randint(0, 3)):
        at = now - timedelta(days=chance.randint(1, 300))
        bought(customer, chance.randint(5, 90), at=at)
        if chance.random() < 0.4:
            RefundFactory(to=Order.objects.filter(customer=customer).latest("pk"), amount=1, occurred_at=at)
        Arrival.objects.note([customer.pk], since=at)
        assert order < 3
    for _event in range(chance.randint(0, 3)):
        made = EventFactory(customer=customer, occurred_at=now - timedelta(days=chance.randint(1, 80)))
        Arrival.objects.note([customer.pk], since=made.occurred_at)
    for purpose in ("marketing", "profiling"):
        ConsentFactory(customer=customer, purpose=purpose, is_given=chance.random() < 0.6,
                       occurred_at=now - timedelta(days=chance.randint(1, 400)))  # fmt: skip
    if chance.random() < 0.7:
        open_lead(by=by, customer=customer, values={"title": f"Pursuit {number}"})
    if chance.random() < 0.5:
        profiles.change(
            customer, by=by, values={"country": chance.choice(["DK", "SE"]), "fields": {"tier": number}}
        )


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.nightly) for seed in range(2, 12))]
)
def test_a_merge_that_is_undone_leaves_everything_as_it_was(
    seed: int, stages: Any, owner: Any, marketer: Any
):
    chance = random.Random(seed)
    by_hand, buyers = static(marketer), dynamic(marketer)
    running(message_step(), wait_step(3), message_step())
    loser, winner = known("Ada Lovelace", 1, phone="+4512345678"), known("A. Lovelace", 2)
    for number, customer in enumerate((loser, winner)):
        lived(customer, chance, number, owner)
        if chance.random() < 0.7:
            filling.add(by_hand, Customer.objects.filter(pk=customer.pk), by=marketer)
    settle()
    before, members = everything([loser.pk, winner.pk]), buyers.members().count()

    done = merge(loser, winner, by=marketer, choices={"name": chance.choice(["winner", "loser"])})
    settle()
    merged = everything([winner.pk])
    unmerge(done, by=marketer)
    settle()
    # That somebody was in a segment while they were one is told by its history, as any other stay there.
    passing = SegmentMember.objects.filter(entered_at__gte=done.recorded_at, left_at__isnull=False)
    assert set(passing.values_list("customer", "segment")) <= {(winner.pk, buyers.pk)}
    passing.delete()

    assert everything([loser.pk, winner.pk]) == before
    assert merged["customers_identity"]
    assert len(merged["customers_order"]) == len(before["customers_order"])
    buyers.refresh_from_db()
    assert (buyers.members().count(), buyers.count) == (members, members)


def test_facts_lead_and_stage_are_those_of_both(stages: Any, owner: Any):
    now = clock.now()
    loser, winner = known("Ada", 1), known("Ada L.", 2)
    bought(loser, 10, at=now - timedelta(days=40))
    bought(loser, 20, at=now - timedelta(days=25))
    bought(winner, 30, at=now - timedelta(days=10))
    lead = open_lead(by=owner, customer=loser, values={"title": "Forty licences"})
    Arrival.objects.note([loser.pk, winner.pk], since=now - timedelta(days=60))
    settle()
    assert (stage_of(loser), stage_of(winner)) == ("retention", "conversion")

    merge(loser, winner, by=owner)
    settle()

    winner.refresh_from_db()
    lead.refresh_from_db()
    assert stage_of(winner) == "loyalty"
    assert (winner.purchases.orders, winner.purchases.revenue) == (3, 60)
    assert (lead.customer, lead.original_customer) == (winner, loser)
    assert not CurrentStage.objects.filter(customer=loser).exists()
    assert not StagePeriod.objects.live().filter(customer=loser).exists()


def test_a_version_that_came_after_the_merge_goes_back_with_its_first_and_other_facts_stay(stages: Any):
    loser, winner = known("Ada", 1), known("Ada L.", 2)
    old = OrderFactory(customer=loser, gross=10, source="shop", key="A-1")
    done = merge(loser, winner, by=None)
    rows = [
        (
            1,
            {
                "customer": "C2",
                "occurred_at": "2026-01-05T10:00:00Z",
                "amount": 7,
                "currency": "EUR",
                "key": "B-1",
            },
        )
    ]
    assert taking.take_in("orders", rows, source="shop").added == 1
    amended = Order.objects.get(pk=old.pk).amend(gross=12)

    unmerge(done, by=None)

    live = {order.key: order for order in Order.objects.live()}
    assert {key: order.customer for key, order in live.items()} == {"A-1": loser, "B-1": winner}
    assert (live["A-1"].root, live["A-1"].gross, live["A-1"].original_customer) == (old.pk, 12, loser)
    assert Order.objects.get(pk=amended.pk).superseded_at is not None


def test_what_comes_from_a_system_that_knows_only_the_loser_goes_to_the_loser(stages: Any):
    loser = profiles.register(by=None, values={"name": "Ada"}, source="till", external_id="T1")
    winner = known("Ada L.", 2)
    done = merge(loser, winner, by=None)
    rows = [
        (1, {"customer": "T1", "name": "page.viewed", "occurred_at": "2026-01-05T10:00:00Z", "key": "e1"})
    ]
    taken = taking.take_in("events", rows, source="till")
    assert (taken.added, taken.customers_added) == (1, 0)

    unmerge(done, by=None)

    (event,) = type(EventFactory.build(customer=None)).objects.live().filter(source="till")
    assert (event.customer, event.original_customer) == (loser, loser)


def test_nothing_that_comes_of_a_merge_starts_a_campaign(stages: Any, marketer: Any):
    now = clock.now()
    loyal = running(message_step(), trigger={"kind": "stage_entered", "model": None, "stages": ["loyalty"]})
    segment = dynamic(marketer, "Thrice", {"condition": "orders", "parameters": {"at_least": 3}})
    thrice = running(message_step(), name="Thrice",
                     trigger={"kind": "segment_entered", "segment": segment.slug})  # fmt: skip
    for campaign in (loyal, thrice):
        type(campaign).objects.filter(pk=campaign.pk).update(entrants_since=now - timedelta(days=100))
    loser, winner, other = known("Ada", 1), known("Ada L.", 2), known("Bea", 3)
    for customer, days in ((loser, 40), (loser, 25), (winner, 10), (other, 40), (other, 25), (other, 9)):
        ConsentFactory(customer=customer)
        bought(customer, 10, at=now - timedelta(days=days))
        Arrival.objects.note([customer.pk], since=now - timedelta(days=days))

    settle()
    merge(loser, winner, by=marketer)
    settle()

    assert stage_of(winner) == "loyalty"
    assert segment.members().filter(pk=winner.pk).exists()
    assert set(Enrollment.objects.values_list("customer", flat=True)) == {other.pk}


def test_of_two_runs_the_one_further_on_stays_and_undoing_revives_the_other(stages: Any):
    campaign = running(message_step(), wait_step(9), message_step())
    loser, winner = known("Ada", 1), known("Ada L.", 2)
    at = clock.now()
    runs = {
        customer: Enrollment.objects.create(customer=customer, original_customer=customer, campaign=campaign,
            version=campaign.published(), matched_at=at, position=position, next_step_at=at)
        for customer, position in ((loser, 2), (winner, 1))
    }  # fmt: skip
    waiting = Message.objects.create(customer=winner, original_customer=winner, enrollment=runs[winner],
        campaign=campaign, step=campaign.published().steps.first(), text_id=None, dedupe_key="x", message_id="x", expires_at=at + timedelta(days=1))  # fmt: skip

    done = merge(loser, winner, by=None)

    for run in runs.values():
        run.refresh_from_db()
    waiting.refresh_from_db()
    assert (runs[loser].customer, runs[loser].finished_at) == (winner, None)
    assert (runs[winner].outcome, waiting.state) == (Outcome.MERGED, "cancelled")

    unmerge(done, by=None)

    assert set(Enrollment.objects.active().values_list("customer", "next_step_at")) == {
        (loser.pk, at), (winner.pk, at),
    }  # fmt: skip
    waiting.refresh_from_db()
    assert (waiting.state, waiting.customer) == ("queued", winner)


def test_the_strictest_consent_and_suppression_hold(stages: Any, marketer: Any):
    now = clock.now()
    loser, winner = known("Ada", 1), known("Ada L.", 2)
    ConsentFactory(customer=loser, is_given=False, occurred_at=now - timedelta(days=300))
    ConsentFactory(customer=winner, is_given=True, occurred_at=now - timedelta(days=3))
    ConsentFactory(customer=loser, purpose="profiling", is_given=True)
    suppress("p1@example.com", by=marketer, reason=SuppressionReason.ASKED)

    done = merge(loser, winner, by=marketer)

    ledger = Consent.objects.live().filter(customer=winner).order_by("purpose", "-occurred_at")
    assert [(one.purpose, one.is_given) for one in ledger.distinct("purpose")] == [
        ("marketing", False),
        ("profiling", True),
    ]
    assert Suppression.objects.barring(["p2@example.com"]).count() == 1

    unmerge(done, by=marketer)

    theirs = Consent.objects.live().order_by("occurred_at").values_list("customer", "purpose", "is_given")
    assert set(theirs) == {
        (loser.pk, "marketing", False),
        (winner.pk, "marketing", True),
        (loser.pk, "profiling", True),
    }
    assert [row.address for row in Suppression.objects.live()] == ["p1@example.com"]


def test_a_no_that_was_said_while_they_were_one_holds_for_both_afterwards(stages: Any):
    loser, winner, unasked = known("Ada", 1), known("Ada L.", 2), known("Ada B.", 3)
    for customer in (loser, winner):
        ConsentFactory(customer=customer, occurred_at=clock.now() - timedelta(days=9))
    first, second = merge(loser, winner, by=None), merge(unasked, winner, by=None)
    unsubscribe(winner, "marketing", proof={"via": "page"})

    for done in (second, first):
        unmerge(done, by=None)

    said = {customer.name: last_words(customer.pk) for customer in (loser, winner, unasked)}
    assert said == {"Ada": {"marketing": False}, "Ada L.": {"marketing": False}, "Ada B.": {}}
    told = Consent.objects.live().filter(customer=loser).latest("pk")
    assert (told.source, told.proof["merge"]) == ("merge", first.pk)


def test_a_no_that_repeats_the_merges_own_stays_with_the_winner(stages: Any):
    loser, winner = known("Ada", 1), known("Ada L.", 2)
    ConsentFactory(customer=loser, is_given=False, occurred_at=clock.now() - timedelta(days=9))
    ConsentFactory(customer=winner, occurred_at=clock.now() - timedelta(days=9))
    done = merge(loser, winner, by=None)

    said = [unsubscribe(winner, "marketing", proof={"via": "page"}) for _time in range(2)]
    unmerge(done, by=None)

    assert said == [True, False]
    assert last_words(winner.pk) == last_words(loser.pk) == {"marketing": False}


def test_a_suppression_that_somebody_asks_for_while_they_are_one_is_not_lifted(stages: Any, marketer: Any):
    loser, winner = known("Ada", 1), known("Ada L.", 2)
    suppress("p1@example.com", by=marketer, reason=SuppressionReason.ASKED)
    done = merge(loser, winner, by=marketer)
    suppress("p2@example.com", by=marketer)

    unmerge(done, by=marketer)

    live = Suppression.objects.live().order_by("address")
    assert list(live.values_list("address", "suppressed_by")) == [
        ("p1@example.com", marketer.pk),
        ("p2@example.com", marketer.pk),
    ]


def test_merged_on_and_undone_in_whatever_order(stages: Any):
    first, second, third = known("A", 1), known("B", 2), known("C", 3)
    for customer in (first, second, third):
        OrderFactory(customer=customer, key=f"of-{customer.pk}")
    inner, outer = merge(first, second, by=None), merge(second, third, by=None)
    assert set(Customer.objects.values_list("pk", "merged_into")) == {
        (first.pk, third.pk), (second.pk, third.pk), (third.pk, None),
    }  # fmt: skip

    with transaction.atomic():
        unmerge(inner, by=None)
        assert {order.key: order.customer for order in Order.objects.live()} == {
            f"of-{first.pk}": first, f"of-{second.pk}": third, f"of-{third.pk}": third,
        }  # fmt: skip
        transaction.set_rollback(True)
    unmerge(outer, by=None)

    assert {order.key: order.customer for order in Order.objects.live()} == {
        f"of-{first.pk}": second, f"of-{second.pk}": second, f"of-{third.pk}": third,
    }  # fmt: skip
    assert set(Customer.objects.values_list("pk", "merged_into")) == {
        (first.pk, second.pk), (second.pk, None), (third.pk, None),
    }  # fmt: skip
    assert CustomerMerge.objects.standing().count() == 1
    assert MergedRow.objects.exists()
    assert connection.in_atomic_block
