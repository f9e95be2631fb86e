"""How many customers would find a gap where a placeholder stands."""

import pytest

from campaigns.lacking import bare, lacks
from campaigns.rendering import Text, plain_text
from customers.models import Customer
from tests.factories import CustomerFactory


def said(source: str, *, subject: str = "News") -> Text:
    return plain_text(language="en", subject=subject, preheader="", blocks=[{"kind": "text", "text": source}])


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Hello {{ customer.first_name }},", {"customer.first_name"}),
        ("Hello {{customer.first_name|upcase}},", {"customer.first_name"}),
        ('Hello {{ customer.first_name | default: "friend" }},', set()),
        ("Hello{% if customer.first_name != blank %} {{ customer.first_name }}{% endif %},", set()),
        ("{% if today %}x{% endif %}{{ customer.phone }}", {"customer.phone"}),
        ("{{ customer.orders }} {{ organisation.name }} {{ today }} {{}}", set()),
    ],
)
def test_only_what_nothing_stands_in_for_may_leave_a_gap(source: str, found: set[str]) -> None:
    assert bare(said(source)) == found


@pytest.mark.django_db
def test_those_who_would_find_a_gap_are_counted_once_for_all_texts(django_assert_num_queries) -> None:
    CustomerFactory(first_name="Anna", phone="+4512345678")
    CustomerFactory(first_name="", phone="")
    CustomerFactory(first_name="", phone="+4512345679")
    texts = [said("{{ customer.first_name }}"), said("x", subject="{{ customer.phone }} {{ customer.name }}")]

    with django_assert_num_queries(1):
        found = lacks(texts, Customer.objects.present())

    assert [(str(one.label), one.number, one.everybody) for one in found] == [
        ("First name", 2, 3),
        ("Phone", 1, 3),
    ]


@pytest.mark.django_db
def test_a_text_without_gaps_asks_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert lacks([said("Hello")], Customer.objects.present()) == []
