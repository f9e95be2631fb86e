"""Your best 20 %: their share of revenue, what they have in common, and a profile of that."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from clm.accounts.models import User
from clm.base import clock
from customers.models import IdealProfile
from customers.scoring.best import best_customers
from tests.customers.scored import from_country
from tests.factories import OrderFactory, RefundFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def shop(db: None) -> None:
    """Five Danes bring 100 each less a refund of 10; twenty Swedes 10 each; one order is too old."""
    at = clock.now() - timedelta(days=3)
    for number in range(25):
        customer = from_country("DK" if number < 5 else "SE")
        order = OrderFactory(customer=customer, gross=Decimal(100 if number < 5 else 10), occurred_at=at)
        if number == 0:
            RefundFactory(to=order, occurred_at=at)
            OrderFactory(customer=customer, gross=Decimal(900), occurred_at=at - timedelta(days=800))
            OrderFactory(customer=customer, occurred_at=at, currency="USD", rate=None)


@pytest.mark.usefixtures("shop")
def test_what_a_fifth_brings_and_shares() -> None:
    best = best_customers(days=365)

    assert (best.best, best.customers, best.unconverted) == (5, 25, 1)
    assert (best.revenue_of_best, best.revenue) == (490, 690)
    assert [(one.key, one.best, one.all, one.lift) for one in best.traits] == [("country:DK", 5, 5, 5.0)]
    assert best.traits[0].in_words == "country is Denmark"


@pytest.mark.usefixtures("shop")
def test_the_traits_become_an_ideal_profile(marketer: User, owner: User, sign_in: SignIn) -> None:
    client = sign_in(marketer)
    shown = client.get("/scores/best/")

    made = client.post("/scores/best/profile/", {"days": "365", "name": "Danes", "trait": ["country:DK"]})
    nothing = client.post("/scores/best/profile/", {"days": "365", "name": "None"}, follow=True)

    assert shown.context["best"].share == pytest.approx(490 / 690)
    assert "Country is Denmark" in shown.content.decode()
    profile = IdealProfile.objects.get()
    assert made.url == f"/scores/profiles/{profile.pk}/"
    parameters = {"field": "country", "operator": "is", "value": "DK"}
    assert profile.tests == [{"weight": 23, "conditions": {"condition": "field", "parameters": parameters}}]
    assert "Add at least one test." in nothing.content.decode()
    assert sign_in(owner).get("/scores/best/").status_code == 403


def test_where_nobody_bought_the_page_says_so(marketer: User, sign_in: SignIn) -> None:
    assert "Nobody bought in this time" in sign_in(marketer).get("/scores/best/?days=x").content.decode()
