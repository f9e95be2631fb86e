"""The same customers in two models: a matrix that adds up, and leads to the customers behind each number."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import Heartbeat
from clm.base import clock
from customers.merging.merge import merge
from customers.models import Arrival
from lifecycle.clocks import Lens
from lifecycle.comparing import Comparison, compare
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import Kind, LifecycleModel
from lifecycle.presets import install
from lifecycle.publishing import open_draft, publish
from tests.api.conftest import api
from tests.factories import CustomerFactory, EventFactory, bought
from tests.lifecycle.shop import buyer, six_stages

__all__ = ["api"]
PAGE = "/lifecycle/comparison/"
REST = "/api/v1/lifecycle/comparison/"


@pytest.fixture
def both(db: None) -> tuple[LifecycleModel, LifecycleModel]:
    return six_stages(), install("danish-twelve", by=None)


def told(client: Client, query: str = "") -> Comparison:
    answer = client.get(f"{PAGE}{query}")
    assert answer.status_code == 200
    comparison: Comparison = answer.context["comparison"]
    return comparison


def counts(comparison: Comparison) -> dict[tuple[str, str], int]:
    return {
        (row.stage.slug if row.stage else "", column.slug if column else ""): cell.count
        for row in comparison.rows
        for column, cell in zip(comparison.columns, row.cells, strict=True)
        if cell.count
    }


def test_customers_are_counted_by_their_stage_in_each(both, sign_in, marketer):
    buyer(3)
    buyer(40)
    buyer(41)
    buyer(200, 40, 3)
    buyer(300)

    comparison = told(sign_in(marketer))

    assert counts(comparison) == {
        ("conversion", "sale"): 1,
        ("retention", "sale"): 2,
        ("loyalty", "loyalty"): 1,
        ("churned", "churn"): 1,
    }
    assert [row.total.count for row in comparison.rows] == [0, 0, 1, 2, 1, 0, 1]
    assert sum(cell.count for cell in comparison.totals) == comparison.total == 5
    assert comparison.agreeing == 5  # a sale stands for buying and for being active


def test_the_axis_counts_each_stage_by_its_first_kind(both, sign_in, marketer):
    buyer(3)
    buyer(40)

    axis = {str(row.kind): (row.first, row.second, row.both) for row in told(sign_in(marketer)).axis}

    assert axis["buying"] == (1, 2, 1)
    assert axis["active"] == (1, 0, 0)
    assert "won_back" not in axis


def test_a_day_asks_as_of_its_end(both, sign_in, marketer):
    buyer(300)
    day = (clock.now() - timedelta(days=250)).date()

    comparison = told(sign_in(marketer), f"?as_of={day}")

    assert counts(comparison) == {("retention", "sale"): 1}


def test_each_number_leads_to_its_customers(both, sign_in, marketer):
    wanted = buyer(40, name="Rita Still")
    buyer(3, name="Nora New")
    buyer(300, name="Gert Gone")
    client = sign_in(marketer)

    def listed(query: str, one: str, other: str) -> list[str]:
        comparison = told(client, query)
        row = next(row for row in comparison.rows if row.stage and row.stage.slug == one)
        place = [column.slug for column in comparison.columns if column].index(other)
        page = client.get(row.cells[place].href)
        assert page.status_code == 200
        return [str(customer) for customer in page.context["listing"].page.rows]

    assert listed("", "retention", "sale") == [str(wanted)]
    day = (clock.now() - timedelta(days=250)).date()
    assert listed(f"?as_of={day}", "retention", "sale") == ["Gert Gone"]


def test_the_list_says_which_stages_of_which_models_it_shows(both, sign_in, marketer):
    buyer(40)

    page = unescape(
        sign_in(marketer)
        .get("/customers/?placed=swedish-six:retention&placed=danish-twelve:sale&placed_on=2026-06-30")
        .content.decode()
    )

    assert "Retention in “Six stages: Discovery to Advocacy”" in page
    assert "Sale in “Twelve components: Lead generation to Churn”" in page
    assert re.search(r"As of\W.*2026-06-30", page, re.DOTALL)


def test_an_unknown_place_is_refused_with_its_name(both, sign_in, marketer):
    buyer(40)

    page = sign_in(marketer).get("/customers/?placed=swedish-six:atlantis").content.decode()

    assert "swedish-six:atlantis" in page
    assert "Ada Berg" not in page


def test_what_came_later_was_not_known_then(both, sign_in, marketer, api):
    customer, client = buyer(40, name="Ada Berg"), sign_in(marketer)
    known, day = clock.now(), clock.now().date()
    bought(customer, 100, at=clock.now() - timedelta(days=300))
    bought(customer, 100, at=clock.now() - timedelta(days=200))
    Arrival.objects.note([customer.pk], since=clock.now() - timedelta(days=300))
    evaluate_changed()
    pairs = api(marketer).get(REST, {"known_at": known.isoformat()}).json()["pairs"]

    today = told(client, f"?as_of={day}&known_at={day}")
    before = told(client, f"?known_at={day - timedelta(days=1)}")

    assert [(pair["first"], pair["customers"]) for pair in pairs] == [("retention", 1)]
    assert counts(today) == counts(told(client)) == {("loyalty", "loyalty"): 1}
    assert (before.total, before.known_day) == (0, day - timedelta(days=1))
    (cell,) = [cell for row in today.rows for cell in row.cells if cell.count]
    assert f"placed_on={day}&known_at={day}" in cell.href
    assert "Ada Berg" in client.get(cell.href).content.decode()
    assert "As known at" in client.get(f"{PAGE}?known_at={day}").content.decode()


def test_somebody_merged_away_later_was_still_one_of_two(both, sign_in, marketer, api):
    gone, kept = buyer(40), buyer(3)
    known = clock.now()
    merge(gone, kept, by=marketer)
    evaluate_changed()
    client = api(marketer)

    assert client.get(REST, {"known_at": known.isoformat()}).json()["customers"] == 2
    assert client.get(REST).json()["customers"] == 1
    assert client.get(REST, {"known_at": clock.now().isoformat()}).json()["customers"] == 1


def test_a_number_with_somebody_merged_since_opens_no_list(both, marketer):
    gone, kept = buyer(40), buyer(3)
    buyer(41)
    known = clock.now()
    merge(gone, kept, by=marketer)
    evaluate_changed()

    def linked(known: datetime) -> dict[str, list[tuple[int, bool]]]:
        """Of each row with anybody, and of the last: its numbers, and whether they open a list."""
        asked = {"lens": Lens(known, known), "known_day": known.date()}
        told = compare(*both, seen_by=marketer, **asked)
        page = render_to_string("lifecycle/_matrix.html", {"comparison": told})
        assert ("merged with another customer since" in page) is bool(told.since_merged)
        rows = [(row, [cell for cell in [*row.cells, row.total] if cell.count]) for row in told.rows]
        links = {
            row.stage.slug: [(cell.count, bool(cell.href)) for cell in cells] for row, cells in rows if cells
        }
        return links | {"": [(cell.count, bool(cell.href)) for cell in told.totals if cell.count]}

    assert linked(known) == {
        "conversion": [(1, True), (1, True)],
        "retention": [(2, False), (2, False)],
        "": [(3, False)],
    }
    assert linked(clock.now()) == {
        "retention": [(2, True), (2, True)],
        "": [(2, True)],
    }


def test_the_future_is_told_at_the_field_and_the_present_shown(both, sign_in, marketer, api):
    buyer(3)
    tomorrow = clock.now().date() + timedelta(days=2)

    for name in ("as_of", "known_at"):
        answer = sign_in(marketer).get(f"{PAGE}?{name}={tomorrow}")
        refused = api(marketer).get(REST, {name: str(tomorrow)})

        assert (answer.status_code, answer.context["comparison"].total) == (422, 1)
        assert "nobody knows the facts of tomorrow" in answer.content.decode()
        assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, name)


def test_models_are_chosen_and_swapped(both, sign_in, marketer):
    client = sign_in(marketer)

    swapped = told(client, "?first=danish-twelve&second=swedish-six")
    alike = told(client, "?first=danish-twelve&second=danish-twelve")
    unknown = told(client, "?first=atlantis&second=rome")

    assert (swapped.first.model, swapped.second.model) == both[::-1]
    assert (alike.first.model, alike.second.model) == both[::-1]
    assert (unknown.first.model, unknown.second.model) == both


def test_a_day_that_is_none_is_told_and_the_present_shown(both, sign_in, marketer):
    buyer(3)

    answer = sign_in(marketer).get(f"{PAGE}?as_of=2026-02-31")

    assert answer.status_code == 422
    assert "Enter a valid date." in answer.content.decode()
    assert answer.context["comparison"].total == 1


def test_a_rep_compares_the_own_customers_only(both, sign_in, owner, stranger):
    buyer(3, owner=owner)
    buyer(3, owner=stranger)
    buyer(40, owner=stranger)

    assert told(sign_in(owner)).total == 1
    assert told(sign_in(stranger)).total == 2


def test_who_has_a_stage_in_one_model_only_is_counted_apart(sign_in, marketer):
    six_stages()
    buyer(3)
    install("danish-twelve", by=None)

    comparison = told(sign_in(marketer))

    assert counts(comparison) == {("conversion", ""): 1}
    assert comparison.agreeing == 0


def test_one_model_alone_cannot_be_compared(sign_in, marketer):
    six_stages()

    page = sign_in(marketer).get(PAGE).content.decode()

    assert "Comparing needs two models" in page


def test_the_page_asks_at_most_twelve_questions(both, sign_in, marketer):
    for days in (3, 40, 300):
        buyer(days)
    Heartbeat.objects.beat("worker")
    client = sign_in(marketer)

    with CaptureQueriesContext(connection) as asked:
        assert client.get(PAGE).status_code == 200

    assert len(asked) <= 12


def test_stages_of_a_model_that_is_not_primary_lead_to_their_customers_as_well(both, sign_in, marketer):
    buyer(3)
    client = sign_in(marketer)

    model = client.get("/lifecycle/models/danish-twelve/").content.decode()
    dashboard = client.get("/lifecycle/?model=danish-twelve&period=30d").content.decode()

    assert 'href="/customers/?placed=danish-twelve:sale"' in model
    assert 'href="/customers/?placed=danish-twelve:sale"' in dashboard
    assert 'href="/customers/?stage=loyalty"' in client.get("/lifecycle/?period=30d").content.decode()


@pytest.mark.parametrize(
    ("other", "blurred", "missing"),
    [
        (
            "danish-twelve",
            [
                (["conversion", "retention"], "sale"),
                (["qualification", "engagement"], "engagement"),
                (["onboarding", "sale"], "conversion"),
            ],
            [],
        ),
        ("danish-six", [(["interest", "consideration"], "engagement")], ["advocacy", "repurchase"]),
    ],
)
def test_many_stages_that_are_one_in_the_other_model_are_warned_of(
    sign_in, marketer, db, other, blurred, missing
):
    install("swedish-six", by=None)
    install(other, by=None)
    client = sign_in(marketer)

    answer = client.get(f"/lifecycle/comparison/?first=swedish-six&second={other}")

    mapping = answer.context["comparison"].mapping
    assert [([one.slug for one in blur.stages], blur.into.slug) for blur in mapping.blurs] == blurred
    assert [stage.slug for _model, stage in mapping.missing] == missing
    page = answer.content.decode()
    assert "without loss" in page
    assert page.count("All of these are one stage in") == len(blurred)
    assert page.count("Has no counterpart in the other model") == len(missing)


def test_on_a_past_day_stages_stand_for_what_they_stood_for(both, sign_in, marketer):
    """Engaged on both sides; since today one of them is called qualified, and was not so yesterday."""
    model, _other = both
    customer = CustomerFactory(first_seen_at=clock.now() - timedelta(days=9))
    EventFactory(customer=customer, name="email.clicked", occurred_at=clock.now() - timedelta(days=8))
    Arrival.objects.note([customer.pk], since=clock.now() - timedelta(days=9))
    evaluate_changed()
    draft = open_draft(model, by=None)
    draft.stage_uses.filter(stage__slug="engagement").update(kind=Kind.QUALIFIED, other_kinds=[])
    publish(draft, by=None)
    client, yesterday = sign_in(marketer), (clock.now() - timedelta(days=1)).date()

    now, then = told(client), told(client, f"?as_of={yesterday}")

    assert counts(now) == counts(then) == {("engagement", "engagement"): 1}
    assert (now.agreeing, then.agreeing) == (0, 1)
    assert [row.kind for row in now.axis if row.both] == []
    assert [row.kind for row in then.axis if row.both] == [Kind.ENGAGED]
