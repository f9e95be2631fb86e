"""The pictures of the README, taken of the demo company. Written only when asked: CLM_SCREENSHOTS=1."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from campaigns.models import Campaign, Survey
from clm.accounts import jobs
from clm.accounts.models import Heartbeat, Job
from clm.base import clock
from clm.demo.requesting import request_load
from customers.models import Customer

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WIDE, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 800}

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not os.environ.get("CLM_SCREENSHOTS"), reason="Set CLM_SCREENSHOTS=1 to take them."),
]


def load(job: Job) -> None:
    while jobs.drive(job, seconds=600):
        job.refresh_from_db()


def take(page: Page, name: str, address: str, *, size: dict[str, int] = WIDE, theme: str = "light") -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1_500)  # charts draw themselves
    page.screenshot(path=FOLDER / f"{name}.png")


def test_the_pictures_of_the_readme(administrator, sign_in_page):
    load(request_load(by=administrator))
    Heartbeat.objects.beat("worker")
    FOLDER.mkdir(exist_ok=True)
    page = sign_in_page(administrator)
    page.set_default_timeout(120_000)
    recent = clock.now() - timedelta(days=40)
    buying = Customer.objects.filter(company__isnull=False, purchases__last_order_at__gt=recent)
    office = buying.filter(purchases__orders__range=(5, 9)).order_by("-purchases__revenue")[0]
    campaign, survey = Campaign.objects.get(preset="win-back"), Survey.objects.get()

    take(page, "start", "/start/")
    take(page, "dashboard", "/lifecycle/")
    take(page, "dashboard-dark", "/lifecycle/", theme="dark")
    take(page, "dashboard-phone", "/lifecycle/", size=PHONE)
    take(page, "customer", f"/customers/{office.pk}/")
    take(page, "leads", "/leads/?tab=all")
    take(page, "campaign", f"/campaigns/{campaign.pk}/")
    take(page, "survey", f"/surveys/{survey.pk}/")

    assert len(list(FOLDER.glob("*.png"))) == 8
