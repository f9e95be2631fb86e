"""Segments: who is in them now and then."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from clm.accounts.jobs import drive
from clm.accounts.models import AuditEntry, Job, User
from clm.base.conditions import Asked, parse
from customers.models import Arrival, Customer, Segment, SegmentCheck, SegmentMember
from customers.models.segment import Computing
from customers.segments import computing, filling, keeping
from tests.customers.segmented import (
    BOUGHT,
    NOON,
    RECENT,
    VIEWED,
    ZONE,
    dynamic,
    inside,
    leaf,
    learn,
    names,
    static,
)
from tests.factories import LONG_AGO, CustomerFactory, OrderFactory

pytestmark = pytest.mark.django_db


def test_a_new_segment_by_conditions_has_its_members_at_once(marketer: User) -> None:
    ada, _bob = CustomerFactory(name="Ada"), CustomerFactory(name="Bob")
    OrderFactory(customer=ada)

    segment = dynamic(marketer)

    assert names(segment.members()) == names(segment.customers()) == ["Ada"]
    assert (segment.count, segment.status, segment.slug) == (1, "fresh", "buyers")
    assert segment.computed_at is not None
    entry = AuditEntry.objects.get(action="segment.created")
    assert (entry.actor, entry.subject_id, entry.details) == (marketer, segment.pk, {"kind": "dynamic"})


def test_a_segment_of_the_past_asks_its_conditions_then(marketer: User) -> None:
    ada = CustomerFactory(name="Ada")
    order = OrderFactory(customer=ada, occurred_at=LONG_AGO)
    segment = dynamic(marketer)

    assert names(segment.customers(LONG_AGO + timedelta(seconds=1))) == ["Ada"]
    assert names(segment.customers(LONG_AGO)) == []
    assert names(segment.customers(known_at=order.recorded_at - timedelta(days=1))) == []


def test_new_facts_bring_customers_in_and_out(marketer: User, watch: Callable[[datetime], None]) -> None:
    ada = CustomerFactory(name="Ada")
    segment = dynamic(marketer, conditions={"not": BOUGHT})
    learn(OrderFactory(customer=ada, occurred_at=NOON - timedelta(hours=1)))
    watch(NOON + timedelta(minutes=1))

    assert computing.refresh_changed() == (0, 1)

    segment.refresh_from_db()
    assert (segment.count, segment.computed_at) == (0, NOON + timedelta(minutes=1))
    period = SegmentMember.objects.get()
    assert (period.entered_at, period.left_at) == (NOON, NOON + timedelta(minutes=1))
    assert not SegmentCheck.objects.exists()


def test_who_comes_back_has_a_second_period(marketer: User, watch: Callable[[datetime], None]) -> None:
    ada = CustomerFactory(name="Ada")
    segment = dynamic(marketer, conditions=RECENT)
    again = NOON + timedelta(days=60)
    for at, buys in ((NOON, True), (NOON + timedelta(days=45), False), (again, True)):
        if buys:
            learn(OrderFactory(customer=ada, occurred_at=at - timedelta(hours=1)))
        watch(at)
        computing.refresh_changed()

    periods = segment.periods().order_by("entered_at").values_list("entered_at", "left_at")
    assert list(periods) == [(NOON, NOON + timedelta(days=45)), (again, None)]
    since = segment.periods().entered_since(NOON + timedelta(days=1))
    assert list(since.values_list("entered_at", flat=True)) == [again]


def test_time_alone_ends_a_membership_on_its_day(marketer: User, watch: Callable[[datetime], None]) -> None:
    ada = CustomerFactory(name="Ada")
    OrderFactory(customer=ada, occurred_at=NOON - timedelta(hours=1))
    segment = dynamic(marketer, conditions=RECENT)
    midnight = datetime(2026, 7, 31, 22, tzinfo=UTC)  # 1 August in Copenhagen, the 31st day after

    watch(midnight - timedelta(minutes=1))
    assert computing.refresh_changed() == (0, 0)
    watch(midnight + timedelta(minutes=1))
    assert computing.refresh_changed() == (0, 1)

    assert names(segment.members()) == []


def test_many_customers_are_computed_by_a_job(marketer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(computing, "AT_ONCE", 2)
    monkeypatch.setattr(computing, "CHUNK", 2)
    for number in range(5):
        OrderFactory(customer=CustomerFactory(name=f"C{number}"))

    segment = dynamic(marketer)

    assert (segment.status, segment.count, segment.computed_at) == ("queued", 0, None)
    job = Job.objects.get(kind=computing.JOB_KIND)
    drive(job)
    job.refresh_from_db()
    segment.refresh_from_db()
    assert (job.status, job.result) == ("done", {"customers": 5})
    assert (segment.status, segment.count, segment.members().count()) == ("fresh", 5, 5)


def test_a_failure_is_shown_and_tried_again(
    marketer: User, watch: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = CustomerFactory(name="Ada")
    segment, healthy = dynamic(marketer), dynamic(marketer, "Others", {"not": VIEWED})
    Segment.objects.filter(pk=segment.pk).update(conditions=leaf("gone", days=1))
    learn(OrderFactory(customer=ada, occurred_at=NOON))
    watch(NOON + timedelta(minutes=1))

    computing.refresh_changed()

    segment.refresh_from_db()
    healthy.refresh_from_db()
    assert segment.status == Computing.FAILED
    assert "there is no condition “gone”" in segment.error
    assert segment.computed_at == NOON
    assert (healthy.status, healthy.computed_at) == ("fresh", NOON + timedelta(minutes=1))

    Segment.objects.filter(pk=segment.pk).update(conditions=BOUGHT)
    assert computing.refresh_waiting() == 0  # ten minutes have not gone by
    watch(NOON + timedelta(minutes=12))
    assert computing.refresh_waiting() == 1

    segment.refresh_from_db()
    assert (segment.status, segment.error, names(segment.members())) == ("fresh", "", ["Ada"])


def test_nobody_is_put_by_hand_where_conditions_rule(marketer: User) -> None:
    ada, segment = CustomerFactory(), dynamic(marketer)

    with pytest.raises(filling.KeptByConditions, match="follows its conditions"):
        filling.add(segment, Customer.objects.filter(pk=ada.pk), by=marketer)

    assert not SegmentMember.objects.exists()


def test_a_whole_list_enters_as_a_job(marketer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "PORTION", 2)
    for number in range(3):
        CustomerFactory(country="DK", name=f"D{number}")
    CustomerFactory(country="SE")
    segment = static(marketer)

    job = filling.fill(segment, "country=DK", by=marketer)
    drive(job)

    assert names(segment.members()) == ["D0", "D1", "D2"]
    job.refresh_from_db()
    assert (job.status, job.result, job.total) == ("done", {"customers": 3}, 3)


def test_segments_rest_on_segments(marketer: User, watch: Callable[[datetime], None]) -> None:
    ada, bob = CustomerFactory(name="Ada"), CustomerFactory(name="Bob")
    vips, buyers = static(marketer), dynamic(marketer)
    outer = dynamic(marketer, "Either", {"any": [inside(vips), inside(buyers)]})
    filling.add(vips, Customer.objects.filter(pk=ada.pk), by=marketer)
    learn(OrderFactory(customer=bob, occurred_at=NOON - timedelta(hours=1)))
    watch(NOON + timedelta(minutes=1))

    computing.refresh_changed()

    assert names(outer.members()) == ["Ada", "Bob"]
    Arrival.objects.all().delete()
    keeping.change(buyers, by=marketer, values={"conditions": VIEWED})
    assert names(outer.members()) == ["Ada"]
    assert [news.customer_id for news in Arrival.objects.all()] == [bob.pk]  # for the rules that rest on it


def test_membership_says_why(marketer: User, watch: Callable[[datetime], None]) -> None:
    ada = CustomerFactory(name="Ada")
    OrderFactory(customer=ada, occurred_at=NOON - timedelta(days=3))
    buyers, vips = dynamic(marketer), static(marketer)
    asked = Asked(zone=ZONE.key, as_of=NOON)

    why = parse({"all": [inside(buyers), inside(vips)]}).explain(Customer.objects.filter(pk=ada.pk), asked)

    assert why is not None
    bought, member = why.parts
    assert (bought.holds, bought.sentence) == (True, "is in the segment “Buyers”")
    assert bought.evidence is not None
    assert (bought.evidence.have, len(bought.evidence.rows)) == ("1 order", 1)
    assert member.evidence is not None
    assert (member.holds, member.evidence.have) == (False, "is not a member")


def test_what_stands_in_the_way_of_membership_is_told_beside_what_is_missing(marketer: User) -> None:
    ada = CustomerFactory(name="Ada")
    OrderFactory(customer=ada, occurred_at=NOON - timedelta(days=3))
    strangers = dynamic(marketer, conditions={"all": [{"not": BOUGHT}, VIEWED]})

    why = parse(inside(strangers)).explain(
        Customer.objects.filter(pk=ada.pk), Asked(zone=ZONE.key, as_of=NOON)
    )

    assert why is not None
    assert why.evidence is not None
    assert why.evidence.have == "1 order; 0 such events"
    assert why.evidence.missing == "not: at least 1 order; 1 more event"
