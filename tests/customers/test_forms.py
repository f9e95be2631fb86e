"""What people type about a customer, read."""

import pytest

from customers.forms import OwnFieldsField


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("gold", "gold"),
        ('"7"', "7"),
        ("7", 7),
        ("true", True),
        ("null", None),
        ("1e400", "1e400"),
        ("[1]", "[1]"),
        (r'"\u0000"', r'"\u0000"'),
        (r'"\ud800"', r'"\ud800"'),
    ],
)
def test_own_fields_are_read_as_what_can_be_kept(typed: str, value: object) -> None:
    assert OwnFieldsField().clean(f"x: {typed}") == {"x": value}
