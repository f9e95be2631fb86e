"""What is spent, and what is worked out of it, shows nowhere to a role that may not see costs."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import Role, User
from clm.accounts.roles import change_role, changeable
from clm.base import clock
from customers.models import Channel
from metrics.catalog import CATALOG
from metrics.models import Spend
from tests.factories import OrderFactory
from tests.lifecycle.shop import six_stages
from tests.test_permissions import ROUTES

AMOUNT = "98765.43"
SHOWN = ("98765", "98,765", "98.8", "98,8")
NUMBERS = "lifecycle|metrics|spend|imports|exports|segments"
PLACES = (
    "/lifecycle/",
    "/metrics/",
    "/metrics/cac/",
    "/metrics/spend/",
    "/api/v1/metrics/cac/",
    "/api/v1/spend/",
)


@pytest.fixture
def spent(db: None) -> None:
    """One customer won through a fair that cost a lot: that is what a customer costs, too."""
    six_stages()
    fair, yesterday = Channel.objects.create(slug="fair", name="Fair"), clock.now() - timedelta(days=1)
    OrderFactory(occurred_at=yesterday, channel=fair)
    Spend.objects.create(
        source="books",
        key="1",
        channel=fair,
        amount=Decimal(AMOUNT),
        currency="EUR",
        rate=1,
        occurred_at=yesterday,
    )


def addresses() -> Iterator[str]:
    """Of the routes on which numbers are told."""
    for route in ROUTES:
        if "/metrics/x/" in route.path:
            yield from (route.path.replace("/x/", f"/{one}/") for one in CATALOG)
            yield from (route.path.replace("/x/", f"/{one}/") + "?breakdown=channel" for one in CATALOG)
        elif route.path == "/" or re.search(NUMBERS, route.path):
            yield route.path


def told(client: Client, paths: Iterable[str]) -> set[str]:
    return {path for path in paths if any(one in _said(client.get(path)) for one in SHOWN)}


def _said(answer: Any) -> str:
    whole = answer.getvalue() if answer.streaming else answer.content
    return whole.decode(errors="replace")  # type: ignore[no-any-return]


def test_costs_show_only_to_those_who_may_see_them(
    spent: None, manager: User, analyst: User, administrator: User, sign_in: Callable[[User], Client]
) -> None:
    others = [one for one in changeable(Role.MANAGER) if one != "view_costs"]
    change_role(Role.MANAGER, others, by=administrator)

    assert told(sign_in(manager), addresses()) == set()
    assert told(sign_in(analyst), PLACES) == set(PLACES)
