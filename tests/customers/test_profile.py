"""A customer's page, and making and changing customers by hand."""

import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import AuditEntry
from clm.base.facts import BEGINNING
from customers import profiles
from customers.models import Company, Customer, Event, Identity, ProfileChange
from tests.factories import (
    LONG_AGO,
    ConsentFactory,
    CustomerFactory,
    EventFactory,
    OrderFactory,
    RefundFactory,
    TouchFactory,
    bought,
)

MOST_QUERIES = 12


@pytest.fixture
def marketing(sign_in, marketer) -> Client:
    return sign_in(marketer)


def form_of(client: Client, address: str) -> dict[str, str]:
    """What the form at an address would send, untouched."""
    form = client.get(address).context["form"]
    values = {name: form[name].field.prepare_value(form[name].value()) for name in form.fields}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def test_the_page_tells_who_what_and_when(marketing, marketer, north):
    customer = profiles.register(
        by=marketer,
        values={"first_name": "Søren", "last_name": "Møller", "email": "S@Example.com", "country": "DK", "team": north,
                "fields": {"tier": "gold", "seats": 12}},
    )  # fmt: skip
    order = OrderFactory(customer=customer, gross=Decimal(250), key="A-1")
    RefundFactory(to=order, amount=Decimal(50))
    OrderFactory(customer=customer, gross=Decimal(99), status="cancelled", key="A-2")
    ConsentFactory(customer=customer)
    bought(customer)

    page, more = (
        marketing.get(f"/customers/{customer.pk}/{part}").content.decode() for part in ("", "more/")
    )

    for text in ("Søren Møller", "s@example.com", "Denmark", "North", "Tier", "gold", "12", "A-1", "A-2", "Cancelled",
                 "€250.00", "€200.00"):  # fmt: skip
        assert text in page, text
    for text in ("given", "never asked"):
        assert text in more, text


@pytest.mark.parametrize("address", ["", "edit/", "more/", "timeline/"])
def test_a_foreign_customer_is_not_there(sign_in, owner, stranger, teammate, north, address):
    customer = CustomerFactory(owner=owner, team=north)

    answers = [
        sign_in(person).get(f"/customers/{customer.pk}/{address}").status_code
        for person in (owner, teammate, stranger)
    ]

    assert answers == [200, 200, 404]


def test_a_stranger_changes_nothing(sign_in, owner, stranger):
    customer = CustomerFactory(name="Olga's", owner=owner)

    answer = sign_in(stranger).post(f"/customers/{customer.pk}/edit/", {"kind": "person", "name": "Mine"})

    customer.refresh_from_db()
    assert (answer.status_code, customer.name) == (404, "Olga's")


def test_a_merged_customer_leads_to_the_one_it_became(marketing):
    winner = CustomerFactory()
    loser = CustomerFactory(merged_into=winner)

    answer = marketing.get(f"/customers/{loser.pk}/")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/customers/{winner.pk}/")


def test_queries_do_not_grow_with_what_happened(marketing):
    customer = CustomerFactory()

    def counted() -> list[int]:
        numbers = []
        for part in ("", "more/", "timeline/"):
            headers = {"HX-Request": "true"} if part else {}
            with CaptureQueriesContext(connection) as queries:
                assert marketing.get(f"/customers/{customer.pk}/{part}", headers=headers).status_code == 200
            numbers.append(len(queries))
        return numbers

    for number in range(2):
        happen(customer, number)
    counted()  # what is asked every now and then is asked now
    few = counted()
    for number in range(2, 12):
        happen(customer, number)

    assert counted() == few
    assert max(few) <= MOST_QUERIES


def happen(customer: Customer, number: int) -> None:
    at = LONG_AGO + timedelta(days=number)
    RefundFactory(to=OrderFactory(customer=customer, occurred_at=at), occurred_at=at)
    for factory in (EventFactory, TouchFactory, ConsentFactory):
        factory(customer=customer, occurred_at=at)
    ProfileChange.objects.create(
        customer=customer, original_customer=customer, field="country", value="DK", occurred_at=at
    )
    bought(customer)


def test_the_timeline_tells_everything_in_order_and_goes_on(marketing):
    customer = CustomerFactory()
    for number in range(8):
        happen(customer, number)

    first = marketing.get(f"/customers/{customer.pk}/timeline/", headers={"HX-Request": "true"})
    more = re.search(r'hx-get="([^"]+)"', first.content.decode())
    assert more is not None
    rest = marketing.get(more[1].replace("&amp;", "&"), headers={"HX-Request": "true"})

    shown = [entry for answer in (first, rest) for entry in answer.context["stretch"].entries]
    assert len(shown) == len({entry.key for entry in shown}) == 8 * 6
    assert [entry.at for entry in shown] == sorted((entry.at for entry in shown), reverse=True)
    assert "<html" not in first.content.decode()


@pytest.mark.parametrize("kind", ["orders", "refunds", "events", "touches", "consents", "changes"])
def test_the_timeline_shows_one_kind_alone(marketing, kind):
    customer = CustomerFactory()
    happen(customer, 0)

    entries = marketing.get(f"/customers/{customer.pk}/timeline/?only={kind}").context["stretch"].entries

    assert [entry.key.split("-")[0] for entry in entries] == [
        kind.removesuffix("es") if kind == "touches" else kind[:-1]
    ]


@pytest.mark.parametrize(
    "query", ["only=nonsense", "before=x", "before=2026-01-01", "before=9999-12-31T00:00:00Z"]
)
def test_a_senseless_question_to_the_timeline_is_refused(marketing, query):
    assert marketing.get(f"/customers/{CustomerFactory().pk}/timeline/?{query}").status_code == 400


def test_orders_have_pages(marketing):
    customer = CustomerFactory()
    for number in range(12):
        OrderFactory(customer=customer, key=f"O{number:02}", occurred_at=LONG_AGO + timedelta(days=number))

    first = marketing.get(f"/customers/{customer.pk}/")
    orders = next(panel for panel in first.context["main_panels"] if panel.key == "orders").facts["page"]
    second = marketing.get(f"/customers/{customer.pk}/?orders={orders.next}").content.decode()

    assert [order.key for order in orders.rows] == [f"O{number:02}" for number in range(11, 1, -1)]
    assert ("O01" in second, "O02" in second) == (True, False)
    assert marketing.get(f"/customers/{customer.pk}/?orders=x").status_code == 400


NEW = {"kind": "person", "first_name": "Ada", "last_name": "Lovelace", "email": " ADA@Exämple.dk ", "country": "GB",
       "company": "Analytical Engines", "fields_text": "tier: gold\nseats: 12\nvat: \"007\"\nvip: true"}  # fmt: skip


def test_a_customer_is_made_with_all_their_facts(marketing, marketer):
    answer = marketing.post("/customers/new/", NEW)

    made = Customer.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/customers/{made.pk}/")
    assert (made.name, made.email, made.company.name) == (
        "Ada Lovelace",
        "ada@xn--exmple-cua.dk",
        "Analytical Engines",
    )
    assert made.fields == {"tier": "gold", "seats": 12, "vat": "007", "vip": True}
    assert list(Identity.objects.values_list("kind", "value")) == [("email", "ada@xn--exmple-cua.dk")]
    assert ProfileChange.objects.get(field="fields.seats").value == 12
    assert set(ProfileChange.objects.values_list("occurred_at", flat=True)) == {BEGINNING}
    assert Event.objects.get().name == "customer.created"
    assert (
        AuditEntry.objects.get().action,
        AuditEntry.objects.get().actor,
        AuditEntry.objects.get().door,
    ) == ("customer.created", marketer, "page")


def test_pressing_the_button_twice_makes_one(marketing):
    sent = form_of(marketing, "/customers/new/") | {"name": "Nobody with an address"}

    answers = [marketing.post("/customers/new/", sent) for _time in range(2)]

    made = Customer.objects.get()
    assert [answer.headers["Location"] for answer in answers] == [f"/customers/{made.pk}/"] * 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "  ", "first_name": "", "last_name": "", "email": ""}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"email": "a@b"}, "email"),
        ({"email": "a@b.com\nBcc: x@y.com"}, "email"),
        ({"email": "a" * 250 + "@b.com"}, "email"),
        ({"phone": "call me"}, "phone"),
        ({"country": "XX"}, "country"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"language": "1"}, "language"),
        ({"kind": "cat"}, "kind"),
        ({"owner": "99999999999999999999"}, "owner"),
        ({"fields_text": "no name here"}, "fields_text"),
        ({"fields_text": "x" * 71 + ": 1"}, "fields_text"),
        ({"fields_text": "a: b\x00"}, "fields_text"),
    ],
)
def test_what_can_not_be_is_said_beside_the_field_and_nothing_is_kept(marketing, given, field):
    answer = marketing.post("/customers/new/", NEW | given)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Customer.objects.exists()
    assert not Company.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "text", ["deep: " + "[" * 5000, "big: 1e400", "nan: NaN", "list: [1, 2]", "long: 9" + "9" * 400]
)
def test_own_fields_hold_plain_values_only(marketing, text):
    answer = marketing.post("/customers/new/", NEW | {"fields_text": text})

    assert answer.status_code == 302
    assert all(isinstance(value, str) for value in Customer.objects.get().fields.values())


def test_own_fields_come_back_as_they_were(marketing):
    fields = {
        "tier": "gold",
        "seats": 12,
        "vat": "007",
        "vip": True,
        "none": None,
        "rate": 1.5,
        "tricky": "true",
        "colon": "a: b",
    }
    customer = CustomerFactory(fields=fields)

    marketing.post(f"/customers/{customer.pk}/edit/", form_of(marketing, f"/customers/{customer.pk}/edit/"))

    customer.refresh_from_db()
    assert json.dumps(customer.fields, sort_keys=True) == json.dumps(fields, sort_keys=True)
    assert not AuditEntry.objects.filter(action="customer.changed").exists()


def test_a_taken_address_names_who_has_it(marketing, marketer):
    holder = profiles.register(by=marketer, values={"name": "First", "email": "ada@example.com"})

    answer = marketing.post(
        "/customers/new/", {"kind": "person", "name": "Second", "email": "Ada@example.com"}
    )

    assert (answer.status_code, Customer.objects.count()) == (409, 1)
    assert f'href="/customers/{holder.pk}/"' in answer.content.decode()


def test_a_taken_address_does_not_show_a_foreign_customer(sign_in, marketer, stranger):
    profiles.register(by=marketer, values={"name": "Secret name", "email": "ada@example.com"})

    answer = sign_in(stranger).post(
        "/customers/new/", {"kind": "person", "name": "Second", "email": "ada@example.com"}
    )

    assert answer.status_code == 409
    assert "Secret name" not in answer.content.decode()


def test_an_edit_changes_what_was_edited(marketing, marketer):
    customer = profiles.register(
        by=marketer, values={"name": "Ada", "email": "ada@example.com", "country": "GB"}
    )
    address = f"/customers/{customer.pk}/edit/"

    answer = marketing.post(address, form_of(marketing, address) | {"country": "DK", "email": ""})

    customer.refresh_from_db()
    assert (answer.status_code, customer.country, customer.email, customer.name) == (302, "DK", "", "Ada")
    assert not Identity.objects.live().exists()
    change = ProfileChange.objects.get(field="country", value="DK")
    assert change.occurred_at == customer.changed_at
    assert AuditEntry.objects.get(action="customer.changed").details == {"fields": ["country", "email"]}


def test_a_stale_edit_shows_both_values_and_overwrites_only_knowingly(marketing, marketer):
    customer = profiles.register(by=marketer, values={"name": "Ada", "country": "GB"})
    address = f"/customers/{customer.pk}/edit/"
    sent = form_of(marketing, address) | {"country": "DK"}
    profiles.change(customer, by=marketer, values={"country": "SE"})

    refused = marketing.post(address, sent)

    customer.refresh_from_db()
    page = refused.content.decode()
    assert (refused.status_code, customer.country) == (409, "SE")
    assert refused.context["conflicts"] == [("Country", "Sweden", "Denmark")]
    again = re.search(r'name="expected" value="([^"]+)"', page)
    assert again is not None
    assert marketing.post(address, sent | {"expected": again[1].replace("&#x2B;", "+")}).status_code == 302
    customer.refresh_from_db()
    assert customer.country == "DK"


def test_a_rep_who_gives_a_customer_away_is_led_to_the_list(sign_in, owner, stranger):
    customer = CustomerFactory(owner=owner)
    client, address = sign_in(owner), f"/customers/{customer.pk}/edit/"

    answer = client.post(address, form_of(client, address) | {"owner": str(stranger.pk), "team": ""})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/customers/")


def test_an_analyst_reads_and_does_not_write(sign_in, analyst):
    customer = CustomerFactory()
    client = sign_in(analyst)

    statuses = [client.get(f"/customers/{customer.pk}/{page}").status_code for page in ("", "edit/")]

    assert statuses == [200, 403]
    assert f"/customers/{customer.pk}/edit/" not in client.get(f"/customers/{customer.pk}/").content.decode()


def test_another_customer_sent_with_the_same_token_is_another_customer(marketing):
    sent = form_of(marketing, "/customers/new/")

    first = marketing.post("/customers/new/", sent | {"name": "Ada"})
    second = marketing.post("/customers/new/", sent | {"name": "Augusta"})

    assert (first.status_code, second.status_code) == (302, 302)
    assert first.headers["Location"] != second.headers["Location"]
    assert set(Customer.objects.values_list("name", flat=True)) == {"Ada", "Augusta"}


def test_without_a_token_each_sending_makes_a_customer(marketing):
    for name in ("Ada", "Augusta", "Augusta"):
        sent = {"kind": "person", "name": name, "is_new": "on"}  # the namesake, too, is somebody else
        assert marketing.post("/customers/new/", sent).status_code == 302

    assert sorted(Customer.objects.values_list("name", flat=True)) == ["Ada", "Augusta", "Augusta"]


@pytest.mark.parametrize("expected", [None, "", "yesterday"])
def test_an_edit_that_does_not_say_what_it_read_is_shown_what_is_there(marketing, expected):
    customer = CustomerFactory(name="Ada", country="GB")
    address = f"/customers/{customer.pk}/edit/"
    sent = form_of(marketing, address) | {"country": "DK", "expected": expected or ""}
    if expected is None:
        del sent["expected"]

    refused = marketing.post(address, sent)

    customer.refresh_from_db()
    assert (refused.status_code, customer.country) == (409, "GB")
    assert refused.context["conflicts"] == [("Country", "United Kingdom", "Denmark")]
    assert refused.context["form"]["expected"].value() == customer.changed_at.isoformat()
