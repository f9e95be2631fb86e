"""Eighteen months of a real shop, as it comes: through the importer, again, and back.

The CDNOW log has no order ids, is aligned by spaces, and holds 255 rows that are exact duplicates and real.
"""

from collections import Counter, defaultdict
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Sum

from clm.accounts.jobs import drive
from clm.accounts.models import Organisation
from customers.importing.starting import undo
from customers.models import Arrival, Customer, Identity, Import, Order, PurchaseSummary


def cdnow() -> Path:
    spec = find_spec("lifetimes")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "datasets" / "CDNOW_master.txt"


@pytest.fixture
def shop(db: None) -> Organisation:
    organisation = Organisation.objects.current()
    organisation.currency, organisation.zone = "USD", "UTC"
    organisation.save()
    return organisation


def bring_in() -> Import:
    call_command("import_file", "orders", cdnow(), source="cdnow", currency="USD", zone="UTC", verbosity=0)
    return Import.objects.latest("pk")


@pytest.mark.nightly  # by day the story of its stages brings the same log in
def test_a_real_purchase_log_comes_in_once_and_goes_out_whole(shop: Organisation) -> None:
    first = bring_in()

    assert first.counts["added"] == 69_659
    assert first.counts["problems"] == 0
    assert Order.objects.live().count() == 69_659
    assert Customer.objects.count() == 23_570
    assert Identity.objects.live().filter(kind="external", source="cdnow").count() == 23_570
    assert PurchaseSummary.objects.filter(orders__gt=0).count() == 23_502
    assert PurchaseSummary.objects.filter(purchase_days__gt=1).count() == 11_513
    assert PurchaseSummary.objects.aggregate(all=Sum("revenue"))["all"] == Decimal("2500315.63")
    assert Order.objects.live().filter(net=0).count() == 80
    assert Arrival.objects.values("customer").distinct().count() == 23_570
    assert _purchase_days() == _purchase_days_in_the_file()

    again = bring_in()

    assert again.counts == {**dict.fromkeys(first.counts, 0), "unchanged": 69_659}
    assert Order.objects.count() == 69_659

    job = undo(first, by=None)
    while drive(job):
        pass

    assert Order.objects.live().count() == 0
    assert Order.objects.count() == 69_659
    assert PurchaseSummary.objects.filter(orders__gt=0).count() == 0

    back = bring_in()

    assert back.counts["added"] == 69_659
    assert back.counts["customers_added"] == 0
    assert PurchaseSummary.objects.aggregate(all=Sum("revenue"))["all"] == Decimal("2500315.63")


def _purchase_days() -> Counter[int]:
    return Counter(PurchaseSummary.objects.filter(orders__gt=0).values_list("purchase_days", flat=True))


def _purchase_days_in_the_file() -> Counter[int]:
    days: defaultdict[str, set[str]] = defaultdict(set)
    for line in cdnow().read_text().splitlines()[1:]:
        customer, day, _number, amount = line.split()
        if Decimal(amount) > 0:
            days[customer].add(day)
    return Counter(map(len, days.values()))
