"""The made-up company is the same every time, and could be a real one."""

from collections import Counter
from dataclasses import fields
from datetime import date, timedelta
from statistics import mean
from zoneinfo import ZoneInfo

import pytest

from clm.demo.channels import CHANNELS
from clm.demo.company import Company, make
from clm.demo.pursuits import Pursuit

LAST = date(2026, 11, 21)
ZONE = ZoneInfo("Europe/Copenhagen")


@pytest.fixture(scope="module")
def company() -> Company:
    """Of a size at which shares are steady."""
    return make(last=LAST, zone=ZONE, size=3_000)


def test_the_same_seed_makes_the_same_company() -> None:
    one, same, other = (make(last=LAST, zone=ZONE, size=40, seed=seed) for seed in (3, 3, 4))

    assert one == same
    assert one.customers != other.customers


def test_nothing_happens_after_the_last_day(company: Company) -> None:
    dated = [*company.orders, *company.refunds, *company.events, *company.touches, *company.consents]

    assert max(row["occurred_at"] for row in dated) < company.until
    assert max(row["on"] for row in company.spend) == LAST
    assert all(at < company.until for one in company.pursuits for _step, at in one.steps)


def test_every_row_has_a_key_of_its_own(company: Company) -> None:
    for kind in ("touches", "orders", "refunds", "events", "consents", "spend"):
        keys = Counter(row["key"] for row in getattr(company, kind))
        assert keys.most_common(1)[0][1] == 1, kind


def test_nobody_of_them_can_be_written_to(company: Company) -> None:
    domains = {str(row["email"]).rpartition("@")[2] for row in company.customers}

    assert domains == {"example.com", "example.org", "example.net"}
    assert len({row["email"] for row in company.customers}) == len(company.customers)


def test_five_countries_buy_in_their_own_money(company: Company) -> None:
    countries = {row["customer"]: row["country"] for row in company.customers}
    currencies = {(countries[order["customer"]], order["currency"]) for order in company.orders}

    assert currencies == {("DK", "DKK"), ("SE", "SEK"), ("NL", "EUR"), ("DE", "EUR"), ("GB", "GBP")}
    assert {row["currency"] for row in company.rates} == {"DKK", "SEK", "GBP"}


def test_money_adds_up(company: Company) -> None:
    net = {
        order["key"]: order["amount"] - order["discount"] - order["tax"] - order["shipping"]
        for order in company.orders
    }

    assert min(net.values()) > 0
    assert all(0 < refund["amount"] <= net[refund["order"]] for refund in company.refunds)
    assert {line.order for line in company.lines} == set(net)


def test_some_buy_again_and_again_and_many_stop(company: Company) -> None:
    orders = [len(life.purchases) for life in company.lives]
    buyers = [count for count in orders if count]
    lost = [
        life
        for life in company.lives
        if life.purchases and life.purchases[-1].at < company.until - timedelta(days=180)
    ]

    assert 0.5 < len(buyers) / len(orders) < 0.75
    assert 3 < mean(buyers) < 6
    assert 0.2 < buyers.count(1) / len(buyers) < 0.5
    assert 0.25 < len(lost) / len(buyers) < 0.5


def test_channels_cost_differently(company: Company) -> None:
    won = Counter(
        life.person.channel.name for life in company.lives if life.person.channel and life.purchases
    )
    cost = {
        channel.name: float(sum(row["amount"] for row in company.spend if row.get("channel") == channel.name))
        / won[channel.name]
        for channel in CHANNELS
    }

    assert cost["E-mail"] < cost["Organic search"] < cost["Paid search"] < cost["Paid social"]
    assert 5 < min(cost.values()) < max(cost.values()) < 80


def test_most_would_recommend_the_shop(company: Company) -> None:
    scores = [one.score for one in company.askings if one.score is not None]
    nps = 100 * (sum(score >= 9 for score in scores) - sum(score <= 6 for score in scores)) / len(scores)

    assert 20 < nps < 60
    assert 0.2 < len(scores) / len(company.askings) < 0.4


def test_leads_are_in_all_states_and_some_are_overdue(company: Company) -> None:
    states = Counter(_state(one) for one in company.pursuits)
    late = [one for one in company.pursuits if one.next_action_on and one.next_action_on <= LAST]

    assert set(states) == {"new", "contacted", "qualified", "proposed", "converted", "lost"}
    assert 0.25 < states["converted"] / (states["converted"] + states["lost"]) < 0.65
    assert late


def test_reps_let_no_lead_lie_for_half_a_year(company: Company) -> None:
    still_open = [one for one in company.pursuits if one.is_open]
    untouched = [one for one in still_open if not one.steps]

    assert min(one.opened_at for one in still_open) > company.until - timedelta(days=180)
    assert all(one.opened_at > company.until - timedelta(days=30) for one in untouched)


def test_consent_is_given_before_it_is_taken_back(company: Company) -> None:
    given = {
        row["customer"]: row["occurred_at"]
        for row in company.consents
        if row["purpose"] == "marketing" and row["is_given"]
    }
    taken_back = [row for row in company.consents if not row["is_given"]]

    assert taken_back
    assert all(given[row["customer"]] < row["occurred_at"] for row in taken_back)


def test_the_company_has_every_part(company: Company) -> None:
    assert [part.name for part in fields(company) if not getattr(company, part.name)] == []


def _state(one: Pursuit) -> str:
    return one.steps[-1][0] if one.steps else "new"
