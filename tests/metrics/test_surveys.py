"""NPS, answers and response rate: by hand, with the interval of the paper, by stage when answered, on two clocks."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from campaigns.models import Invitation, Response, Survey
from clm.accounts.models import User
from customers.models import Customer
from metrics.asking import asking as asking_for
from metrics.dashboard import dashboard
from metrics.intervals import nps_interval
from metrics.names import Names
from metrics.question import QuestionError
from metrics.result import Status
from tests.metrics.world import EARLY, World, parts

MARCH = ("2025-03-01", "2025-03-31")


def answer(world: World, customer: Customer, score: int, day: str, **fields: Any) -> Response:
    values: dict[str, Any] = {"survey": Survey.objects.main(), "occurred_at": world.at(day)}
    return Response.objects.create(**(values | world._fact(customer) | {"score": score} | fields))


def answers(world: World, day: str, *scores: int, **profile: Any) -> None:
    for score in scores:
        answer(world, world.customer(**profile), score, day)


def asking(world: World, customer: Customer, day: str, **fields: Any) -> Invitation:
    values: dict[str, Any] = {"survey": Survey.objects.main(), "occurred_at": world.at(day)}
    return Invitation.objects.create(**(values | world._fact(customer) | fields))


def test_nps_is_promoters_less_detractors_per_hundred_answers(world: World) -> None:
    answers(world, "2025-03-10", 10, 9, 9, 8, 7, 6, 0)

    total = world.ask("nps", *MARCH).total

    assert total.value == Decimal("14.285714")  # 100 x (3 - 2) / 7
    assert (total.numerator, total.denominator, total.n) == (1, 7, 7)
    assert dict(total.parts) == {"promoters": 3, "passives": 2, "detractors": 2}


@pytest.mark.parametrize(("scores", "value"), [([10, 9], 100), ([0, 6], -100), ([7, 8], 0), ([10, 0], 0)])
def test_it_lies_between_minus_and_plus_a_hundred(world: World, scores: list[int], value: int) -> None:
    answers(world, "2025-03-10", *scores)

    assert world.ask("nps", *MARCH).total.value == value


def test_without_answers_it_is_undefined_with_the_reason(world: World) -> None:
    total = world.ask("nps", *MARCH).total

    assert (total.value, total.status, total.reason) == (None, Status.UNDEFINED, "No answers in this period.")


def test_fewer_than_thirty_answers_are_marked(world: World) -> None:
    answers(world, "2025-03-10", *[9] * 29)

    few = world.ask("nps", *MARCH).total
    answers(world, "2025-03-10", 9)
    enough = world.ask("nps", *MARCH).total

    assert (few.status, enough.status) == (Status.INSUFFICIENT, Status.OK)
    assert few.reason == "Only 29: below 30 answers the score says little."


def test_the_interval_is_that_of_the_adjusted_wald_method() -> None:
    """60 promoters, 15 detractors of 100: p' = .589806, d' = .152913, half = 1.959964 x sqrt(.551843 / 103) = .143463."""
    low, high = nps_interval(60, 15, 100)

    assert (round(low, 2), round(high, 2)) == (Decimal("29.34"), Decimal("58.04"))


def test_the_interval_stays_within_the_scale() -> None:
    for promoters in range(6):
        low, high = nps_interval(promoters, 5 - promoters, 5)
        assert -100 <= low < high <= 100

    assert nps_interval(40, 0, 40)[1] <= 100


def test_by_stage_an_answer_counts_where_the_customer_was_just_before_it(world: World) -> None:
    world.model()
    mover, newcomer, elsewhere = world.customer(), world.customer(), world.customer()
    world.stay(mover, "discovery", "2025-01-01", left_at=world.at("2025-03-10"))
    world.stay(mover, "loyalty", "2025-03-11", entered_at=world.at("2025-03-10"))
    world.stay(newcomer, "discovery", "2025-03-10", entered_at=world.at("2025-03-10"))
    for customer, score in ((mover, 10), (newcomer, 0), (elsewhere, 9)):
        answer(world, customer, score, "2025-03-10")

    by_stage = world.ask("nps", *MARCH, breakdown="stage")

    assert {key: value for key, value in parts(by_stage).items() if value is not None} == {
        "discovery": 0,
        "none": 100,
    }
    assert sum(row.result.n for row in by_stage.rows if row.result) == by_stage.total.n == 3


def test_months_and_countries_add_up_to_the_whole(world: World) -> None:
    answers(world, "2025-02-28", 10, 10, 0, country="DK")
    answers(world, "2025-03-01", 9, 5, country="SE")

    by_month = world.ask("nps", "2025-02-01", "2025-03-31", breakdown="month")
    by_country = world.ask("survey-responses", "2025-02-01", "2025-03-31", breakdown="country")

    assert parts(by_month) == {"2025-02": Decimal("33.333333"), "2025-03": 0}
    assert by_month.total.value == 20
    assert parts(by_country) == {"DK": 3, "SE": 2}


def test_only_one_survey_when_it_is_named(world: World) -> None:
    other = Survey.objects.establish(by=None, name="After delivery")
    answers(world, "2025-03-10", 10)
    answer(world, world.customer(), 0, "2025-03-10", survey=other)

    assert world.ask("nps", *MARCH).total.value == 0
    assert world.ask("nps", *MARCH, survey="after-delivery").total.value == -100


@pytest.mark.parametrize("slug", ["missing", "\x00"])
def test_a_survey_there_is_not_is_answered_with_those_there_are(
    world: World, sign_in: Callable[[User], Client], analyst: User, slug: str
) -> None:
    Survey.objects.main()

    answer = sign_in(analyst).get("/metrics/nps/", {"survey": slug})

    assert "There is no such survey. Use one of: nps." in answer.content.decode()


def test_a_metric_that_is_not_about_surveys_says_so(world: World) -> None:
    with pytest.raises(QuestionError, match="not about surveys") as told:
        world.ask("aov", *MARCH, survey="nps")

    assert told.value.parameter == "survey"


def test_a_changed_answer_is_seen_as_it_was_known(world: World) -> None:
    learned = datetime(2025, 4, 15, tzinfo=UTC)
    first = answer(world, world.customer(), 3, "2025-03-10")
    now = first.amend(score=10)
    Response.objects.filter(pk=first.pk).update(superseded_at=learned)
    Response.objects.filter(pk=now.pk).update(recorded_at=learned)

    values = [world.ask("nps", *MARCH, known_at=known).total.value for known in (EARLY, learned, None)]

    assert values == [-100, 100, 100]


def test_later_answers_are_not_there_as_of_an_earlier_day(world: World) -> None:
    answers(world, "2025-03-10", 10)
    answers(world, "2025-03-20", 0)

    assert world.ask("nps", *MARCH, as_of="2025-03-15").total.value == 100


def test_the_response_rate_counts_answers_to_the_askings_of_the_period(world: World) -> None:
    asked_in_march = [asking(world, world.customer(), "2025-03-10") for _number in range(4)]
    asking(world, world.customer(), "2025-02-10")
    answer(world, asked_in_march[0].customer, 9, "2025-04-02", invitation=asked_in_march[0])
    answers(world, "2025-03-12", 5)  # from elsewhere: in neither number

    rate = world.ask("survey-response-rate", *MARCH, as_of="2025-04-30").total

    assert (rate.value, rate.numerator, rate.denominator) == (Decimal("0.25"), 1, 4)


def test_a_message_that_never_arrived_is_no_asking_unless_it_was_answered(world: World) -> None:
    lost = asking(world, world.customer(), "2025-03-10", source="message", key="900001:1")

    assert world.ask("survey-response-rate", *MARCH).total.denominator == 0

    answer(world, lost.customer, 9, "2025-03-11", invitation=lost)

    assert world.ask("survey-response-rate", *MARCH).total.value == 1


def test_an_answer_changes_what_was_remembered(world: World) -> None:
    answers(world, "2025-03-10", 10)
    before = world.ask("nps", *MARCH).total.value

    answers(world, "2025-03-11", 0)

    assert (before, world.ask("nps", *MARCH).total.value) == (100, 0)


def spread(world: World, day: str, promoters: int, passives: int, detractors: int) -> None:
    answers(world, day, *[10] * promoters, *[7] * passives, *[2] * detractors)


@pytest.mark.parametrize(
    ("february", "march", "text", "tone", "note"),
    [
        ((20, 10, 10), (45, 3, 2), "61 points up", "good", ""),
        ((20, 10, 10), (20, 12, 8), "5 points up", "", "may be chance"),
        ((45, 3, 2), (20, 10, 10), "61 points down", "bad", ""),
        ((20, 10, 10), (20, 10, 10), "no change", "", ""),
    ],
)
def test_the_dashboard_says_the_change_in_words_and_whether_it_may_be_chance(
    world: World, february: tuple[int, int, int], march: tuple[int, int, int], text: str, tone: str, note: str
) -> None:
    spread(world, "2025-02-10", *february)
    spread(world, "2025-03-10", *march)
    asked = asking_for(
        {"from": "2025-03-01", "to": "2025-03-28"}, setting=world.setting, user=None, names=Names()
    )

    tile = dashboard(asked, world.setting, Names()).tiles[-1]

    assert tile.definition.slug == "nps"
    assert tile.change is not None
    assert (tile.change.text, tile.change.tone, tile.change.note) == (text, tone, note)


def test_nobody_who_never_asked_sees_a_tile_about_it(world: World) -> None:
    asked = asking_for(
        {"from": "2025-03-01", "to": "2025-03-28"}, setting=world.setting, user=None, names=Names()
    )

    assert "nps" not in [tile.definition.slug for tile in dashboard(asked, world.setting, Names()).tiles]


@pytest.mark.parametrize("path", ["/lifecycle/", "/metrics/", "/metrics/nps/", "/metrics/aov/"])
def test_every_page_of_numbers_can_be_asked_of_one_survey(
    world: World, sign_in: Callable[[User], Client], analyst: User, path: str
) -> None:
    answers(world, "2025-03-10", 10)

    answer = sign_in(analyst).get(path, {"survey": "nps", "from": "2025-03-01", "to": "2025-03-31"})
    wrong = sign_in(analyst).get(path, {"survey": "no-such"})

    assert answer.status_code == (400 if "aov" in path else 200)
    assert wrong.status_code in (400, 200)
