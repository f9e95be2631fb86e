"""One company under two schools: the six stages of a Swedish guide and the twelve components of a Danish one."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.models import Customer
from lifecycle.models import LifecycleModel, StagePeriod
from lifecycle.presets import install
from lifecycle.replay import replay
from tests.factories import CustomerFactory, EventFactory
from tests.lifecycle.shop import buyer, work_off

SWEDISH, DANISH = "Six stages: Discovery to Advocacy", "Twelve components: Lead generation to Churn"


@pytest.fixture
def page(page: Page) -> Page:
    page.on("dialog", lambda dialog: dialog.accept())
    page.set_viewport_size({"width": 1440, "height": 900})
    return page


@pytest.fixture
def loyal(transactional_db: None) -> Customer:
    """A small company: somebody curious, two new buyers, one who buys still, a loyal one who needs help, one gone."""
    now = clock.now()
    curious = CustomerFactory(name="Carl Curious", first_seen_at=now - timedelta(days=20))
    EventFactory(customer=curious, name="email.clicked", occurred_at=now - timedelta(days=10))
    buyer(3, name="Nora New")
    buyer(9, name="Nils New")
    buyer(60, name="Stine Still")
    buyer(300, name="Gert Gone")
    customer = buyer(200, 100, 20, name="Lotte Loyal")
    EventFactory(customer=customer, name="ticket.opened", occurred_at=now - timedelta(days=4))
    return customer


def choose(page: Page, slug: str, name: str) -> None:
    """From the gallery: look inside, take it, have the history worked out."""
    page.goto("/lifecycle/models/")
    page.click(f"#preset-{slug} >> text=Look inside")
    expect(page.locator("h1")).to_have_text(name)
    page.click("text=Use this model")
    page.click("text=Work out the history")
    expect(page.locator("#history-progress")).to_be_visible()
    work_off()
    expect(page.locator("#model-history")).to_contain_text("The history is worked out.")


def test_the_same_company_in_the_words_of_two_guides(
    administrator: User, sign_in_page: Callable[[User], Page], loyal: Customer
) -> None:
    page = sign_in_page(administrator)

    choose(page, "swedish-six", SWEDISH)
    choose(page, "danish-twelve", DANISH)
    expect(page.locator("#model-stages")).to_contain_text(re.compile(r"Onboarding.*No such facts yet", re.S))

    page.goto("/lifecycle/")
    expect(page.locator("#stages")).to_contain_text("Conversion")
    expect(page.locator("#stages")).not_to_contain_text("Lead generation")

    page.goto("/lifecycle/models/danish-twelve/")
    page.click("text=Make primary")
    expect(page.locator(".page-subtitle")).to_contain_text("Primary")
    page.goto("/lifecycle/")
    expect(page.locator("#stages")).to_contain_text("Lead generation")
    expect(page.locator("#stages")).not_to_contain_text("Conversion")
    page.goto("/customers/")
    expect(page.locator("table")).to_contain_text("Sale")
    assert AuditEntry.objects.filter(action="model.made_primary").count() == 1

    page.goto("/lifecycle/")
    page.click("[popovertarget=scene-model]")
    page.click("text=Two models side by side")
    lost = page.locator("#mapping li")
    expect(lost).to_have_count(3)
    expect(lost.last).to_contain_text(
        re.compile(r"Conversion.*Retention.*Sale.*they can't be told apart", re.S)
    )
    matrix = page.locator("#matrix")
    expect(matrix).to_contain_text("6 of 6 customers are at the same point of the shared axis in both.")
    page.click("text=Swap")
    row = page.locator("#matrix-table tbody tr", has_text="Conversion")
    row.locator("td a").first.click()
    expect(page.locator("table tbody")).to_contain_text("Nora New")
    expect(page.locator("table tbody")).to_contain_text("Nils New")
    expect(page.locator("table tbody")).not_to_contain_text("Stine Still")

    page.goto(f"/customers/{loyal.pk}/")
    panel = page.locator("#stage")
    expect(panel).to_contain_text("Beside the stages")
    expect(panel).to_contain_text(re.compile(r"Support\s+under way since"))
    page.click(f"#stage >> text={SWEDISH}")
    expect(panel).to_contain_text("Why Loyalty")
    expect(panel).not_to_contain_text("Beside the stages")


def test_a_danish_colleague_reads_danish_names(
    administrator: User, marketer: User, sign_in_page: Callable[[User], Page], loyal: Customer
) -> None:
    page = sign_in_page(administrator)
    choose(page, "danish-twelve", DANISH)
    marketer.language = "da"
    marketer.save()

    sign_in_page(marketer).goto("/lifecycle/")

    for name in ("Leadgenerering", "Kvalificering", "Salg", "Loyalitet", "Ambassadør"):
        expect(page.locator("#stages")).to_contain_text(name)


def test_both_histories_tell_of_the_same_days(loyal: Customer) -> None:
    entered = {}
    for slug in ("swedish-six", "danish-twelve"):
        model: LifecycleModel = install(slug, by=None)
        version = model.published()
        assert version is not None
        list(replay(version))
        periods = StagePeriod.objects.live().filter(customer=loyal, model=model)
        entered[slug] = {period.stage.kind: period.entered_at for period in periods}

    assert entered["swedish-six"]["loyal"] == entered["danish-twelve"]["loyal"]
    assert entered["swedish-six"]["buying"] == entered["danish-twelve"]["buying"]
