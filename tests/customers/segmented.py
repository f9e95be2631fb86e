"""Segments for tests: kinds of conditions, and who is in."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from clm.accounts.models import User
from customers.models import Arrival, Segment
from customers.segments import keeping

ZONE = ZoneInfo("Europe/Copenhagen")
NOON = datetime(2026, 7, 1, 10, tzinfo=UTC)


def leaf(condition: str, **parameters: Any) -> dict[str, Any]:
    return {"condition": condition, "parameters": parameters}


def inside(segment: Segment) -> dict[str, Any]:
    return leaf("in_segment", segment=segment.slug)


BOUGHT = leaf("orders", at_least=1)
RECENT = leaf("purchased_within", days=30)
VIEWED = leaf("event", names=["page.viewed"], within_days=7)


def dynamic(by: User, name: str = "Buyers", conditions: Any = BOUGHT, **more: Any) -> Segment:
    return keeping.create(by=by, name=name, kind="dynamic", conditions=conditions, **more)


def static(by: User, name: str = "VIPs") -> Segment:
    return keeping.create(by=by, name=name, kind="static")


def names(customers: Any) -> list[str]:
    return sorted(customers.values_list("name", flat=True))


def learn(fact: Any) -> None:
    Arrival.objects.note([fact.customer_id], since=fact.occurred_at)
