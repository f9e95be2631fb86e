"""Whatever was asked about somebody who became one with another is answered about the one."""

from typing import Any

import pytest

from clm.accounts.models import User
from clm.base import clock
from customers import profiles
from customers.merging.merge import merge, unmerge
from customers.models import Customer, Lead, Task, Ticket
from lifecycle.evaluation import evaluate_changed
from tests.factories import CustomerFactory
from tests.lifecycle.shop import buyer, six_stages

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(marketer: User, owner: User) -> tuple[Customer, Customer]:
    """The one that is gone and the one it became, whom the owner sees."""
    gone, kept = CustomerFactory(name="Ada"), CustomerFactory(name="Ada Berg")
    profiles.change(kept, by=marketer, values={"owner": owner})
    merge(gone, kept, by=marketer)
    return gone, kept


@pytest.mark.parametrize(
    "place",
    ["", "consents/", "score/"],
)
def test_the_api_leads_on(api: Any, marketer: User, both: tuple[Customer, Customer], place: str):
    gone, kept = both

    answer = api(marketer).get(f"/api/v1/customers/{gone.pk}/{place}")

    assert answer.status_code in (301, 307)
    assert answer["location"].endswith(f"/api/v1/customers/{kept.pk}/{place}")


def test_a_change_is_asked_again_with_its_body(api: Any, marketer: User, both: tuple[Customer, Customer]):
    gone, kept = both

    answer = api(marketer).patch(
        f"/api/v1/customers/{gone.pk}/", {"name": "Ada B."}, headers={"If-Match": "*"}
    )

    assert (answer.status_code, answer["location"]) == (307, f"/api/v1/customers/{kept.pk}/")


@pytest.mark.parametrize("place", ["privacy/", "merge/", "timeline/?only=", "score/", "more/"])
def test_pages_lead_on(sign_in: Any, administrator: User, both: tuple[Customer, Customer], place: str):
    gone, kept = both

    answer = sign_in(administrator).get(f"/customers/{gone.pk}/{place}")

    assert (answer.status_code, answer["location"]) == (307, f"/customers/{kept.pk}/{place}")


def test_nobody_learns_of_whom_they_may_not_see(
    sign_in: Any, owner: User, stranger: User, both: tuple[Customer, Customer]
):
    gone, kept = both

    assert sign_in(owner).get(f"/customers/{gone.pk}/score/")["location"] == f"/customers/{kept.pk}/score/"
    assert sign_in(stranger).get(f"/customers/{gone.pk}/score/").status_code == 404
    assert sign_in(owner).get(f"/customers/{kept.pk + 1000}/score/").status_code == 404


def test_what_is_written_of_one_that_is_gone_is_written_of_the_one_it_became(
    api: Any, marketer: User, stranger: User, both: tuple[Customer, Customer]
):
    gone, kept = both
    client = api(marketer)
    bodies: dict[str, dict[str, Any]] = {
        "leads": {"title": "Forty licences"},
        "tasks": {"title": "Call"},
        "tickets": {"subject": "Where is it?"},
        "interactions": {"kind": "note", "text": "Called"},
    }

    for name, body in bodies.items():
        made = client.post(f"/api/v1/{name}/", {"customer": gone.pk} | body)
        refused = api(stranger).post(f"/api/v1/{name}/", {"customer": gone.pk} | body)

        assert (made.status_code, made.json()["customer"]) == (201, kept.pk), made.json()
        assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, "customer")
        by_either = [client.get(f"/api/v1/{name}/?customer={one.pk}").json()["results"] for one in both]
        assert [[one["id"] for one in found] for found in by_either] == [[made.json()["id"]]] * 2
        assert api(stranger).get(f"/api/v1/{name}/?customer={gone.pk}").json()["results"] == []
    assert Lead.objects.count() == Task.objects.count() == Ticket.objects.count() == 1


def test_lists_asked_for_one_that_is_gone_show_the_one_it_became(
    api: Any, sign_in: Any, marketer: User, owner: User
):
    six_stages()
    gone, kept = buyer(40, name="Ada"), buyer(3, name="Ada Berg")
    known = clock.now().isoformat()
    done = merge(gone, kept, by=marketer)
    evaluate_changed()
    client = api(marketer)

    def of(customer: Customer, place: str, **more: str) -> list[int]:
        told = client.get(f"/api/v1/{place}/", {"customer": customer.pk, **more})
        assert told.status_code == 200, told.json()
        return [one["customer"] for one in told.json()["results"]]

    assert of(gone, "orders") == of(kept, "orders") == [kept.pk] * 2
    assert set(of(gone, "stage-periods")) == {kept.pk}
    for place in ("component-periods", "refusals", "parkings", "enrollments", "messages", "responses"):
        assert of(gone, place) == []
    before = {one.pk: of(one, "stage-periods", known_at=known) for one in (gone, kept)}
    assert {pk: set(found) for pk, found in before.items()} == {gone.pk: {gone.pk}, kept.pk: {kept.pk}}
    assert set(of(gone, "stage-periods", known_at=clock.now().isoformat())) == {kept.pk}
    assert sign_in(marketer).get(f"/leads/?tab=all&customer={gone.pk}").status_code == 200
    unmerge(done, by=marketer)
    evaluate_changed()
    assert of(gone, "orders") == [gone.pk]
