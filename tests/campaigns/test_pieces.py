"""What we put together ourselves is what Liquid makes of it."""

from datetime import date
from typing import Any

import pytest

from campaigns.rendering import liquid
from campaigns.rendering.pieces import Filler

VALUES: dict[str, Any] = {
    "customer": {
        "first_name": "Ada <b>",
        "last_name": "",
        "orders": 3,
        "fields": {"size": "XL", "first": "shoe", "note": None},
        "names": ["a", "b"],
    },
    "today": date(2026, 6, 30),
    "links": {"unsubscribe": "https://x.example/?a=1&b=2", "preferences": ""},
}
TEXTS = [
    "plain words, no placeholder",
    "{{ customer.first_name }} and {{ customer.first_name }} and {{ customer.first_name | upcase }}",
    "{{ customer.nothing }}|{{ nobody.name }}|{{ customer.first_name.deeper }}|{{ customer.fields.note }}",
    "{{ customer.fields.size }} {{ customer.fields.first }} {{ customer.names.size }} {{ customer.names.first }}",
    "{{ customer.names[1] }} {{ customer['first_name'] }} {{ customer.names }} {{ today }} {{ 'it' }}",
    "{{ customer.last_name | default: 'friend' }} {{ customer.orders | plus: 1.5 }} {{ 'a<b' }}",
    "{% if links.unsubscribe != blank %}{{ links.unsubscribe }}{% else %}none{% endif %}",
    "{% if customer.orders > 5 %}many{% elsif customer.orders > 2 %}some: {{ customer.orders }}{% endif %}.",
    "{% if customer.orders > 5 %}{{ 1 | divided_by: 0 }}{% endif %}nothing is asked of what is not shown",
    "a {%- if true %} \n {% endif -%} b {% if true %} {{- today -}} {% endif %} c",
    "{% if true %}{% if customer.last_name == blank %}inner{% endif %}{% endif %}",
    "{% assign x = customer.orders %}{% for each in customer.names %}{{ each }}{{ x }}{% endfor %}",
    "{% unless customer.last_name != blank %}no name{% endunless %}{% comment %}quiet{% endcomment %}",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("escapes", [True, False])
def test_a_text_reads_as_liquid_writes_it(text: str, escapes: bool) -> None:
    parsed = liquid.parsed(text, "da", "DKK", escapes=escapes)

    assert Filler((parsed, escapes)).filled(VALUES) == [liquid.filled(parsed, VALUES)]


def test_what_texts_share_is_escaped_only_where_it_has_to_be() -> None:
    source = "{{ customer.first_name }}"
    plain = liquid.parsed(source, "en", "EUR", escapes=False)
    markup = liquid.parsed(source, "en", "EUR", escapes=True)

    assert Filler((plain, False), (markup, True)).filled(VALUES) == ["Ada <b>", "Ada &lt;b&gt;"]


def test_what_cannot_be_worked_out_is_told() -> None:
    parsed = liquid.parsed("{{ 1 | divided_by: 0 }}", "en", "EUR", escapes=False)

    with pytest.raises(liquid.CannotRender):
        Filler((parsed, False)).filled(VALUES)


def test_a_text_that_grows_without_bounds_is_stopped() -> None:
    parsed = liquid.parsed("{{ customer.first_name }}" * 200, "en", "EUR", escapes=False)

    with pytest.raises(liquid.CannotRender):
        Filler((parsed, False)).filled({"customer": {"first_name": "x" * 10_000}})
