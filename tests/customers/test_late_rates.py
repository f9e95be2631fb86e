"""An exchange rate that comes after the orders it is for: they count from then on, and as known before they do not."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

import pytest

from clm.accounts.jobs import drive
from clm.accounts.models import AuditEntry, Job, Organisation, User
from clm.accounts.models.job import JobStatus
from clm.base import clock
from customers.intake import late_rates
from customers.intake.taking import take_in
from customers.models import Arrival, Order, OrderLine, Product, PurchaseSummary, Refund
from metrics.models import Spend
from tests.metrics.world import World

pytestmark = pytest.mark.django_db
JUNE = datetime(2025, 6, 10, 23, tzinfo=UTC)


def took(kind: str, *rows: dict[str, object]) -> None:
    assert take_in(kind, zip(count(1), rows, strict=False), source="shop").problems == []


def rate(on: str, rate: str, currency: str = "SEK") -> dict[str, object]:
    return {"currency": currency, "on": on, "rate": rate}


def ordered(key: str = "A1", currency: str = "SEK", **values: object) -> None:
    row = {
        "key": key,
        "customer": "7",
        "occurred_at": JUNE.isoformat(),
        "amount": "100",
        "currency": currency,
    }
    took("orders", row | values)


def test_the_number_counts_the_order_from_then_on_and_not_as_known_before() -> None:
    world = World()
    ordered()
    ordered("A2", currency="EUR", amount="30")
    before = clock.now()

    took("rates", rate("2025-06-01", "0.09"), rate("2025-06-11", "5"))

    now = world.ask("aov", "2025-06-01", "2025-06-30").total
    then = world.ask("aov", "2025-06-01", "2025-06-30", known_at=before).total
    assert (now.value, now.excluded_n) == (Decimal("19.5"), 0)
    assert (then.value, then.excluded_n) == (Decimal(30), 1)
    first, later = Order.objects.filter(key="A1").order_by("pk")
    assert (first.rate, later.rate, later.root) == (None, Decimal("0.09"), first.pk)
    assert first.superseded_at == later.recorded_at
    assert Order.objects.known(before).get(key="A1") == first


def test_everything_else_of_the_order_stays_also_its_lines_and_who_brought_it() -> None:
    ordered(tax="20")
    order = Order.objects.get()
    product = Product.objects.create(sku="tea", name="Tea")
    OrderLine.objects.create(order=order, product=product, quantity=2, amount=80)

    took("rates", rate("2025-06-01", "0.1"))

    later = Order.objects.live().get()
    assert (later.net, later.net_reporting, later.occurred_at) == (Decimal(80), Decimal(8), JUNE)
    assert list(later.lines.values_list("product__sku", "quantity", "amount")) == [("tea", 2, 80)]
    assert (later.source, later.key, later.written_by_id) == ("shop", "A1", order.written_by_id)


def test_a_refund_follows_its_order() -> None:
    ordered()
    took("refunds", {"key": "R1", "order": "A1", "occurred_at": JUNE.isoformat(), "amount": "40"})

    took("rates", rate("2025-06-01", "0.1"))

    assert Refund.objects.live().get().reporting == Decimal(4)
    summary = PurchaseSummary.objects.get()
    assert (summary.revenue, summary.unconverted) == (Decimal(6), 0)
    assert PurchaseSummary.objects.count() == 1


def test_spend_is_converted_by_its_day() -> None:
    took("spend", {"key": "S1", "on": "2025-06-10", "amount": "50", "currency": "SEK"})

    took("rates", rate("2025-06-10", "0.1"))

    assert list(Spend.objects.order_by("pk").values_list("reporting", flat=True)) == [None, Decimal(5)]


def test_the_day_is_the_local_one() -> None:
    Organisation.objects.current()
    Organisation.objects.update(zone="Europe/Copenhagen")
    ordered()  # 23:00 in London is one o'clock of the 11th in Copenhagen

    took("rates", rate("2025-06-10", "0.1"), rate("2025-06-11", "0.2"))

    assert Order.objects.live().get().rate == Decimal("0.2")


def test_a_rate_of_a_later_day_or_of_another_currency_changes_nothing() -> None:
    ordered()
    arrivals = Arrival.objects.count()

    took("rates", rate("2025-06-11", "0.1"), rate("2025-06-01", "0.1", currency="DKK"))

    assert Order.objects.get().rate is None
    assert Arrival.objects.count() == arrivals
    assert not AuditEntry.objects.filter(action="money.converted").exists()


def test_a_corrected_rate_leaves_what_was_converted_as_it_was() -> None:
    ordered()
    took("rates", rate("2025-06-01", "0.1"))

    took("rates", rate("2025-06-01", "0.2"))

    assert Order.objects.live().get().rate == Decimal("0.1")
    assert Order.objects.count() == 2


def test_the_customers_are_looked_at_again_from_the_order_on() -> None:
    ordered()
    Arrival.objects.all().delete()

    took("rates", rate("2025-06-01", "0.1"))

    assert Arrival.objects.get().since == JUNE
    entry = AuditEntry.objects.get(action="money.converted")
    assert entry.details == {"rows": 1, "of": "customers_order", "currencies": ["SEK"]}


def test_many_are_converted_by_a_job_in_chunks(marketer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_rates, "CHUNK", 2)
    for number in range(5):
        ordered(f"A{number}", customer=str(number % 2))
    take_in("rates", [(1, rate("2025-06-01", "0.1"))], source="shop", by=marketer)
    assert Order.objects.live().filter(rate=None).count() == 5
    job = Job.objects.get(kind="late-rates")

    drive(job)

    job.refresh_from_db()
    assert (job.status, job.done, job.total, job.result) == (JobStatus.DONE, 5, 5, {"converted": 5})
    assert not Order.objects.live().filter(rate=None).exists()
    assert {summary.revenue for summary in PurchaseSummary.objects.all()} == {Decimal(30), Decimal(20)}
