"""Segments: who is in them now and then, kept true by increments, and never in a circle."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from clm.accounts.jobs import drive
from clm.accounts.models import AuditEntry, Job, Organisation, User
from clm.base import clock, timeline
from clm.base.conditions import Asked, parse
from customers import profiles
from customers.models import Arrival, Customer, Segment, SegmentCheck, SegmentMember
from customers.models.segment import Computing
from customers.segments import computing, filling, keeping
from lifecycle.evaluation import evaluate_all
from lifecycle.presets import install
from tests.factories import LONG_AGO, CustomerFactory, EventFactory, OrderFactory

ZONE = ZoneInfo("Europe/Copenhagen")
NOON = datetime(2026, 7, 1, 10, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def leaf(condition: str, **parameters: Any) -> dict[str, Any]:
    return {"condition": condition, "parameters": parameters}


def inside(segment: Segment) -> dict[str, Any]:
    return leaf("in_segment", segment=segment.slug)


BOUGHT = leaf("orders", at_least=1)
RECENT = leaf("purchased_within", days=30)
VIEWED = leaf("event", names=["page.viewed"], within_days=7)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """`watch(instant)`: what the clock says from now on."""

    def set_to(instant: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: instant)

    Organisation.objects.update_or_create(pk=1, defaults={"zone": ZONE.key})
    set_to(NOON)
    return set_to


def dynamic(by: User, name: str = "Buyers", conditions: Any = BOUGHT, **more: Any) -> Segment:
    return keeping.create(by=by, name=name, kind="dynamic", conditions=conditions, **more)


def static(by: User, name: str = "VIPs") -> Segment:
    return keeping.create(by=by, name=name, kind="static")


def names(customers: Any) -> list[str]:
    return sorted(customers.values_list("name", flat=True))


def learn(fact: Any) -> None:
    Arrival.objects.note([fact.customer_id], since=fact.occurred_at)


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


def test_customers_enter_and_leave_a_segment_by_hand(
    marketer: User, watch: Callable[[datetime], None]
) -> None:
    ada, bob = CustomerFactory(name="Ada"), CustomerFactory(name="Bob")
    segment = static(marketer)
    both = Customer.objects.filter(pk__in=[ada.pk, bob.pk])

    assert filling.add(segment, both, by=marketer) == 2
    assert filling.add(segment, both, by=marketer) == 0
    watch(NOON + timedelta(days=1))
    assert filling.take_out(segment, Customer.objects.filter(pk=bob.pk), by=marketer) == 1
    watch(NOON + timedelta(days=1, seconds=1))

    segment.refresh_from_db()
    assert (segment.count, names(segment.members()), names(segment.customers())) == (1, ["Ada"], ["Ada"])
    assert names(segment.customers(NOON + timedelta(hours=1))) == ["Ada", "Bob"]
    assert names(segment.customers(NOON)) == []
    assert names(segment.customers(known_at=NOON + timedelta(hours=1))) == ["Ada", "Bob"]
    assert Arrival.objects.count() == 3  # what rests on the segment is looked at again
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "details__customers")) == [
        ("segment.created", None),
        ("segment.members_added", 2),
        ("segment.members_removed", 1),
    ]


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


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        call()
    return str(refused.value.message_dict["conditions"][0])


def test_a_segment_does_not_rest_on_itself(marketer: User) -> None:
    segment = dynamic(marketer)

    assert (
        refusal(lambda: keeping.change(segment, by=marketer, values={"conditions": {"not": inside(segment)}}))
        == "A segment can't rest on itself. Take “Buyers” out."
    )

    segment.refresh_from_db()
    assert (segment.conditions, segment.revision) == (BOUGHT, 1)


def test_a_circle_is_refused_by_the_names_in_it(marketer: User) -> None:
    first = dynamic(marketer, "First")
    second = dynamic(marketer, "Second", inside(first))
    third = dynamic(marketer, "Third", {"any": [BOUGHT, inside(second)]})

    assert refusal(lambda: keeping.change(first, by=marketer, values={"conditions": inside(third)})) == (
        "These segments would rest on one another in a circle: “First” → “Third” → “Second” → “First”. Take one out."
    )


def test_depth_size_and_privacy_have_limits(marketer: User) -> None:
    wide = dynamic(marketer, "Wide", {"any": [leaf("orders", at_least=n) for n in range(1, 51)]})
    private = dynamic(marketer, "Mine", is_shared=False)
    deepest = dynamic(marketer, "Level 1")
    for level in range(2, 6):
        deepest = dynamic(marketer, f"Level {level}", inside(deepest))

    def made(conditions: Any) -> Callable[[], Segment]:
        return lambda: dynamic(marketer, "New", conditions)

    assert "more than 5 deep: “this segment” → “Level 5”" in refusal(made(inside(deepest)))
    assert "has 250 tests; at most 200" in refusal(made({"any": [inside(wide)] * 5}))
    assert refusal(made(inside(private))).startswith("“mine” is private.")
    assert refusal(made(leaf("in_segment", segment="none"))).startswith("There is no segment “none”.")
    assert not Segment.objects.filter(name="New").exists()


def test_what_is_used_can_not_be_deleted_or_hidden(marketer: User) -> None:
    inner = dynamic(marketer)
    dynamic(marketer, "Outer", inside(inner))

    with pytest.raises(keeping.SegmentInUse, match="It is used by: the segment “Outer”"):
        keeping.remove(inner, by=marketer)
    with pytest.raises(keeping.SegmentInUse, match="stays for everybody"):
        keeping.change(inner, by=marketer, values={"is_shared": False})

    inner.refresh_from_db()
    assert inner.is_shared
    assert not AuditEntry.objects.filter(action__in=["segment.deleted", "segment.changed"]).exists()


def test_a_rule_that_asks_for_a_segment_uses_it(marketer: User) -> None:
    segment = static(marketer)
    model = install("swedish-six", by=None)
    rule = model.published().rules.first()
    rule.condition = {"any": [rule.condition, inside(segment)]}
    rule.save()

    (use,) = keeping.uses_of(segment)

    assert (use.key, use.url) == ("vips", f"/lifecycle/models/{model.slug}/")
    assert str(rule) in str(use.label)


def test_a_segment_that_nobody_uses_goes_with_its_members(marketer: User) -> None:
    OrderFactory()
    segment = dynamic(marketer)

    keeping.remove(segment, by=marketer)

    assert not Segment.objects.exists()
    assert not SegmentMember.objects.exists()
    assert AuditEntry.objects.get(action="segment.deleted").subject_label == "Buyers"


def test_two_segments_of_one_name_are_refused(marketer: User) -> None:
    static(marketer, "Loyal")

    with pytest.raises(ValidationError, match="Another segment has this name"):
        static(marketer, "LOYAL")

    assert Segment.objects.count() == 1


def test_slugs_are_free_and_stay(marketer: User) -> None:
    first, second = static(marketer, "Købere & fans"), static(marketer, "Købere, fans")

    keeping.change(first, by=marketer, values={"name": "Other"})

    first.refresh_from_db()
    assert (first.slug, second.slug, first.name) == ("kobere-fans", "kobere-fans-2", "Other")


def test_a_stale_change_is_refused(marketer: User) -> None:
    segment = static(marketer)
    read = segment.changed_at
    keeping.change(segment, by=marketer, values={"name": "Better"})

    with pytest.raises(keeping.StaleSegment):
        keeping.change(segment, by=marketer, values={"name": "Worse"}, expected=read)

    segment.refresh_from_db()
    assert segment.name == "Better"


TREES = [
    BOUGHT,
    RECENT,
    {"not": VIEWED},
    {"all": [leaf("purchase_days", at_least=2, within_days=60), {"not": RECENT}]},
    {"any": [leaf("lapsed", days=20), leaf("field", field="country", operator="is", value="DK")]},
    {"all": [leaf("first_seen", days=30), VIEWED]},
]


@pytest.mark.parametrize("seed", range(4))
def test_increments_end_where_a_full_refresh_and_the_conditions_do(
    marketer: User, watch: Callable[[datetime], None], seed: int
) -> None:
    """Facts of all kinds arrive early, late and in any order, while days go by."""
    chance = random.Random(seed)
    people = [CustomerFactory(first_seen_at=NOON - timedelta(days=chance.randint(0, 60))) for _ in range(8)]
    segments = [dynamic(marketer, f"S{number}", tree) for number, tree in enumerate(TREES)]
    segments.append(dynamic(marketer, "Nested", {"all": [inside(segments[1]), {"not": inside(segments[2])}]}))
    for step in range(25):
        now = NOON + timedelta(hours=step * 53)
        watch(now)
        for _n in range(chance.randint(0, 3)):
            happen(chance.choice(people), now, chance)
        computing.refresh_changed(limit=chance.choice([2, 1000]))

        for segment in segments:
            assert names(segment.members()) == names(segment.customers(now)), (segment, step)
    before = [names(segment.members()) for segment in segments]
    assert computing.refresh_all() == len(segments)
    assert [names(segment.members()) for segment in segments] == before
    for segment in segments:
        segment.refresh_from_db()
        assert segment.count == segment.members().count()


def happen(customer: Customer, now: datetime, chance: random.Random) -> None:
    at = now - timedelta(minutes=chance.randint(1, 60 * 24 * 40))
    kind = chance.choice(["order", "event", "profile"])
    if kind == "order":
        learn(OrderFactory(customer=customer, occurred_at=at))
    elif kind == "event":
        learn(EventFactory(customer=customer, occurred_at=at))
    else:
        profiles.change(customer, by=None, values={"country": chance.choice(["DK", "SE"])})


def test_a_stay_in_a_stage_has_segments_looked_at(marketer: User) -> None:
    ada = CustomerFactory()
    dynamic(marketer)
    install("swedish-six", by=None)
    SegmentCheck.objects.all().delete()
    evaluate_all()

    assert set(SegmentCheck.objects.values_list("customer_id", flat=True)) == {ada.pk}


def test_without_segments_by_conditions_nothing_is_queued(marketer: User) -> None:
    static(marketer)

    Arrival.objects.note([CustomerFactory().pk], since=NOON)

    assert not SegmentCheck.objects.exists()


def test_the_timeline_tells_of_entering_and_leaving_but_nothing_of_private_segments(marketer: User) -> None:
    customer, other = CustomerFactory(), CustomerFactory()
    shared, private = (
        static(marketer),
        keeping.create(by=marketer, name="Mine", kind="static", is_shared=False),
    )
    days = [NOON + timedelta(days=day) for day in range(4)]
    for segment, entered, left in ((shared, 0, 1), (shared, 2, None), (private, 0, 3)):
        for one in (customer, other):
            SegmentMember.objects.create(
                segment=segment, customer=one, original_customer=one, entered_at=days[entered],
                left_at=None if left is None else days[left],
            )  # fmt: skip

    def told(**asked: Any) -> list[tuple[str, str, datetime]]:
        stretch = timeline.read("customer", customer, **asked)
        return [(entry.title, entry.detail, entry.at) for entry in stretch.entries if entry.icon == "layers"]

    assert told() == [
        ("Entered a segment", "VIPs", days[2]),
        ("Left a segment", "VIPs", days[1]),
        ("Entered a segment", "VIPs", days[0]),
    ]
    assert told(only="segments", before=days[1]) == [("Entered a segment", "VIPs", days[0])]
    assert told(only="segments", before=days[2], most=1) == [("Left a segment", "VIPs", days[1])]
