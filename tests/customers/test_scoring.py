"""Fit and interest: what they come to, as of when, and why; kept true as facts come and days go."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from clm.base.conditions import Asked, parse
from customers.models import Arrival, Customer, IdealProfile, Score, ScoreCheck, Scoring, Segment
from customers.scoring import computing, keeping
from customers.scoring.explaining import explain
from customers.segments import keeping as segment_keeping
from tests.customers.scored import NOON, bought, did, from_country, profile, signals, viewed, weighs
from tests.factories import ConsentFactory, CustomerFactory, EventFactory, OrderFactory

pytestmark = pytest.mark.django_db


def score_of(customer: Customer) -> tuple[int, int, str]:
    computing.keep_up()
    score = Score.objects.get(customer=customer)
    return score.fit, score.interest, score.grade


def scored(as_of: datetime, **parameters: object) -> set[int]:
    tree = parse({"condition": "score", "parameters": parameters})
    return set(Customer.objects.filter(tree.to_q(Asked("UTC", as_of))).values_list("pk", flat=True))


def test_fit_is_what_holds_of_what_is_possible() -> None:
    dane, swede = from_country("DK"), from_country("SE")
    OrderFactory(customer=dane)
    OrderFactory(customer=swede)

    profile(weighs(30), bought(20), weighs(-10, value="SE"))

    assert (score_of(dane)[0], score_of(swede)[0]) == (100, 20)


def test_nobody_fits_worse_than_not_at_all() -> None:
    swede = from_country("SE")

    profile(weighs(30), weighs(-10, value="SE"))

    assert score_of(swede) == (0, 0, "D4")


def test_the_profile_that_fits_best_counts() -> None:
    dane = from_country("DK")
    profile(weighs(10), bought(30), name="Danish buyers")
    best = profile(weighs(10), name="Danes")
    profile(weighs(10), name="Out of use", is_active=False)

    fit, _interest, grade = score_of(dane)

    assert (fit, grade, Score.objects.get().profile) == (100, "A4", best)


def test_points_halve_with_the_days_and_only_the_newest_count() -> None:
    customer = CustomerFactory()
    signals(viewed(points=10, most=2), half_life_days=10)
    did(customer, days_ago=40)
    did(customer, days_ago=20)
    did(customer, days_ago=10)

    assert score_of(customer)[1] == 8  # 10 / 2 + 10 / 4 = 7.5: halves go up


@pytest.mark.parametrize("name", ["page", "7", "99999999999"])
def test_a_property_narrows_and_a_bad_sign_takes_points(name: str) -> None:
    customer = CustomerFactory()
    unsubscribed = {"event": "email.unsubscribed", "points": -4}
    signals(viewed(points=9, property=name, is_value="pricing"), unsubscribed)
    did(customer, properties={name: "pricing"})
    did(customer, properties={name: "home"})
    did(customer, name="email.unsubscribed")

    assert score_of(customer)[1] == 5


def test_a_new_fact_is_noticed_by_the_minute() -> None:
    customer = CustomerFactory()
    signals(viewed(points=60))
    assert score_of(customer) == (0, 0, "D4")

    did(customer)

    assert score_of(customer) == (0, 60, "D1")
    assert ScoreCheck.objects.count() == 0


def test_a_new_day_works_everybody_out_anew() -> None:
    customer = CustomerFactory()
    signals(viewed(points=60))
    EventFactory(customer=customer, occurred_at=clock.now())
    Scoring.objects.update(computed_on="2020-01-01")

    assert score_of(customer)[1] == 60


def test_who_withdraws_from_profiling_has_no_score() -> None:
    customer = from_country("DK")
    profile()
    assert score_of(customer)[0] == 100

    ConsentFactory(customer=customer, purpose="profiling", is_given=False)
    Arrival.objects.note([customer.pk], since=clock.now())
    computing.keep_up()

    assert Score.objects.count() == 0
    assert explain(customer).is_scored is False
    assert scored(clock.now(), fit_at_least=1) == set()
    assert scored(datetime(2025, 1, 1, tzinfo=UTC), fit_at_least=1) == {customer.pk}


def test_every_point_is_explained_and_they_add_up() -> None:
    customer = from_country("DK")
    profile(weighs(30), bought(20))
    signals(viewed(points=10, most=2), {"event": "email.clicked", "points": 5}, half_life_days=10)
    did(customer, days_ago=10)
    did(customer, name="email.clicked")

    why = explain(customer)

    assert [(test.weight, test.holds) for test in why.profiles[0].tests] == [(30, True), (20, False)]
    assert why.profiles[0].tests[0].sentence == "country is Denmark"
    assert [(one.event, one.points, one.left) for one in why.traces] == [
        ("email.clicked", 5, 5.0),
        ("page.viewed", 10, 5.0),
    ]
    assert (why.fit, why.interest, why.grade) == score_of(customer) == (60, 10, "B3")


def test_a_score_is_explained_as_of_any_moment() -> None:
    customer = from_country("DK")
    profile()
    signals(viewed(points=10), half_life_days=10)
    EventFactory(customer=customer, occurred_at=NOON)

    asked = {days: explain(customer, as_of=NOON + timedelta(days=days)).interest for days in (0, 1, 10, 20)}

    assert asked == {0: 0, 1: 9, 10: 5, 20: 3}


def test_what_the_condition_says_is_what_is_stored_and_told() -> None:
    chance = random.Random(7)
    profile(weighs(10), bought(10), weighs(-5, value="SE"))
    signals(viewed(points=10, most=3), {"event": "email.clicked", "points": -3}, half_life_days=5)
    for _number in range(12):
        customer = from_country(chance.choice(["DK", "SE", "DE"]))
        for _event in range(chance.randint(0, 6)):
            did(
                customer, days_ago=chance.randint(0, 20), name=chance.choice(["page.viewed", "email.clicked"])
            )
    computing.work_out_all()
    now = clock.now()

    for row in Score.objects.select_related("customer"):
        why = explain(row.customer, as_of=now)
        assert (why.fit, why.interest, why.grade) == (row.fit, row.interest, row.grade)
    for mark in (1, 5, 10, 17):
        assert scored(now, interest_at_least=mark) == pks(interest__gte=mark)
        assert scored(now, fit_at_least=mark * 5) == pks(fit__gte=mark * 5)
    assert scored(now, grades=["B2", "C4", "A3"]) == {
        row.pk for row in Score.objects.all() if row.grade in ("B2", "C4", "A3")
    }


def pks(**narrowed: int) -> set[int]:
    return set(Score.objects.filter(**narrowed).values_list("pk", flat=True))


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.nightly) for seed in (1, 2))])
def test_between_the_instants_it_names_the_answer_stays(seed: int) -> None:
    chance = random.Random(seed)
    customer = CustomerFactory()
    signals(viewed(points=10, most=3), {"event": "email.clicked", "points": -3}, half_life_days=3)
    for _number in range(5):
        at = NOON + timedelta(minutes=chance.randint(0, 20 * 24 * 60))
        EventFactory(
            customer=customer, occurred_at=at, name=chance.choice(["page.viewed"] * 3 + ["email.clicked"])
        )
    tree = parse({"condition": "score", "parameters": {"interest_at_least": chance.choice([1, 4, 8])}})
    named = {at for query in tree.changes(zone="UTC", known_at=None) for _pk, at in query}

    hours = [NOON + timedelta(hours=hour) for hour in range(0, 45 * 24, 6)]
    held = [bool(Customer.objects.filter(tree.to_q(Asked("UTC", at)))) for at in hours]

    assert True in held
    assert held[-1] is False
    for earlier, later, was, became in zip(hours, hours[1:], held, held[1:], strict=False):
        assert was == became or any(earlier <= at < later for at in named)


@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        ([], "Add at least one test."),
        ([weighs(0)], "Test 1: A weight is a whole number from −100 to 100, and not 0."),
        ([weighs(-5)], "At least one test must speak for a customer: give it a weight above 0."),
        (
            [{"weight": 5, "conditions": {"condition": "gone"}}],
            "Test 1: condition: there is no condition “gone”.",
        ),
        (
            [{"weight": 5, "conditions": {"condition": "in_segment", "parameters": {"segment": "x"}}}],
            "Test 1: A profile says who a customer is: it can't rest on scores, segments or stages.",
        ),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(tests: list[object], reason: str) -> None:
    with pytest.raises(ValidationError) as refused:
        keeping.create_profile(by=None, name="Danes", tests=tests)

    assert refused.value.message_dict["tests"][0].startswith(reason)
    assert IdealProfile.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"signals": [{"event": "Page viewed", "points": 3}]}, "signals"),
        ({"signals": [viewed(points=0)]}, "signals"),
        ({"signals": [viewed(most=0)]}, "signals"),
        ({"signals": [viewed(), viewed(points=3)]}, "signals"),
        ({"signals": [viewed(property="page")]}, "signals"),
        ({"half_life_days": 0}, "half_life_days"),
        ({"fit_b": 80}, "__all__"),
    ],
)
def test_signals_that_make_no_sense_are_refused(values: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        keeping.change_scoring(by=None, values=values)

    assert list(refused.value.message_dict) == [field]
    assert Scoring.objects.current().signals == []


def test_changes_are_audited_and_seen_by_segments_that_rest_on_scores(marketer: User) -> None:
    dane = from_country("DK")
    fitting = {"condition": "score", "parameters": {"fit_at_least": 80}}
    segment = segment_keeping.create(by=marketer, name="Fitting", kind="dynamic", conditions=fitting)
    assert segment.count == 0

    made = keeping.create_profile(by=marketer, name="Danes", tests=[weighs(5)])
    assert Segment.objects.get().count == 1
    keeping.change_profile(made, by=marketer, values={"tests": [weighs(5, value="SE")]})
    assert Segment.objects.get().count == 0
    keeping.remove_profile(made, by=marketer)

    assert Score.objects.get(customer=dane).fit == 0
    actions = AuditEntry.objects.filter(actor=marketer).order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        "segment.created",
        "ideal_profile.created",
        "ideal_profile.changed",
        "ideal_profile.deleted",
    ]


def test_whoever_comes_too_late_is_told(marketer: User) -> None:
    made = profile()
    read = made.changed_at
    keeping.change_profile(made, by=marketer, values={"name": "Northerners"})

    with pytest.raises(keeping.StaleScoring):
        keeping.change_profile(made, by=marketer, values={"name": "Others"}, expected=read)

    assert IdealProfile.objects.get().name == "Northerners"


def test_a_form_of_the_signals_is_not_stale_because_a_profile_went() -> None:
    made = keeping.create_profile(by=None, name="Danes", tests=[weighs(5)])
    read = Scoring.objects.current()

    keeping.remove_profile(made, by=None)
    keeping.change_scoring(by=None, values={"half_life_days": 60}, expected=read.changed_at)

    now = Scoring.objects.current()
    assert now.half_life_days == 60
    assert now.redefined_at > read.redefined_at


def test_a_profile_that_can_not_be_asked_any_more_fails_aloud() -> None:
    profile()
    IdealProfile.objects.update(tests=[{"weight": 1, "conditions": {"condition": "gone", "parameters": {}}}])

    computing.work_out_all()

    scoring = Scoring.objects.current()
    assert scoring.status == "failed"
    assert "there is no condition “gone”" in scoring.error


def test_what_happened_a_lifetime_ago_counts_for_nothing_and_stops_nobody() -> None:
    signals(viewed(10), half_life_days=1)
    old, new = CustomerFactory(), CustomerFactory()
    EventFactory(customer=old, occurred_at=datetime(1900, 1, 1, tzinfo=UTC))
    did(new)
    Arrival.objects.note([old.pk], since=datetime(1900, 1, 1, tzinfo=UTC))

    assert (score_of(old)[1], score_of(new)[1]) == (0, 10)
