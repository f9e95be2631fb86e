"""A person asks for their data, and then to be forgotten."""

import zipfile

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from customers import profiles
from customers.merging.merge import merge
from customers.models import Customer
from tests.factories import bought
from tests.lifecycle.shop import work_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def twins(marketer) -> tuple[Customer, Customer]:
    one = profiles.register(
        by=marketer, values={"name": "Ada Lovelace", "email": "ada@example.com", "phone": "+4512345678"}
    )
    other = profiles.register(
        by=marketer, values={"name": "A. Lovelace", "email": "ada@work.example", "phone": "+4512345678"}
    )
    bought(other, 40)
    return one, other


def faultless(page: Page) -> None:
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_two_who_are_one_are_given_their_data_and_forgotten(sign_in_page, administrator, twins):
    one, other = twins
    page = sign_in_page(administrator)
    page.on("dialog", lambda question: question.accept())
    merge(other, one, by=administrator)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"/customers/{other.pk}/")
    expect(page).to_have_url(f"**/customers/{one.pk}/".replace("**", page.url.split("/customers")[0]))
    page.get_by_role("link", name="Consents, data and erasure").click()
    page.get_by_label("Proof").fill("Asked on the phone")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("Asked on the phone")).to_be_visible()
    faultless(page)

    page.get_by_role("button", name="Put the data together").click()
    work_off()
    page.reload()
    with page.expect_download() as got:
        page.get_by_role("link", name="Download").click()
    assert "customers.order.csv" in zipfile.ZipFile(got.value.path()).namelist()

    page.get_by_label("I know that").check()
    page.get_by_role("button", name="Erase this customer").click()
    expect(page.get_by_text("being erased. It takes")).to_be_visible()
    work_off()
    page.reload()
    expect(page.get_by_text("was erased on")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Privacy of #{one.pk}")
