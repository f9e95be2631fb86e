"""Every page that people open daily, on the demo company, in every language."""

import logging
from functools import cache
from typing import NamedTuple

from bench.everyone_company import demo_company
from bench.figures import Measured, figure
from bench.runs_pages import Page, _measure, _signed_in

LANGUAGES = ("en", "da", "sv", "nl", "de")


@figure("demo_load_s", topic="everyone", unit="s", bar=40.0)
def demo_load_s(size: int) -> Measured:
    return Measured(
        demo_company(), note="5,000 customers, two lifecycle models with all history, one process"
    )


@figure("page_queries_max", topic="everyone", unit="queries", bar=12)
def page_queries_max(size: int) -> Measured:
    page = max(pages(), key=lambda page: page.queries)
    return Measured(page.queries, note=f"{page.url} ({page.language}); others: " + _listed("queries"))


@figure("page_p95_ms", topic="everyone", unit="ms", bar=150.0)
def page_p95_ms(size: int) -> Measured:
    page = max(pages(), key=lambda page: page.p95_ms)
    return Measured(page.p95_ms, note=f"{page.url} ({page.language}); others: " + _listed("p95_ms"))


class Spoken(NamedTuple):
    url: str
    language: str
    queries: int
    p95_ms: float


@cache
def pages() -> list[Spoken]:
    """As the administrator sees them. Server time, templates included."""
    demo_company()
    logging.getLogger("django_structlog").setLevel(logging.WARNING)
    return [_spoken(language, page) for language in LANGUAGES for page in _in(language)]


def _in(language: str) -> list[Page]:
    from clm.accounts.models import User

    client = _signed_in()
    User.objects.filter(email="bench@example.com").update(language=language)
    return [_measure(client, url) for url in _urls()]


def _spoken(language: str, page: Page) -> Spoken:
    return Spoken(page.url, language, page.queries, page.p95_ms)


def _listed(what: str) -> str:
    """Of each page the worst of all languages."""
    worst: dict[str, float] = {}
    for page in pages():
        worst[page.url] = max(worst.get(page.url, 0), getattr(page, what))
    return ", ".join(f"{url} {value:.0f}" for url, value in worst.items())


def _urls() -> list[str]:
    from campaigns.models import Campaign, Survey
    from customers.models import Customer, Lead, Segment

    buyers = Customer.objects.filter(purchases__orders__gt=0)
    busy = buyers.order_by("-purchases__orders").values_list("pk", flat=True)[0]
    lead, segment = Lead.objects.latest("pk").pk, Segment.objects.latest("pk").pk
    campaign, survey = Campaign.objects.latest("pk").pk, Survey.objects.latest("pk").pk
    return [
        "/start/",
        "/lifecycle/",
        "/lifecycle/?model=danish-twelve",
        "/customers/",
        f"/customers/{busy}/",
        f"/customers/{busy}/timeline/",
        "/leads/?tab=all",
        f"/leads/{lead}/",
        "/segments/",
        f"/segments/{segment}/",
        "/campaigns/",
        f"/campaigns/{campaign}/",
        "/templates/",
        "/surveys/",
        f"/surveys/{survey}/",
        "/metrics/",
        "/metrics/nps/?breakdown=stage",
        "/metrics/cac/?breakdown=channel",
        "/lifecycle/models/",
        "/settings/demo/",
    ]
