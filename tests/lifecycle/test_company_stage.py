"""A company stands where the person stands who is furthest along and has not fallen away."""

from datetime import timedelta
from typing import Any

import pytest

from clm.accounts.models import User
from clm.base import clock
from customers.models import Company, Customer
from lifecycle.admission import MoveSet, admit
from lifecycle.company_stage import standing_of
from lifecycle.models import LifecycleModel
from tests.api.conftest import api
from tests.factories import CustomerFactory
from tests.lifecycle.shop import buyer, six_stages, stage, work_off
from tests.lifecycle.test_glance import SignIn

__all__ = ["api"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return six_stages()


@pytest.fixture
def engines(model: LifecycleModel) -> Company:
    return Company.objects.create(name="Engines Ltd")


def works_there(engines: Company, *people: Customer) -> None:
    Customer.objects.filter(pk__in=[each.pk for each in people]).update(company=engines)


def test_it_is_that_of_whoever_is_furthest_along(engines: Company, marketer: User):
    new, kept, gone = buyer(3, name="New Nora"), buyer(40, 10, name="Kept Karl"), buyer(400, name="Gone Gert")
    stranger = CustomerFactory(name="Not placed yet")
    works_there(engines, new, kept, gone, stranger)

    standing = standing_of(engines, marketer)

    assert standing is not None
    assert (standing.stage.slug, standing.leader) == ("retention", kept)
    assert [(place.slug, place.people) for place in standing.places] == [
        ("conversion", 1), ("retention", 1), ("churned", 1),
    ]  # fmt: skip
    assert standing.without == 1
    assert clock.now() - standing.since < timedelta(days=11)


def test_who_has_fallen_away_counts_where_there_are_no_others(engines: Company, marketer: User):
    works_there(engines, buyer(400))

    standing = standing_of(engines, marketer)

    assert standing is not None
    assert standing.stage.slug == "churned"


def test_a_company_without_people_stands_nowhere(engines: Company, marketer: User):
    assert standing_of(engines, marketer) is None


def test_nobodys_stage_follows_from_it(engines: Company, marketer: User):
    new, kept = buyer(3), buyer(40, 10)
    works_there(engines, new, kept)
    admit(MoveSet([kept.pk], stage("advocacy"), "said so"), source="person", actor=marketer)
    work_off()

    standing = standing_of(engines, marketer)

    assert standing is not None
    assert standing.stage.slug == "advocacy"
    assert standing_of(engines, marketer).places[0].slug == "conversion"  # type: ignore[union-attr]


def test_page_list_and_api_say_it_of_the_people_one_sees(
    engines: Company, sign_in: SignIn, owner: User, marketer: User, api: Any
):
    mine, foreign = buyer(3, name="Nora Mine", owner=owner), buyer(40, 10, name="CANARY Karl")
    works_there(engines, mine, foreign)

    page, listed = (
        sign_in(owner).get(address).content.decode()
        for address in (f"/companies/{engines.pk}/", "/companies/")
    )
    told, whole = (
        api(user).get(f"/api/v1/companies/{engines.pk}/stage/").json() for user in (owner, marketer)
    )

    assert "Nora Mine" in page
    assert "CANARY" not in page
    assert "Conversion" in page
    assert "Retention" not in page
    assert "Conversion" in listed
    assert (told["stage"], told["customer"]) == ("conversion", mine.pk)
    assert told["people"] == [{"stage": "conversion", "name": "Conversion", "people": 1}]
    assert (whole["stage"], whole["customer"]) == ("retention", foreign.pk)


def test_a_company_that_one_does_not_see_is_not_there(engines: Company, owner: User, api: Any):
    works_there(engines, buyer(3))

    assert api(owner).get(f"/api/v1/companies/{engines.pk}/stage/").status_code == 404


def test_the_list_asks_nothing_more_for_more_companies(
    sign_in: SignIn, marketer: User, model: LifecycleModel, django_assert_max_num_queries: Any
):
    for number in range(5):
        works_there(Company.objects.create(name=f"Firm {number}"), buyer(3))
    client = sign_in(marketer)
    client.get("/companies/")

    with django_assert_max_num_queries(10):
        page = client.get("/companies/").content.decode()

    assert page.count("Conversion") == 5
