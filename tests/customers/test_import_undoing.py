"""An import that is undone gives back what it had replaced."""

from datetime import UTC, datetime

import pytest

from clm.accounts.models import AuditEntry
from customers.company_merging import delete, merge
from customers.importing.starting import CannotImport, start, undo
from customers.intake.taking import take_in
from customers.models import Company, Customer, Identity, Order, ProfileChange, PurchaseSummary, Refund
from tests.customers.imports import HEADER, MANY, imported, undone


@pytest.mark.django_db
def test_an_undone_import_gives_back_what_it_had_replaced() -> None:
    imported(HEADER + "A1,7,2026-01-05,10,EUR\nA2,7,2026-01-06,20,EUR\n")
    amended = imported(HEADER + "A1,8,2026-01-07,99,EUR\nA3,7,2026-01-08,5,EUR\n")
    assert PurchaseSummary.objects.get(customer__external_id="8").revenue == 99

    undone(amended)

    live = dict(Order.objects.live().values_list("key", "net"))
    assert live == {"A1": 10, "A2": 20}
    revenue = dict(PurchaseSummary.objects.values_list("customer__external_id", "revenue"))
    assert revenue == {"7": 30, "8": 0}
    assert Order.objects.filter(key="A1").values("root").distinct().count() == 1
    assert AuditEntry.objects.filter(action="import.undone").count() == 1


@pytest.mark.django_db
def test_what_others_amended_since_stays() -> None:
    first = imported(HEADER + "A1,7,2026-01-05,10,EUR\n")
    imported(HEADER + "A1,7,2026-01-05,11,EUR\n")

    undone(first)

    assert Order.objects.live().get().net == 11


@pytest.mark.django_db
def test_a_reimport_after_undoing_keeps_the_roots_that_refunds_point_to() -> None:
    first = imported(HEADER + "A1,7,2026-01-05,10,EUR\n")
    take_in(
        "refunds",
        [(1, {"order": "A1", "key": "R", "amount": "4", "occurred_at": "2026-02-01T00:00:00Z"})],
        source="shop",
    )
    undone(first)

    imported(HEADER + "A1,7,2026-01-05,10,EUR\n")

    assert Order.objects.live().get().root == Refund.objects.get().order_id
    assert PurchaseSummary.objects.get().revenue == 6


@pytest.mark.django_db
def test_undoing_customers_shows_their_earlier_values() -> None:
    imported("id,name,country,size\n1,Ann,DK,38\n", kind="customers")
    run = imported("id,name,country\n1,Anna,SE\n2,Bo,NO\n", kind="customers")

    undone(run)

    ann, bo = Customer.objects.order_by("external_id")
    assert (ann.name, ann.country) == ("Ann", "DK")
    assert (bo.name, bo.country) == ("", "")
    assert ProfileChange.objects.live().filter(customer=bo).count() == 0
    assert Identity.objects.live().filter(customer=bo).exists()


@pytest.mark.django_db
def test_undoing_gives_no_company_that_is_gone() -> None:
    imported("id,company,size\n1,Merged,38\n2,Deleted,38\n", kind="customers")
    run = imported("id,company\n1,New\n2,New\n", kind="customers")
    merged, gone = (Company.objects.get(name=name) for name in ("Merged", "Deleted"))
    stays = Company.objects.create(name="Stays")
    merge(merged, stays, by=None)
    delete(gone, by=None)

    undone(run)

    assert list(Customer.objects.order_by("external_id").values_list("company", flat=True)) == [
        stays.pk,
        None,
    ]


@pytest.mark.django_db
def test_undoing_sees_customers_first_at_what_is_left() -> None:
    imported(HEADER + "A1,7,2026-01-05,10,EUR\n")
    early = imported(HEADER + "A2,7,1999-01-05,10,EUR\n")

    undone(early)

    assert Customer.objects.get().first_seen_at == datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.django_db
def test_undoing_sees_customers_first_at_the_latest_when_they_were_made() -> None:
    made = datetime(2025, 6, 1, tzinfo=UTC)
    imported(HEADER + "A1,7,2026-01-05,10,EUR\n")
    early = imported(HEADER + "A2,7,1999-01-05,10,EUR\n")
    Customer.objects.update(created_at=made)

    undone(early)

    assert Customer.objects.get().first_seen_at == made


@pytest.mark.django_db
def test_an_import_is_started_once_and_undone_once() -> None:
    run = imported(MANY)

    with pytest.raises(CannotImport, match="started already"):
        start(run, by=None)
    undo(run, by=None)
    with pytest.raises(CannotImport, match="has ended"):
        undo(run, by=None)
