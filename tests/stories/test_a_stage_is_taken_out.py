"""A stage is taken out of a model: the designer asks where its people go, and those go there whom no rule claims."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.models import Arrival
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import Cause, CurrentStage, StagePeriod
from tests.factories import EventFactory
from tests.lifecycle.shop import buyer, six_stages, stage, stage_of, work_off
from tests.lifecycle.test_pages_in_browser import page

__all__ = ["page"]
PAGE = "/lifecycle/models/swedish-six/"


def test_its_people_go_where_the_marketer_says_unless_a_rule_claims_them(
    marketer: User, sign_in_page: Callable[[User], Page]
) -> None:
    six_stages()
    lost, clicks_again, fresh = (
        buyer(400, name="Lost"),
        buyer(300, name="Clicks again"),
        buyer(3, name="Fresh"),
    )
    clicked = clock.now() - timedelta(days=2)
    EventFactory(customer=clicks_again, name="email.clicked", occurred_at=clicked)
    Arrival.objects.note([clicks_again.pk], since=clicked)
    evaluate_changed()
    assert [stage_of(one) for one in (lost, clicks_again, fresh)] == ["churned", "churned", "conversion"]
    page = sign_in_page(marketer)
    page.goto(f"{PAGE}draft/stages/")

    page.get_by_role("button", name="Take Churned out").click()
    expect(page.locator("#stage-churned")).to_have_count(0)
    page.click("text=Look and publish")
    heirs = page.locator("#heirs")
    expect(heirs).to_contain_text("Where do their customers go?")
    expect(heirs).to_contain_text("2 customers")
    heirs.get_by_label("Where the customers in Churned go").select_option(label="Discovery")
    page.click("text=Publish from now on")
    expect(page.locator("h1 + .page-subtitle")).to_contain_text("Version 2: Published")
    work_off()

    assert [stage_of(one) for one in (lost, clicks_again, fresh)] == ["discovery", "engagement", "conversion"]
    assert not CurrentStage.objects.filter(stage=stage("churned")).exists()
    last = StagePeriod.objects.live().get(customer=lost, left_at=None)
    told = "Churned is not part of version 2."
    assert (last.cause, last.actor, last.reason) == (Cause.PERSON, marketer, told)
    published = AuditEntry.objects.get(action="version.published", details__version=2)
    assert published.details["heirs"] == {"churned": "discovery"}
    page.goto(f"/customers/{lost.pk}/")
    expect(page.locator("#stage")).to_contain_text(f"By hand: Mark – {told}")
