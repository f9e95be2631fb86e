"""The pages of scores: set up, looked at, explained; within what the reader may see, in few queries."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import User
from customers.models import IdealProfile, Lead, Scoring
from customers.scoring import keeping
from tests.customers.scored import bought, did, from_country, profile, signals, viewed, weighs
from tests.factories import ConsentFactory, LeadFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
MOST_QUERIES = 12


def sent(*lines: tuple[Any, str], **more: Any) -> dict[str, Any]:
    """What the form posts for (weight, country) tests."""
    data: dict[str, Any] = {"name": "Danes", "is_active": "on", "lines": len(lines), "read": ""} | more
    for number, (weight, country) in enumerate(lines):
        stem = f"test_{number}-0"
        data |= {f"weight_{number}": weight, f"{stem}-join": "all", f"{stem}.0-not": ""}
        data |= {f"{stem}.0-condition": "field" if country else ""}
        data |= {f"{stem}.0-p-field": "country", f"{stem}.0-p-operator": "is", f"{stem}.0-p-value": country}
    return data


def test_a_profile_is_made_from_what_the_form_sends(marketer: User, sign_in: SignIn) -> None:
    from_country("DK")

    answer = sign_in(marketer).post(
        "/scores/profiles/new/", sent((30, "DK"), (-5, "SE"), (10, "")), follow=True
    )

    made = IdealProfile.objects.get()
    assert [test["weight"] for test in made.tests] == [30, -5]
    assert answer.redirect_chain == [("/scores/profiles/", 302)]
    page = answer.content.decode()
    assert "Country is Denmark" in page
    assert "+30" in page
    assert "−5" in page
    assert "It fits 1 customer best." in page


def test_lines_come_and_go_without_saving(marketer: User, sign_in: SignIn) -> None:
    client = sign_in(marketer)

    more = client.post("/scores/profiles/new/", sent((30, "DK")) | {"add-line": "1"})
    less = client.post("/scores/profiles/new/", sent((30, "DK"), (7, "SE")) | {"remove-line": "0"})

    form = more.context["form"]
    assert (form.count, form["weight_0"].value(), form["name"].value()) == (2, "30", "Danes")
    assert (less.context["form"].count, less.context["form"]["weight_0"].value()) == (1, "7")
    assert IdealProfile.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (sent((30, "")), "Add at least one test."),
        (sent(("", "DK")), "Give it a weight"),
        (sent((-5, "DK")), "At least one test must speak for a customer"),
        (sent((500, "DK")), "less than or equal to 100"),
        (sent((30, "DK"), name=""), "This field is required."),
        (sent((30, "DK"), name="taken"), "Another profile has this name."),
    ],
)
def test_mistakes_stand_at_their_field(
    marketer: User, sign_in: SignIn, data: dict[str, Any], reason: str
) -> None:
    profile(name="Taken")

    answer = sign_in(marketer).post("/scores/profiles/new/", data)

    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert IdealProfile.objects.count() == 1


def test_a_profile_changed_meanwhile_is_not_written_over(marketer: User, sign_in: SignIn) -> None:
    made = profile()
    read = made.changed_at.isoformat()
    keeping.change_profile(made, by=marketer, values={"name": "Northerners"})

    answer = sign_in(marketer).post(f"/scores/profiles/{made.pk}/", sent((3, "DK"), read=read))

    assert answer.status_code == 409
    assert answer.context["form"]["name"].value() == "Northerners"
    assert IdealProfile.objects.get().name == "Northerners"


def test_a_profile_is_deleted(marketer: User, sign_in: SignIn) -> None:
    made = profile()

    sign_in(marketer).post(f"/scores/profiles/{made.pk}/removal/")

    assert IdealProfile.objects.count() == 0


def test_what_shows_interest_is_kept(marketer: User, sign_in: SignIn) -> None:
    scoring = signals(viewed(points=3))
    classes = {"fit_a": 80, "fit_b": 50, "fit_c": 20, "interest_1": 40, "interest_2": 20, "interest_3": 5}
    lines = {"event_0": "page.viewed", "points_0": 4, "most_0": 5, "event_1": "email.clicked", "points_1": 6}
    data = classes | lines | {"half_life_days": 14, "read": scoring.changed_at.isoformat()}

    answer = sign_in(marketer).post("/scores/interest/", data)

    assert answer.status_code == 302
    kept = Scoring.objects.get()
    assert kept.signals == [
        {"event": "page.viewed", "points": 4, "most": 5},
        {"event": "email.clicked", "points": 6, "most": 10},
    ]
    assert (kept.half_life_days, kept.fit_a) == (14, 80)


def test_classes_out_of_order_are_refused(marketer: User, sign_in: SignIn) -> None:
    classes = {"fit_a": 20, "fit_b": 50, "fit_c": 10, "interest_1": 40, "interest_2": 20, "interest_3": 5}

    answer = sign_in(marketer).post("/scores/interest/", classes | {"half_life_days": 14})

    assert answer.status_code == 422
    assert "Each class begins higher than the next." in answer.content.decode()
    assert Scoring.objects.get().fit_a == 75


def test_the_matrix_leads_to_the_customers_it_counts(marketer: User, sign_in: SignIn) -> None:
    dane, _swede = from_country("DK", name="Ada"), from_country("SE", name="Bo")
    profile()
    did(dane)
    signals(viewed(points=60))
    client = sign_in(marketer)

    page, listed = (
        client.get("/scores/").content.decode(),
        client.get("/customers/?grade=A1&cols=fit&cols=interest"),
    )

    assert "?grade=A1&amp;sort=-interest" in page
    assert [str(row) for row in listed.context["listing"].page.rows] == ["Ada"]
    assert ">100<" in listed.content.decode()
    sorted_by = client.get("/customers/?sort=-fit&fit_min=0").context["listing"].page.rows
    assert [str(row) for row in sorted_by] == ["Ada", "Bo"]
    assert [str(row) for row in client.get("/customers/?interest_min=60").context["listing"].page.rows] == [
        "Ada"
    ]


def test_a_rep_counts_the_own_customers_only(owner: User, sign_in: SignIn) -> None:
    from_country("DK", owner=owner)
    other = from_country("DK")
    profile()
    client = sign_in(owner)

    assert client.get("/scores/").context["matrix"].total == 1
    assert client.get(f"/customers/{other.pk}/score/").status_code == 404


def test_the_tabs_are_the_same_on_every_page(analyst: User, marketer: User, sign_in: SignIn) -> None:
    pages = ["/scores/", "/scores/profiles/", "/scores/thresholds/", "/scores/best/"]

    def tabs(user: User, address: str) -> bool:
        return 'href="/scores/best/"' in sign_in(user).get(address).content.decode()

    assert [tabs(analyst, page) for page in pages] == [True] * 4
    assert [tabs(marketer, page) for page in [*pages, "/scores/interest/"]] == [True] * 5


def test_before_anything_is_set_up_the_page_says_how_to_begin(marketer: User, sign_in: SignIn) -> None:
    assert "No scores yet" in sign_in(marketer).get("/scores/").content.decode()
    assert "No ideal profile yet" in sign_in(marketer).get("/scores/profiles/").content.decode()


def test_the_score_is_told_point_by_point_and_as_of_a_day(marketer: User, sign_in: SignIn) -> None:
    customer = from_country("DK")
    profile(weighs(30), bought(20))
    did(customer, days_ago=30)
    signals(viewed(points=10))
    client = sign_in(marketer)

    now = client.get(f"/customers/{customer.pk}/score/", headers={"HX-Request": "true"}).content.decode()
    then = client.get(f"/customers/{customer.pk}/score/", {"day": "2020-01-01"}).content.decode()

    assert "30 of 50 points: 60" in now
    assert "+5.0" in now
    assert "B3" in now
    assert "No event that gives points." in then


def test_who_withdrew_is_said_to_have_no_score(marketer: User, sign_in: SignIn) -> None:
    customer = from_country("DK")
    profile()
    ConsentFactory(customer=customer, purpose="profiling", is_given=False)

    page = sign_in(marketer).get(f"/customers/{customer.pk}/score/").content.decode()

    assert "has withdrawn from scores and predictions" in page


def test_every_page_asks_little_whatever_there_is(marketer: User, sign_in: SignIn) -> None:
    customer = from_country("DK")
    for number in range(4):
        profile(weighs(3), bought(2), name=f"P{number}")
    for _number in range(20):
        did(customer)
    signals(viewed(), *({"event": f"a.b{number}", "points": 1} for number in range(10)))
    lead: Lead = LeadFactory(customer=customer)
    client = sign_in(marketer)
    client.get("/scores/")

    addresses = ["/scores/", "/scores/profiles/", "/scores/interest/", f"/customers/{customer.pk}/score/"]
    addresses += [f"/customers/{customer.pk}/", f"/leads/{lead.pk}/", "/customers/?cols=fit&cols=score"]
    asked = {}
    for address in addresses:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        asked[address] = len(queries)

    assert max(asked.values()) <= MOST_QUERIES, asked
