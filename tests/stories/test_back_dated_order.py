"""An order comes in two months late: last month looks different today, but not as it was known then."""

from datetime import date, timedelta

import pytest
from django.db.models import F
from django.test import Client

from clm.accounts.models import User
from clm.base import clock
from customers.models import Arrival, Customer, Order
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import StagePeriod
from tests.factories import bought
from tests.lifecycle.shop import buyer, six_stages

pytestmark = pytest.mark.django_db


@pytest.fixture
def last_month(db: None) -> date:
    return (clock.now() - timedelta(days=40)).date()


@pytest.fixture
def ada(last_month: date) -> Customer:
    """Two orders came in on their days; two more, of 60 and 50 days ago, only today."""
    six_stages()
    buyer(100, name="Berta Other")
    customer = buyer(100, name="Ada Berg")
    Order.objects.update(recorded_at=F("occurred_at"))
    StagePeriod.objects.update(recorded_at=F("entered_at"))
    for days in (60, 50):
        bought(customer, 80, at=clock.now() - timedelta(days=days))
    Arrival.objects.note([customer.pk], since=clock.now() - timedelta(days=60))
    evaluate_changed()
    return customer


def words(page: bytes) -> str:
    return " ".join(page.decode().split())


def test_the_api_answers_by_both_clocks(api, marketer: User, ada: Customer, last_month: date) -> None:
    client, address = api(marketer), f"/api/v1/customers/{ada.pk}/stage/"

    today = client.get(address, {"as_of": last_month}).json()
    then = client.get(address, {"as_of": last_month, "known_at": last_month}).json()

    assert (today["period"]["stage"], then["period"]["stage"]) == ("loyalty", "retention")
    assert then["why"]["holds"] is True
    assert (then["period"]["left_at"], then["period"]["superseded_at"]) == (None, None)


def test_everybody_s_stage_is_listed_by_both_clocks(
    api, marketer: User, ada: Customer, last_month: date
) -> None:
    client, address = api(marketer), "/api/v1/stage-periods/"

    def stages(**clocks: object) -> dict[int, str]:
        rows = client.get(address, clocks).json()["results"]
        assert {row["superseded_at"] for row in rows} == {None}
        return {row["customer"]: row["stage"] for row in rows}

    other = Customer.objects.get(name="Berta Other").pk
    assert stages(as_of=last_month) == {ada.pk: "loyalty", other: "retention"}
    assert stages(as_of=last_month, known_at=last_month) == {ada.pk: "retention", other: "retention"}


def test_the_customer_s_page_tells_both_and_why_it_changed(
    sign_in, marketer: User, ada: Customer, last_month: date
) -> None:
    client: Client = sign_in(marketer)
    page = f"/customers/{ada.pk}/"

    today = words(client.get(page, {"as_of": last_month}).content)
    then = words(client.get(page, {"as_of": last_month, "known_at": last_month}).content)
    missing = words(
        client.get(
            f"{page}stages/swedish-six/missing/", {"as_of": last_month, "known_at": last_month}
        ).content
    )

    assert "Why Loyalty" in today
    assert "because an order of" in today
    assert "came later. Before: Retention." in today
    assert today.count("came later") == 1  # the stay before it only ends otherwise
    assert "Why Retention" in then
    assert "came later" not in then
    assert "2 more purchase days" in missing


def test_the_list_is_looked_at_through_both_clocks(
    sign_in, marketer: User, ada: Customer, last_month: date
) -> None:
    client: Client = sign_in(marketer)

    def names(**query: object) -> list[str]:
        page = words(client.get("/customers/", query).content)
        return [name for name in ("Ada Berg", "Berta Other") if name in page]

    both = {"as_of": last_month, "known_at": last_month}
    assert names(stage="loyalty") == ["Ada Berg"]
    assert names(stage="loyalty", as_of=last_month) == ["Ada Berg"]
    assert names(stage="loyalty", **both) == []
    assert names(stage="retention", **both) == ["Ada Berg", "Berta Other"]
    shown = words(client.get("/customers/", both).content)
    assert shown.count("Retention") >= 2
    assert client.get("/customers/", {"as_of": "garbage"}).status_code == 200
