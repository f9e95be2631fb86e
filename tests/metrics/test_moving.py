"""Moving on, counted three ways, held against a walk through every customer's stays."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from clm.accounts.models import User
from lifecycle.models import Stage, StagePeriod
from metrics.asking import target_of
from metrics.question import QuestionError
from tests.metrics.world import STAGES, World, days_after, parts

SignIn = Callable[[User], Client]
MARCH = ("2025-03-01", "2025-03-31")
ORDER = {slug: place for place, (slug, _kind) in enumerate(STAGES)}


def walk(world: World, *way: tuple[str, str], **fields: object) -> None:
    """Stages entered one after the other; the last one is still open."""
    customer = world.customer(**fields)
    ends = [day for _stage, day in way[1:]]
    for (stage, day), left in zip(way, [*ends, None], strict=True):
        world.stay(customer, stage, day, left)


@pytest.fixture
def walked(world: World) -> World:
    """All came to discovery on 1 March; as of June every one's 30 days are over."""
    world.model()
    walk(world, ("discovery", "2025-03-01"), ("engagement", "2025-03-05"), ("conversion", "2025-03-20"))
    walk(world, ("discovery", "2025-03-01"), ("conversion", "2025-03-10"))
    walk(world, ("discovery", "2025-03-01"), ("loyalty", "2025-03-10"), ("engagement", "2025-03-12"))
    walk(world, ("discovery", "2025-03-01"), ("churned", "2025-03-15"), ("conversion", "2025-05-15"))
    walk(world, ("discovery", "2025-03-01"), ("engagement", "2025-04-15"))
    walk(world, ("discovery", "2025-03-01"))
    return world


def from_discovery(world: World, way: str, target: str = "", **more: object) -> Decimal | None:
    found = [stage for stage in Stage.objects.all() if target in (stage.slug, stage.kind)]
    answer = world.ask(
        "stage-conversion", *MARCH, breakdown="stage", as_of="2025-06-30", variant=way,
        target=target_of(target, found) if target else None, **{"days": 30, **more},
    )  # fmt: skip
    return parts(answer)["discovery"]


def sixths(n: int) -> Decimal:
    return (Decimal(n) / 6).quantize(Decimal("0.000001"))


def test_to_the_next_stage_in_three_ways(walked: World) -> None:
    """Engagement is next: three came to it or beyond, two of them entered it within 30 days, one directly."""
    assert from_discovery(walked, "reached") == sixths(3)
    assert from_discovery(walked, "visited") == sixths(2)
    assert from_discovery(walked, "strict") == sixths(1)


def test_to_a_stage_or_a_kind_of_the_axis(walked: World) -> None:
    assert from_discovery(walked, "reached", "conversion") == sixths(3)
    assert from_discovery(walked, "visited", "buying") == sixths(2)
    assert from_discovery(walked, "strict", "conversion") == sixths(1)
    assert from_discovery(walked, "reached", "churned") == sixths(1)


def test_more_days_find_more(walked: World) -> None:
    """The fifth comes to engagement after 45 days, the fourth is won back after 75."""
    assert from_discovery(walked, "reached", days=50) == sixths(4)
    assert from_discovery(walked, "reached", days=80) == sixths(5)


@pytest.mark.parametrize(
    ("as_of", "days"), [("2025-04-05", 30), ("2025-06-30", 90), ("2026-02-28", 270), ("2027-02-28", 365)]
)
def test_stays_are_given_as_long_as_the_time_since_the_period_began_allows(
    walked: World, as_of: str, days: int
) -> None:
    """Three quarters of it; whoever is lost is called so only after months."""
    answer = walked.ask("stage-drop-off", *MARCH, as_of=as_of)

    assert answer.asked.days == days


def test_who_is_beyond_cannot_reach_but_may_go_back(walked: World) -> None:
    engagement = target_of("engagement", [Stage.objects.get(slug="engagement")])

    def from_loyalty(way: str) -> Decimal | None:
        asked = {"breakdown": "stage", "as_of": "2025-06-30", "target": engagement, "variant": way}
        return parts(walked.ask("stage-conversion", *MARCH, **asked))["loyalty"]

    assert (from_loyalty("reached"), from_loyalty("visited")) == (None, 1)


def test_dropping_off_has_four_outcomes_that_add_up(walked: World) -> None:
    asked = {"breakdown": "stage", "as_of": "2025-06-30", "days": 30}

    row = walked.ask("stage-drop-off", *MARCH, **asked).by_key["discovery"]
    back = walked.ask("stage-drop-off", *MARCH, **asked).by_key["loyalty"]

    assert row.result is not None
    assert back.result is not None
    assert (row.result.numerator, row.result.denominator) == (1, 6)
    assert row.result.parts == {"moved_on": 3, "lost": 1, "went_back": 0, "still_there": 2, "too_young": 0}
    assert back.result.parts == {"moved_on": 0, "lost": 0, "went_back": 1, "still_there": 0, "too_young": 0}


def test_pairs_name_skips_and_returns(walked: World) -> None:
    pairs = walked.ask("stage-to-stage", *MARCH, variant="strict", as_of="2025-06-30", days=30)

    found = {
        row.key: (row.result.numerator, row.flag) for row in pairs.rows if row.result and row.result.numerator
    }
    assert found == {
        "discovery>engagement": (1, "next"),
        "discovery>conversion": (1, "skip"),
        "discovery>loyalty": (1, "skip"),
        "discovery>churned": (1, "churn"),
        "engagement>conversion": (1, "next"),
        "loyalty>engagement": (1, "return"),
    }
    assert pairs.total.reason == "Shares of different pairs do not add up. Look at each."


def test_days_of_a_stay_and_where_it_led(walked: World) -> None:
    """Six came to discovery: left after 4, 9, 9, 14 and 45 days, one is still there after 122."""
    discovery = Stage.objects.get(slug="discovery")
    asked = {"stage": discovery, "as_of": "2025-06-30"}

    curve = walked.ask("stage-survival", *MARCH, **asked)
    gone = walked.ask("stage-destinations", *MARCH, **asked)

    assert {row.keys["day"]: row.result.value for row in curve.rows if row.result} == {
        "0": 1, "4": Decimal("0.833333"), "9": Decimal("0.5"), "14": Decimal("0.333333"),
        "45": Decimal("0.166667"), "122": Decimal("0.166667"),
    }  # fmt: skip
    assert (curve.total.value, gone.total.value) == (Decimal("0.333333"), Decimal("0.666667"))
    last = {row.keys["to"]: row.result.value for row in gone.rows if row.result and row.keys["day"] == "122"}
    assert last == {
        "engagement": Decimal("0.333333"), "conversion": Decimal("0.166667"),
        "loyalty": Decimal("0.166667"), "churned": Decimal("0.166667"),
    }  # fmt: skip


def test_quartiles_stand_beside_the_median(walked: World) -> None:
    row = walked.ask("time-in-stage", *MARCH, breakdown="stage", as_of="2025-06-30").by_key["discovery"]

    assert row.result is not None
    assert row.result.value == 9
    assert row.result.parts == {"lower_quartile": 9, "upper_quartile": 45, "ended": 5, "still_there": 1}


def test_only_stays_begun_in_the_period_when_asked_so(walked: World) -> None:
    walk(walked, ("discovery", "2025-01-01"), ("churned", "2025-01-02"))
    asked = {"breakdown": "stage", "as_of": "2025-06-30"}

    every = walked.ask("time-in-stage", *MARCH, **asked).by_key["discovery"].result
    begun = walked.ask("time-in-stage", *MARCH, variant="period", **asked).by_key["discovery"].result

    assert every is not None
    assert begun is not None
    assert (every.n, begun.n) == (7, 6)


def slow_share(way: str, source: str, target: str, *, days: int, world: World) -> tuple[int, int]:
    """Customer by customer, stay by stay."""
    start, end = (world.question(*MARCH).start, world.question(*MARCH).end)
    as_of, hits, mature = world.at("2025-04-20", "00:00") + timedelta(days=1), 0, 0
    periods = list(StagePeriod.objects.live().filter(entered_at__lt=as_of).select_related("stage"))
    for stay in periods:
        if stay.stage.slug != source or not start <= stay.entered_at < end:
            continue
        until = stay.entered_at + timedelta(days=days)
        after = sorted(
            (one for one in periods
             if one.customer_id == stay.customer_id and stay.entered_at < one.entered_at <= until),
            key=lambda one: one.entered_at,
        )  # fmt: skip
        names = [one.stage.slug for one in after]
        ahead = target != "churned" and any(
            ORDER[name] >= ORDER[target] for name in names if name != "churned"
        )
        hit = {
            "reached": ahead or target in names, "visited": target in names, "strict": names[:1] == [target]
        }  # fmt: skip
        if until <= as_of:
            mature, hits = mature + 1, hits + hit[way]
    return hits, mature


@pytest.mark.parametrize("way", ["reached", "visited", "strict"])
def test_one_statement_counts_as_one_by_one(world: World, way: str) -> None:
    world.model()
    chance = random.Random(way)
    for _customer in range(40):
        day, stays = "2025-02-10", []
        while day < "2025-04-15" and len(stays) < 6:
            choices = [slug for slug in ORDER if not stays or slug != stays[-1][0]]
            stays.append((chance.choice(choices), day))
            day = days_after(day, chance.randint(1, 25))
        walk(world, *stays)

    pairs = world.ask("stage-to-stage", *MARCH, variant=way, days=21, as_of="2025-04-20")

    assert len(pairs.rows) == (14 if way == "reached" else 20)
    for row in pairs.rows:
        assert row.result is not None
        slow = slow_share(way, row.keys["from"], row.keys["to"], days=21, world=world)
        assert (row.result.numerator, row.result.denominator) == slow, row.key


@pytest.mark.parametrize("way", ["reached", "visited", "strict"])
def test_a_pair_is_the_conversion_to_that_target(walked: World, way: str) -> None:
    asked = {"as_of": "2025-06-30", "variant": way}
    pairs = walked.ask("stage-to-stage", *MARCH, **asked)

    for stage in Stage.objects.all():
        single = walked.ask(
            "stage-conversion", *MARCH, breakdown="stage", target=target_of(stage.slug, [stage]), **asked
        )
        for source in ORDER:
            pair = pairs.by_key.get(f"{source}>{stage.slug}")
            if pair:
                assert pair.result is not None
                assert single.by_key[source].result == replace(pair.result, definition_version=2)


def test_late_knowledge_changes_only_what_is_known_now(walked: World) -> None:
    """The fifth customer's move of April was learned in July."""
    StagePeriod.objects.filter(entered_at__date="2025-04-15").update(recorded_at=walked.at("2025-07-01"))
    then = walked.at("2025-06-30")

    now = from_discovery(walked, "reached", days=50)
    before = from_discovery(walked, "reached", days=50, known_at=then)

    assert (now, before) == (sixths(4), sixths(3))


def test_a_metric_that_has_no_use_for_it_says_so(walked: World) -> None:
    with pytest.raises(QuestionError, match="has no use for “days”"):
        walked.ask("revenue", *MARCH, days=10)


@pytest.mark.parametrize(
    ("query", "cure"),
    [
        ("stage=none", "There is no such stage in the model. Use one of: discovery, engagement"),
        ("target=none", "No stage of the model has this name or kind. Use one of: discovery"),
        ("days=0", "Use a whole number of days from 1 to 3650."),
        ("days=%C2%B2", "Use a whole number of days"),
        ("days=99999", "Use a whole number of days"),
    ],
)
def test_senseless_parameters_name_the_cure(
    walked: World, sign_in: SignIn, analyst: User, query: str, cure: str
) -> None:
    client = sign_in(analyst)

    page, api = (client.get(f"{path}stage-conversion/?{query}") for path in ("/metrics/", "/api/v1/metrics/"))

    assert (page.status_code, api.status_code) == (400, 400)
    assert cure in page.content.decode()
    assert api.json()["errors"][0]["attr"] == query.partition("=")[0]
