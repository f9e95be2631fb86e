from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test.utils import CaptureQueriesContext

from campaigns.rendering import CannotRender, Links, chosen, compiled, problems, render, values_of
from clm.accounts.models import Organisation
from tests.campaigns.mails import mail, said
from tests.factories import CompanyFactory, CustomerFactory, bought

pytestmark = pytest.mark.django_db
LINKS = Links("https://clm.example/u/1", "https://clm.example/p/1")
SUMMER = datetime(2026, 6, 30, 22, 30, tzinfo=ZoneInfo("UTC"))


@pytest.fixture
def organisation() -> Organisation:
    found = Organisation.objects.current()
    found.name, found.zone, found.currency = "Nordlys & Søn", "Europe/Copenhagen", "DKK"
    found.save()
    return found


def test_a_mail_speaks_to_its_customer_by_name(organisation: Organisation) -> None:
    customer = CustomerFactory(first_name="Søren", name="Søren Ø.")
    text = mail(
        {"kind": "heading", "text": "Dear {{ customer.first_name }}"},
        said("You are **{{ customer.name }}**.\n\n- one\n- two"),
        {"kind": "button", "label": "To the shop", "url": "https://shop.example/"},
        subject="Hello {{ customer.first_name }}",
    )

    rendered = render(text, customer=customer, links=LINKS)

    assert rendered.subject == "Hello Søren"
    assert rendered.text == (
        "Dear Søren\n====================\n\nYou are Søren Ø..\n\n- one\n- two\n\nTo the shop: https://shop.example/\n\n"
        "-- \nNordlys & Søn\nYou get this e-mail because you agreed to hear from Nordlys & Søn.\n"
        "Unsubscribe: https://clm.example/u/1\nChoose what you get: https://clm.example/p/1\n"
    )
    assert "<strong>Søren Ø.</strong>" in rendered.html
    assert 'href="https://clm.example/u/1"' in rendered.html
    assert "fonts.googleapis.com" not in rendered.html


def test_numbers_days_and_money_are_written_in_the_language_of_the_mail(organisation: Organisation) -> None:
    customer = CustomerFactory(country="DE")
    bought(customer, 1234, at=SUMMER)
    source = (
        "{{ customer.revenue | money }} / {{ customer.last_order_on }} / {{ customer.orders | times: 1500 }}"
        " / {{ customer.country }}"
    )

    said_in = {
        language: render(mail(said(source), language=language), customer=customer, links=Links()).text.split(
            "\n"
        )[0]
        for language in ("en", "da", "sv", "nl", "de")
    }

    assert said_in == {
        "en": "DKK\xa01,234.00 / July 1, 2026 / 1,500 / Germany",
        "da": "1.234,00\xa0kr. / 1. juli 2026 / 1.500 / Tyskland",
        "sv": "1\xa0234,00\xa0Dkr / 1 juli 2026 / 1\xa0500 / Tyskland",
        "nl": "DKK\xa01.234,00 / 1 juli 2026 / 1.500 / Duitsland",
        "de": "1.234,00\xa0DKK / 1. Juli 2026 / 1.500 / Deutschland",
    }


def test_the_mail_says_which_language_it_is_in(organisation: Organisation) -> None:
    rendered = render(mail(said("Hej"), language="da"), customer=CustomerFactory(), links=LINKS)

    assert (rendered.language, rendered.html.count('<html lang="da"')) == ("da", 1)


def test_what_is_not_known_is_left_out_or_said_otherwise(organisation: Organisation) -> None:
    text = mail(said('Dear {{ customer.first_name | default: "friend" }}{{ customer.last_order_on }}!'))

    rendered = render(text, customer=CustomerFactory(first_name=""), links=Links())

    assert rendered.text.startswith("Dear friend!\n")


def test_a_choice_is_made_for_each_customer(organisation: Organisation) -> None:
    text = mail(said("{% if customer.orders > 1 %}Welcome back{% else %}Welcome{% endif %}"))
    regular, newcomer = CustomerFactory(), CustomerFactory()
    bought(regular, 10, 20)

    opened = [render(text, customer=one, links=Links()).text.split("\n")[0] for one in (regular, newcomer)]

    assert opened == ["Welcome back", "Welcome"]


def test_own_fields_can_be_used_under_any_name(organisation: Organisation) -> None:
    customer = CustomerFactory(fields={"plan": "Gold", "nested": {"a": 1}})
    text = mail(said("{{ customer.fields.plan }}|{{ customer.fields.nested }}|{{ customer.fields.other }}|"))

    assert problems(text) == []
    assert render(text, customer=customer, links=Links()).text.startswith("Gold|||\n")


def test_values_of_a_batch_cost_two_queries(
    organisation: Organisation, django_assert_num_queries: CaptureQueriesContext
) -> None:
    customers = [CustomerFactory(company=CompanyFactory(name=f"Firm {n}")) for n in range(5)]

    with django_assert_num_queries(2):  # type: ignore[operator]
        values = values_of(customers, organisation=organisation, today=date(2026, 7, 1))

    assert [values[one.pk]["customer"]["company"] for one in customers] == [f"Firm {n}" for n in range(5)]


def test_a_text_is_compiled_once(organisation: Organisation) -> None:
    text = mail(said("Hello"))

    assert compiled(text, organisation) is compiled(mail(said("Hello")), organisation)
    assert compiled(text, organisation) is not compiled(mail(said("Bye")), organisation)


def test_a_value_in_an_address_is_only_a_value(organisation: Organisation) -> None:
    customer = CustomerFactory(email="a+b&c=d@example.com", external_id='"><x/../..')
    text = mail(
        {"kind": "button", "label": "Go", "url": "https://shop.example/?e={{ customer.email }}"},
        said("[there](https://shop.example/{{ customer.external_id | url_encode }}?a=1&b=2)"),
    )

    html = render(text, customer=customer, links=Links()).html

    assert 'href="https://shop.example/?e=a%2Bb%26c%3Dd%40example.com"' in html
    assert 'href="https://shop.example/%22%3E%3Cx%2F..%2F..?a=1&amp;b=2"' in html


def test_a_line_break_in_a_name_stays_out_of_the_subject(organisation: Organisation) -> None:
    customer = CustomerFactory(first_name="Eve\r\nBcc: all@example.com")

    subject = render(
        mail(said("x"), subject="Hi {{ customer.first_name }}"), customer=customer, links=Links()
    ).subject

    assert subject == "Hi Eve Bcc: all@example.com"


def test_a_survey_asks_in_the_language_of_the_mail(organisation: Organisation) -> None:
    text = mail({"kind": "survey"}, language="da")

    rendered = render(text, customer=CustomerFactory(), links=Links(survey="https://clm.example/s/1"))

    assert "Hvor sandsynligt er det, at du vil anbefale Nordlys &amp; Søn" in rendered.html
    assert [f'href="https://clm.example/s/1?score={n}"' in rendered.html for n in (0, 5, 10, 11)] == [
        True,
        True,
        True,
        False,
    ]


def test_without_a_link_to_unsubscribe_there_is_no_footer_about_it(organisation: Organisation) -> None:
    rendered = render(mail(said("Your receipt")), customer=CustomerFactory(), links=Links())

    assert rendered.text == "Your receipt\n\n-- \nNordlys & Søn\n"
    assert "nsubscribe" not in rendered.html


@pytest.mark.parametrize(
    ("of_customer", "of_organisation", "there_are", "expected"),
    [
        ("da", ["en"], ["da", "en"], "da"),
        ("da-DK", ["en"], ["da", "en"], "da"),
        ("fr", ["sv", "en"], ["da", "en", "sv"], "sv"),
        ("", ["en"], ["nl", "de"], "de"),
        ("da", ["en"], [], None),
    ],
)
def test_the_language_is_the_customers_else_the_organisations_else_any(
    of_customer: str, of_organisation: list[str], there_are: list[str], expected: str | None
) -> None:
    organisation = Organisation(languages=of_organisation)
    texts = [mail(language=language) for language in there_are]

    found = chosen(texts, customer=CustomerFactory(language=of_customer), organisation=organisation)

    assert (found and found.language) == expected


@pytest.mark.parametrize(
    "source",
    [
        "{% assign a = 'xxxxxxxxxx' %}" + "{% assign a = a | append: a | append: a %}" * 12 + "{{ a }}",
        (
            "{{ 'aaaaaaaaaaaaaaaaaaaa' | replace: 'a', 'aaaaaaaaaaaaaaaaaaaa' | replace: 'a', 'aaaaaaaaaaaaaaaaaaaa'"
            " | replace: 'a', 'aaaaaaaaaaaaaaaaaaaa' | replace: 'a', 'aaaaaaaaaaaaaaaaaaaa' }}"
        ),
        "{% assign w = 'a,a,a,a,a,a,a,a,a,a' | split: ',' %}"
        + "{% for x in w %}" * 4
        + "x"
        + "{% endfor %}" * 4,
        "{{ 999999999999 | times: 999999999999 }}",
        "{{ 1 | divided_by: 0 }}",
    ],
    ids=["append", "replace", "loops", "number", "zero"],
)
def test_a_text_that_grows_without_end_is_refused(source: str, organisation: Organisation) -> None:
    with pytest.raises(CannotRender):
        render(mail(said(source)), customer=CustomerFactory(), links=Links())

    assert [problem.where for problem in problems(mail(said(source)))] == ["blocks"]


def test_amounts_stay_exact(organisation: Organisation) -> None:
    customer = CustomerFactory(fields={"balance": "0.10"})
    text = mail(said("{{ customer.fields.balance | times: 3 | number: 2 }} {{ 0.255 | percent }}"))

    assert Decimal("0.10") * 3 == Decimal("0.30")
    assert render(text, customer=customer, links=Links()).text.startswith("0.30 26%\n")
