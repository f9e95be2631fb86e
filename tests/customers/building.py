"""Segments, and what the builder of conditions posts."""

from typing import Any

from clm.accounts.models import User
from customers.models import Segment
from customers.segments import keeping

BOUGHT = {"condition": "orders", "parameters": {"at_least": 1}}


def sent(*lines: tuple[str, dict[str, Any]], join: str = "all", **more: Any) -> dict[str, Any]:
    """What the builder posts for a flat group of tests."""
    data: dict[str, Any] = {"conditions-0-join": join, "name": "Buyers", "is_shared": "on"} | more
    for place, (condition, parameters) in enumerate(lines):
        stem = f"conditions-0.{place}"
        data |= {f"{stem}-condition": condition, f"{stem}-not": ""}
        data |= {f"{stem}-p-{name}": value for name, value in parameters.items()}
    return data


def dynamic(by: User, name: str = "Buyers", conditions: Any = BOUGHT, **more: Any) -> Segment:
    return keeping.create(by=by, name=name, kind="dynamic", conditions=conditions, **more)
