"""Companies, products and leads: found again, changed by what is given, and as before when the import is undone."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from clm.accounts.models import User
from customers.intake.taking import take_in
from customers.leads import pursuing
from customers.models import (
    Arrival,
    Brought,
    Channel,
    Company,
    Customer,
    ExternalKey,
    Identity,
    Import,
    Lead,
    LeadState,
    Product,
    Touch,
)
from tests.customers.imports import imported, undone
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
COMPANIES = "id,name,website\n1,Acme,https://www.Acme.example/about\n2,Acme,\n3,Bolt,bolt.example\n,Bolt,\n"
LEADS = (
    "deal_id,email,name,title,status,lost_reason,amount,owner,created\n"
    "D1,ann@example.com,Ann,Ten seats,qualified,,500,{owner},2026-03-01\n"
    "D2,bo@example.com,Bo,Two seats,lost,Too dear,,,2026-03-02\n"
    "D3,ann@example.com,Ann,More seats,won,,90,,2026-04-01\n"
    "D4,cy@example.com,Cy,Gone,lost,,,,2026-04-01\n"
)


def counts(run: Import) -> tuple[int, int, int, int]:
    return tuple(run.counts[name] for name in ("added", "amended", "unchanged", "problems"))  # type: ignore[return-value]


def test_companies_are_found_by_id_then_domain_then_name(db: None) -> None:
    old = Company.objects.create(name="Bolt AB", domain="bolt.example")

    first = imported(COMPANIES, "companies", "crm")
    again = imported(COMPANIES, "companies", "crm")

    old.refresh_from_db()
    assert counts(first) == (2, 1, 1, 0)
    assert counts(again) == (0, 0, 4, 0)
    assert old.name == "Bolt"
    assert list(Company.objects.order_by("pk").values_list("name", "domain")) == [
        ("Bolt", "bolt.example"),
        ("Acme", "acme.example"),
        ("Acme", ""),
    ]


def test_what_an_import_made_of_companies_goes_and_what_it_changed_comes_back(db: None) -> None:
    old = Company.objects.create(name="Bolt AB", domain="bolt.example")
    run = imported(COMPANIES, "companies", "crm")
    used, other = Company.objects.filter(name="Acme").order_by("pk")
    CustomerFactory(company=used)

    undone(run)

    old.refresh_from_db()
    assert old.name == "Bolt AB"
    assert set(Company.objects.all()) == {old, used}
    assert not ExternalKey.objects.filter(thing_id=other.pk).exists()
    assert not Brought.objects.exists()


@pytest.mark.parametrize(
    ("row", "field", "part"),
    [
        ({"key": "1"}, "name", "needs a name"),
        ({"name": "x", "domain": "not a domain"}, "domain", "is not a domain"),
        ({"name": "x" * 201}, "name", "at most 200"),
    ],
)
def test_a_company_that_makes_no_sense_is_refused(row: dict[str, object], field: str, part: str) -> None:
    taken = take_in("companies", [(1, row)], source="crm")

    assert [(one.field, part in one.reason) for one in taken.problems] == [(field, True)]
    assert not Company.objects.exists()


def test_products_are_named_by_their_sku(db: None) -> None:
    Product.objects.create(sku="T1", name="Tea", category="Old")

    run = imported("sku,name,category\nT1,Tea,Kitchen\nT2,,\nT2,Pot,\n", "products")

    assert counts(run) == (1, 2, 0, 0)
    assert list(Product.objects.order_by("sku").values_list("sku", "name", "category")) == [
        ("T1", "Tea", "Kitchen"),
        ("T2", "Pot", ""),
    ]
    undone(run)
    assert list(Product.objects.values_list("sku", "category")) == [("T1", "Old")]


def test_leads_come_with_their_past_and_are_found_again(owner: User) -> None:
    file = LEADS.format(owner=owner.email)

    first = imported(file, "leads", "crm")
    again = imported(file, "leads", "crm")

    assert counts(first) == (3, 0, 0, 1)
    assert first.problems.get().column == "lost_reason"
    assert counts(again) == (0, 0, 3, 1)
    ann = Customer.objects.get(email="ann@example.com")
    ten = Lead.objects.get(title="Ten seats")
    assert (ann.name, ten.customer, ten.owner, ten.team) == ("Ann", ann, owner, owner.team)
    assert (ten.status, ten.value, ten.opened_at) == (
        "qualified",
        Decimal(500),
        datetime(2026, 3, 1, tzinfo=UTC),
    )
    assert list(LeadState.objects.filter(lead=ten).values_list("step", flat=True)) == ["opened", "qualified"]
    assert dict(Lead.objects.values_list("title", "status")) == {
        "Ten seats": "qualified",
        "Two seats": "lost",
        "More seats": "won",
    }


def test_a_known_lead_is_changed_by_the_verbs_of_a_rep(owner: User, marketer: User) -> None:
    imported(LEADS.format(owner=owner.email), "leads", "crm")

    taken = take_in(
        "leads",
        [
            (1, {"key": "D1", "email": "ann@example.com", "status": "proposal", "value": "750"}),
            (2, {"key": "D2", "email": "bo@example.com", "status": "won"}),
            (3, {"key": "D3", "email": "ann@example.com", "status": "new"}),
        ],
        source="crm",
        by=marketer,
    )

    assert (taken.amended, len(taken.problems)) == (1, 2)
    ten = Lead.objects.get(title="Ten seats")
    assert (ten.status, ten.value) == ("proposal", Decimal(750))
    assert LeadState.objects.filter(lead=ten, step="proposed", actor=marketer).exists()


def test_undoing_takes_untouched_leads_away_and_leaves_those_that_went_on(owner: User) -> None:
    run = imported(LEADS.format(owner=owner.email), "leads", "crm")
    ten = Lead.objects.get(title="Ten seats")
    pursuing.propose(ten, by=owner)
    Touch.objects.create(
        source="leads",
        key=f"lead-{Lead.objects.exclude(pk=ten.pk).latest('pk').pk}",
        customer=ten.customer,
        original_customer=ten.customer,
        channel=Channel.objects.create(slug="radio", name="Radio"),
        occurred_at=ten.opened_at,
    )
    Arrival.objects.all().delete()

    undone(run)

    assert not Touch.objects.live().filter(channel__slug="radio").exists()
    assert Arrival.objects.exclude(customer=ten.customer).exists()

    assert list(Lead.objects.values_list("title", flat=True)) == ["Ten seats"]
    assert not LeadState.objects.exclude(lead=ten).exists()


@pytest.mark.parametrize("moved", ["proposal,,Sign", "lost,Too dear,", "new,,"])
def test_a_lead_is_back_where_it_was_when_the_import_that_moved_it_is_undone(owner: User, moved: str) -> None:
    head = "lead_id,email,title,status,lost_reason,next_action\n"
    imported(f"{head}D1,ann@example.com,Ten seats,qualified,,Call\n", "leads", "crm")
    shown = ("status", "lost_reason", "next_action", "contacted_at", "qualified_at", "closed_at")
    before = Lead.objects.values_list(*shown).get()

    run = imported(f"{head}D1,ann@example.com,Ten seats,{moved}\n", "leads", "crm")
    assert Lead.objects.get().status == moved.partition(",")[0]
    undone(run)

    assert Lead.objects.values_list(*shown).get() == before


ANN = {"customer": "7", "email": "ann@example.com", "name": "Ann"}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("both", (1, 1, 0)), ("create", (1, 0, 1)), ("update", (0, 1, 1))],
)
def test_an_import_makes_or_changes_or_both(mode: str, expected: tuple[int, int, int]) -> None:
    take_in("customers", [(1, ANN)], source="shop")

    taken = take_in(
        "customers",
        [(1, ANN | {"name": "Ann Ek"}), (2, {"customer": "8", "name": "Bo"})],
        source="shop",
        mode=mode,
    )

    assert (taken.added, taken.amended, len(taken.problems)) == expected
    assert Customer.objects.count() == (1 if mode == "update" else 2)
    assert Identity.objects.count() == (2 if mode == "update" else 3)


def test_customers_are_found_by_the_key_that_was_chosen() -> None:
    take_in("customers", [(1, ANN), (2, {"customer": "8", "email": "bo@example.com"})], source="shop")
    rows = [
        (1, {"customer": "C-1", "email": "ANN@example.com", "name": "Ann Ek"}),
        (2, {"customer": "8", "email": "new@example.com"}),
        (3, {"customer": "9"}),
        (4, {"customer": "C-2", "email": "x@example.com"}),
        (5, {"customer": "C-2", "email": "y@example.com"}),
    ]

    taken = take_in("customers", rows, source="shop", match="email")

    assert [(one.row, one.field) for one in taken.problems] == [
        (2, "customer"),
        (3, "email"),
        (5, "customer"),
    ]
    assert (taken.added, taken.amended) == (1, 1)
    assert Customer.objects.get(email="ann@example.com").name == "Ann Ek"
