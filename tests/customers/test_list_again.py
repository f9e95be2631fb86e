"""The list as it is opened most: its questions and its head are kept, what it says never is."""

from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client

from clm.accounts.models import User
from clm.base import compiled
from customers.custom_fields import defining
from customers.models import Customer
from lifecycle.models import LifecycleModel
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
    address = "/customers/?cols=stage&cols=stage_since"
    six_stages()
    buyer(2)
    before = marketing.get(address).content.decode()
    LifecycleModel.objects.update(is_primary=False)

    after = marketing.get(address).content.decode()

    assert (before.count("stage-dot"), after.count("stage-dot")) == (1, 0)


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


def test_a_page_looks_into_the_cache_once(marketing, marketer, monkeypatch):
    asked: list[set[str]] = []

    def get_many(_cache: Any, keys: Any, version: Any = None) -> dict[str, int]:
        asked.append(set(keys))
        return {f"bell:{marketer.pk}": 7}

    monkeypatch.setattr(LocMemCache, "get_many", get_many)
    monkeypatch.setattr(LocMemCache, "get", None)

    page = marketing.get("/customers/").content.decode()

    assert [keys >= {"worker-alive", "demo-idle", f"bell:{marketer.pk}"} for keys in asked] == [True]
    assert "7 reminders" in page


def test_an_order_by_an_own_field_is_asked_anew(marketing, fields, monkeypatch):
    monkeypatch.setattr(compiled, "_questions", {})
    CustomerFactory(name="Ada", fields={"machines": 2})
    bo = CustomerFactory(name="Bo", fields={"machines": 10})
    address = "/customers/?sort=-fields.machines"

    before = names(marketing, address)
    Customer.objects.filter(pk=bo.pk).update(fields={"machines": 1})

    assert (before, names(marketing, address)) == (["Bo", "Ada"], ["Ada", "Bo"])
    assert not [key for key in compiled._questions if key[0] == "page"]
