"""Whatever was asked about somebody who became one with another is answered about the one."""

from typing import Any

import pytest

from clm.accounts.models import User
from customers import profiles
from customers.merging.merge import merge
from customers.models import Customer
from tests.factories import CustomerFactory

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
