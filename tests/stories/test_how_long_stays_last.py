"""Four customers in their first stage: how long they stay, where they go, and who moved between two dates.

Every number is worked out by hand from what they did; facts come in, and the stages follow from them.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import User
from customers.segments import keeping
from lifecycle.presets import install
from lifecycle.replay import replay
from tests.factories import CustomerFactory, EventFactory, bought

pytestmark = pytest.mark.django_db
Ask = Callable[..., Any]


def noon(month: int, day: int) -> datetime:
    return datetime(2025, month, day, 12, tzinfo=UTC)


@pytest.fixture
def ask(db: None, sign_in: Callable[[User], Client], analyst: User) -> Ask:
    """Anna buys after 10 days and Dan after 42, Cleo clicks after 30; Bo came on the 21st and does nothing."""
    anna, cleo, dan = (
        CustomerFactory(name=name, first_seen_at=noon(3, 1)) for name in ("Anna", "Cleo", "Dan")
    )
    CustomerFactory(name="Bo", first_seen_at=noon(3, 21))
    bought(anna, 100, at=noon(3, 11))
    EventFactory(customer=cleo, name="email.clicked", occurred_at=noon(3, 31))
    bought(dan, 100, at=noon(4, 12))
    list(replay(install("swedish-six", by=None).published()))
    client = sign_in(analyst)

    def ask(metric: str, first: str, last: str, **more: str) -> Any:
        answer = client.get(f"/api/v1/metrics/{metric}/", {"from": first, "to": last, **more})
        assert answer.status_code == 200, answer.content
        return answer.json()

    return ask


def still_there(told: Any) -> list[tuple[int, int, float]]:
    """(day, at risk just before it, share still there after it)"""
    rows = [(row["keys"], row["result"]) for row in told["rows"]]
    return [(int(keys["day"]), result["n"], float(result["value"])) for keys, result in rows]


def test_whoever_is_still_there_counts_as_far_as_they_have_been_followed(ask: Ask) -> None:
    """As of 10 April. Day 10: 3 of 4 stay. Bo is followed for 20 days only. Day 30: 1 of 2 stays, 3/4 × 1/2."""
    told = ask("stage-survival", "2025-03-01", "2025-03-31", as_of="2025-04-10")
    time = ask("time-in-stage", "2025-03-01", "2025-03-31", as_of="2025-04-10", breakdown="stage")

    assert still_there(told) == [(0, 4, 1), (10, 4, 0.75), (30, 2, 0.375), (40, 1, 0.375)]
    discovery = time["rows"][0]
    assert (discovery["keys"]["stage"], discovery["result"]["value"]) == ("discovery", "30")
    assert discovery["result"]["parts"] == {"lower_quartile": 10, "ended": 2, "still_there": 2}


def test_three_weeks_later_the_same_stays_tell_more(ask: Ask) -> None:
    """Bo has 40 days now and was there on day 30: 2 of 3 stay, 3/4 × 2/3. Day 42: only Dan is left, and goes."""
    told = ask("stage-survival", "2025-03-01", "2025-03-31", as_of="2025-04-30")

    assert still_there(told) == [(0, 4, 1), (10, 4, 0.75), (30, 3, 0.5), (42, 1, 0)]


def test_ways_out_compete(ask: Ask) -> None:
    """To Conversion 1/4 on day 10; to Engagement 3/4 × 1/2 on day 30, where 1 - Kaplan-Meier would say 1/2."""
    told = ask("stage-destinations", "2025-03-01", "2025-03-31", as_of="2025-04-10")

    gone = [
        (row["keys"]["to"], int(row["keys"]["day"]), float(row["result"]["value"])) for row in told["rows"]
    ]
    assert sorted(gone) == [
        ("conversion", 10, 0.25),
        ("conversion", 40, 0.25),
        ("engagement", 30, 0.375),
        ("engagement", 40, 0.375),
    ]
    assert float(told["total"]["value"]) == Fraction(1, 4) + Fraction(3, 8)


def test_of_a_segment_only_its_members_are_followed(ask: Ask, marketer: User) -> None:
    """Buyers as of 30 April are Anna and Dan: half stay after day 10, nobody after day 42."""
    condition = {"condition": "purchase_days", "parameters": {"at_least": 1}}
    keeping.create(by=marketer, name="Buyers", kind="dynamic", conditions=condition)

    told = ask("stage-survival", "2025-03-01", "2025-03-31", as_of="2025-04-30", segment="buyers")

    assert still_there(told) == [(0, 2, 1), (10, 2, 0.5), (42, 1, 0)]


@pytest.mark.parametrize(
    ("first", "last", "flow"),
    [
        (
            "2025-03-15",
            "2025-04-15",
            {
                ("conversion", "retention"): (1, ""),  # Anna, 31 days after her purchase
                ("", "discovery"): (1, "new"),  # Bo
                ("discovery", "engagement"): (1, ""),  # Cleo
                ("discovery", "conversion"): (1, "skip"),  # Dan
            },
        ),
        (
            "2025-04-01",
            "2025-04-10",
            {
                ("conversion", "conversion"): (1, "stay"),
                ("discovery", "discovery"): (2, "stay"),
                ("engagement", "engagement"): (1, "stay"),
            },
        ),
        (
            "2025-04-15",
            "2025-10-12",
            {
                ("retention", "churned"): (1, "churn"),
                ("conversion", "churned"): (1, "churn"),
                ("discovery", "discovery"): (1, "stay"),
                ("engagement", "discovery"): (1, "return"),  # Cleo, 90 days without a sign
            },
        ),
    ],
    ids=["a month", "ten days", "half a year"],
)
def test_between_two_dates_everybody_stays_moves_skips_or_is_lost(
    ask: Ask, first: str, last: str, flow: dict[tuple[str, str], tuple[int, str]]
) -> None:
    told = ask("stage-flow", first, last)

    found = {
        (row["keys"]["from"], row["keys"]["to"]): (int(row["result"]["value"]), row["flag"])
        for row in told["rows"]
    }
    assert found == flow
    assert told["total"]["value"] == "4"
