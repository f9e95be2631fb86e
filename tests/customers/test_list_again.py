"""The list as it is opened most: its questions and its head are kept, what it says never is."""

import pytest
from django.test import Client

from clm.accounts.models import User
from customers.custom_fields import defining
from customers.models import Customer
from tests.customers.own_fields import fields
from tests.customers.test_list import names
from tests.factories import CustomerFactory
from tests.lifecycle.shop import buyer, six_stages

__all__ = ["fields"]
BOTH = ("/customers/", "/customers/?sort=name")


@pytest.fixture
def marketing(sign_in, marketer) -> Client:
    return sign_in(marketer)


@pytest.mark.parametrize("address", BOTH)
def test_it_holds_who_is_there_now(marketing, address):
    ada, bo = CustomerFactory(name="Ada"), CustomerFactory(name="Bo")
    before = sorted(names(marketing, address))
    Customer.objects.filter(pk=ada.pk).update(merged_into=bo)
    Customer.objects.filter(pk=bo.pk).update(name="Bodil")
    CustomerFactory(name="Carl")

    page = marketing.get(address).content.decode()

    assert before == ["Ada", "Bo"]
    assert sorted(names(marketing, address)) == ["Bodil", "Carl"]
    assert "2 customers" in page


@pytest.mark.parametrize("address", BOTH)
def test_who_sees_all_lends_nobody_their_eyes(sign_in, marketer, owner, stranger, address):
    CustomerFactory(name="Ada", owner=owner)
    CustomerFactory(name="Bo", owner=stranger)

    assert sorted(names(sign_in(marketer), address)) == ["Ada", "Bo"]
    assert names(sign_in(owner), address) == ["Ada"]
    assert names(sign_in(stranger), address) == ["Bo"]
    assert "1 customer" in sign_in(owner).get(address).content.decode()


@pytest.mark.django_db
def test_the_api_tells_each_whom_they_see_as_they_are_now(sign_in, marketer: User, owner: User):
    CustomerFactory(name="Ada", owner=owner)
    bo = CustomerFactory(name="Bo")

    def told(user: User) -> list[str]:
        return [one["name"] for one in sign_in(user).get("/api/v1/customers/").json()["results"]]

    assert (told(marketer), told(owner)) == (["Bo", "Ada"], ["Ada"])
    Customer.objects.filter(pk=bo.pk).update(name="Bodil", owner=owner)
    assert (told(marketer), told(owner)) == (["Bodil", "Ada"], ["Bodil", "Ada"])


def test_stages_are_of_the_model_that_is_primary_now(marketing, marketer):
    columns = "cols=stage&cols=stage_since"
    buyer(1)
    without = marketing.get(f"/customers/?{columns}").content.decode()
    model = six_stages()
    model.refresh_from_db()
    buyer(2, name="Bo Berg")

    page = marketing.get(f"/customers/?{columns}").content.decode()

    assert "stage-dot" not in without
    assert page.count("stage-dot") == 2


def test_how_far_they_came_is_left_open_as_of_another_day(marketing):
    six_stages()
    buyer(1)

    now = marketing.get("/customers/?cols=stage&cols=furthest").content.decode()
    then = marketing.get("/customers/?cols=furthest&as_of=2020-01-01")

    assert now.count("stage-dot") == 2
    assert then.status_code == 200
    assert "stage-dot" not in then.content.decode()


def test_the_head_follows_names_order_and_language(marketing, marketer, administrator, fields):
    CustomerFactory()
    address = "/customers/?cols=fields.tier"
    before = marketing.get(address).content.decode()
    defining.change(fields["tier"], by=administrator, values={"labels": {"en": "Rank", "da": "Rang"}})
    User.objects.filter(pk=marketer.pk).update(language="da")

    after = marketing.get(f"{address}&sort=name").content.decode()

    assert ("Rang" in before, 'aria-sort="ascending"' in before) == (False, False)
    assert ("Rang" in after, 'aria-sort="ascending"' in after, "Kunde<" in after) == (True, True, True)
