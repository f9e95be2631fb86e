"""Conditions on properties of events, as they are stored."""

from typing import Any


def did(*tests: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "condition": "event",
        "parameters": {"names": ["cart.abandoned"], "properties": list(tests)} | more,
    }


def prop(operator: str, *value: Any, name: str = "value", key: str = "value") -> dict[str, Any]:
    return {"property": name, "operator": operator} | ({key: value[0]} if value else {})
