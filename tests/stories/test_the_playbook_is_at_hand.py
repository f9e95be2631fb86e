"""What to do with a customer of this stage stands on their page and on that of their lead, for those who see them."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from clm.accounts.models import User
from customers.leads.opening import open_lead
from customers.models import Customer
from tests.lifecycle.test_journey_map import model, regular

__all__ = ["model", "regular"]
pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def test_the_playbook_of_the_stage_is_at_hand(
    regular: Customer, sign_in: SignIn, owner: User, stranger: User
) -> None:
    address = f"/customers/{regular.pk}/playbook/"

    page = sign_in(owner).get(f"/customers/{regular.pk}/").content.decode()
    told = sign_in(owner).get(address).content.decode()

    assert f'hx-get="{address}"' in page
    assert "Know their history before you speak." in told
    assert sign_in(stranger).get(address).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_rep_reads_it_on_the_page_of_the_lead(
    regular: Customer, sign_in_page: Callable[[User], Page], owner: User
) -> None:
    lead = open_lead(by=owner, customer=regular, values={"title": "Forty more"})
    page = sign_in_page(owner)

    page.goto(f"/leads/{lead.pk}/")

    playbook = page.locator("main").get_by_text("Know their history before you speak.")
    expect(playbook).to_be_visible()
