"""Own fields of every kind, as an administrator defines them."""

import pytest

from customers.custom_fields import defining
from customers.models import CustomField

MADE = [
    ("tier", "choice", ["silver", "gold"]),
    ("topics", "choices", ["tea", "coffee", "cake"]),
    ("machines", "number", []),
    ("birthday", "date", []),
    ("vip", "yes_no", []),
    ("note", "text", []),
]


@pytest.fixture
def fields(administrator) -> dict[str, CustomField]:
    return {
        key: defining.define(
            by=administrator,
            kind=kind,
            key=key,
            labels={"en": key.title(), "da": f"{key} på dansk"},
            choices=choices,
        )
        for key, kind, choices in MADE
    }
