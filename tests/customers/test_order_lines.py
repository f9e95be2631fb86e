"""What was in an order: lines come in beside their orders, amend, go back, and tell who bought a product."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

import pytest

from clm.base import clock
from clm.base.conditions import Asked, parse
from customers.conditions.first_seen import first_seen
from customers.importing.running import check
from customers.importing.setup import setup_of
from customers.intake.taking import take_in
from customers.models import Arrival, Customer, Import, Order, OrderLine, Product
from tests.customers.imports import brought, imported, undone

pytestmark = pytest.mark.django_db
JUNE, JULY = datetime(2026, 6, 30, 12, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=UTC)
FILE = (
    "Order number,Lineitem SKU,Lineitem name,Lineitem quantity,Lineitem price\n"
    "A1,TEA,Green tea,2,4.50\n"
    "A1,CUP,Cup,1,9\n"
    "A2,TEA,Green tea,1,4.50\n"
    "A9,TEA,Green tea,1,4.50\n"
    "A2,CUP,Cup,-1,9\n"
)
Raw = dict[str, object]


def took(kind: str, *rows: Raw) -> dict[str, int]:
    taken = take_in(kind, zip(count(1), rows, strict=False), source="shop")
    assert taken.problems == []
    return {name: counted for name, counted in taken.counts().items() if counted}


def ordered(*keys: str, **changes: object) -> dict[str, int]:
    base: Raw = {"occurred_at": JUNE.isoformat(), "amount": "18", "currency": "EUR"}
    return took("orders", *(base | {"key": key, "customer": f"of {key}"} | changes for key in keys))


def line(order: str = "A1", **changes: object) -> Raw:
    return {"order": order, "key": "1", "sku": "TEA", "amount": "9"} | changes


def buyers(known_at: datetime | None = None) -> list[str]:
    tree = parse({"condition": "bought_product", "parameters": {"sku": "TEA"}})
    asked = Asked("UTC", clock.now(), known_at)
    return list(
        Customer.objects.filter(tree.to_q(asked))
        .order_by("external_id")
        .values_list("external_id", flat=True)
    )


def lined(text: str = FILE) -> Import:
    return imported(text, "order_lines")


def standing() -> list[tuple[str, datetime]]:
    live = OrderLine.objects.live().order_by("key")
    return list(live.values_list("customer__external_id", "occurred_at"))


def test_a_shops_export_of_lines_is_recognised_and_tried_first() -> None:
    ordered("A1", "A2")

    run = brought(FILE, "order_lines")
    found = check(run)

    columns = setup_of(run).columns
    assert {name: columns[place] for name, place in run.mapping.items()} == {
        "order": "Order number",
        "sku": "Lineitem SKU",
        "name": "Lineitem name",
        "quantity": "Lineitem quantity",
        "price": "Lineitem price",
    }
    assert (found.counts["added"], found.counts["problems"]) == (3, 2)
    assert not OrderLine.objects.exists()
    assert not Product.objects.exists()


def test_a_file_of_lines_comes_in_once_and_goes_back() -> None:
    ordered("A1", "A2")

    run, again = lined(), lined()

    assert (run.counts["added"], again.counts["added"], again.counts["unchanged"]) == (3, 0, 3)
    assert [(problem.line, problem.column, problem.reason) for problem in run.problems.order_by("line")] == [
        (5, "Order number", "There is no order “A9” of this source. Take in the orders first."),
        (6, "Lineitem quantity", "Expected a number above zero."),
    ]
    assert list(OrderLine.objects.order_by("pk").values_list("product__name", "quantity", "amount")) == [
        ("Green tea", 2, Decimal(9)),
        ("Cup", 1, Decimal(9)),
        ("Green tea", 1, Decimal("4.5")),
    ]
    assert buyers() == ["of A1", "of A2"]

    undone(run)

    assert not OrderLine.objects.live().exists()
    assert buyers() == []


def test_lines_that_come_later_wake_their_customer_and_leave_the_past_as_it_was_known() -> None:
    ordered("A1")
    Arrival.objects.all().delete()
    before = clock.now()

    assert took("order_lines", line()) == {"added": 1}

    assert buyers() == ["of A1"]
    assert buyers(known_at=before) == []
    assert list(Arrival.objects.values_list("customer__external_id", "since")) == [("of A1", JUNE)]


def test_an_amended_order_keeps_its_lines() -> None:
    ordered("A1")
    took("order_lines", line())

    assert ordered("A1", amount="20") == {"amended": 1}

    assert buyers() == ["of A1"]


def test_lines_are_numbered_by_order_and_amended_by_number() -> None:
    ordered("A1", "A2")

    assert took("order_lines", line("A1"), line("A2")) == {"added": 2}
    assert took("order_lines", line("A1", amount="8"), line("A2")) == {"amended": 1, "unchanged": 1}

    live = OrderLine.objects.live().order_by("amount").values_list("order__key", "amount")
    assert list(live) == [("A1", Decimal(8)), ("A2", Decimal(9))]
    assert OrderLine.objects.live().filter(order=Order.objects.get(key="A1").root).count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"order": "A9"}, "order", "Take in the orders first"),
        ({"sku": ""}, "sku", "every row needs it"),
        ({"amount": None}, "amount", "the price for one"),
        ({"amount": "-1"}, "amount", "below zero"),
        ({"quantity": "-1"}, "quantity", "above zero"),
        ({"quantity": "0.0004"}, "quantity", "Rounded to 3 decimals this is zero."),
        ({"quantity": "9999999999.9996"}, "quantity", "too large"),
        ({"amount": None, "quantity": "999999999", "price": "999999"}, "price", "too large"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(changes: Raw, field: str, reason: str) -> None:
    ordered("A1")

    taken = take_in("order_lines", [(1, line(**changes))], source="shop")

    (problem,) = taken.problems
    assert problem.field == field
    assert reason in problem.reason
    assert not OrderLine.objects.exists()


def test_lines_without_an_id_are_named_by_their_order_and_product() -> None:
    ordered("A1")
    lined(FILE.replace("A2", "A1"))

    run = lined(
        "Order number,Lineitem SKU,Lineitem name,Lineitem quantity,Lineitem price\n"
        "A1,TEA,Tea of spring,3,4.50\n"
        "A1,CUP,Cup,1,9\n"
        "A1,TEA,Tea of spring,1,4.50\n"
    )

    assert {name: run.counts[name] for name in ("added", "amended", "unchanged")} == {
        "added": 0,
        "amended": 1,
        "unchanged": 2,
    }
    live = OrderLine.objects.live().order_by("root").values_list("product__sku", "quantity")
    assert list(live) == [("TEA", 3), ("CUP", 1), ("TEA", 1)]


def test_a_quantity_of_zero_takes_a_line_back_and_its_undoing_gives_it_again() -> None:
    ordered("A1")
    lined("Order number,SKU,Quantity,Price\nA1,TEA,2,4.50\n")
    before = clock.now()

    run = lined("Order number,SKU,Quantity,Price\nA1,TEA,0,4.50\n")

    assert (buyers(), buyers(known_at=before)) == ([], ["of A1"])
    assert list(OrderLine.objects.live().values_list("quantity", "amount")) == [(0, 0)]
    undone(run)
    assert buyers() == ["of A1"]


def test_lines_follow_their_order_to_another_customer_and_day() -> None:
    ordered("A1", "A2")
    lined()
    before = clock.now()

    assert ordered("A1", customer="Ada", occurred_at=JULY.isoformat())["amended"] == 1

    assert sorted(standing()) == [("Ada", JULY), ("Ada", JULY), ("of A2", JUNE)]
    assert (
        OrderLine.objects.known(before).filter(customer__external_id="of A1", occurred_at=JUNE).count() == 2
    )
    assert OrderLine.objects.values("root").distinct().count() == 3
    lined()
    assert OrderLine.objects.count() == 5


def test_lines_follow_an_order_back_when_its_import_is_undone() -> None:
    ordered("A1", "A2")
    lines = lined()
    moved = imported(f"order,customer,date,amount,currency\nA1,Ada,{JULY:%Y-%m-%d %H:%M},18,EUR\n", "orders")
    assert ("Ada", JULY) in standing()

    undone(moved)

    assert set(standing()) == {("of A1", JUNE), ("of A2", JUNE)}
    undone(lines)
    assert standing() == []


def test_an_undone_import_of_lines_finds_them_where_their_order_went() -> None:
    ordered("A1", "A2")
    lined()
    again = lined(FILE.replace("4.50", "5"))
    ordered("A1", customer="Ada")

    undone(again)

    assert sorted(standing()) == [("Ada", JUNE), ("Ada", JUNE), ("of A2", JUNE)]
    assert OrderLine.objects.live().get(product__sku="TEA", customer__external_id="Ada").amount == 9


def test_lines_say_nothing_of_when_a_customer_was_first_seen() -> None:
    order = imported(f"order,customer,date,amount,currency\nA1,Ada,{JUNE:%Y-%m-%d %H:%M},18,EUR\n", "orders")
    took("order_lines", line())

    undone(order)

    ada = Customer.objects.get()
    assert ada.first_seen_at == ada.created_at == first_seen(ada, known_at=clock.now())


def test_an_order_of_many_lines_says_that_there_are_more(sign_in, marketer) -> None:
    ordered("A1", customer="Ada")
    path = f"/customers/{Customer.objects.get().pk}/"
    took("order_lines", *(line(key=str(number), sku=f"P{number:02}") for number in range(1, 13)))
    twelve = sign_in(marketer).get(path).content.decode()

    took("order_lines", line(key="13", sku="P13"))

    assert "P11 · P12<" in twelve
    assert "P11 · P12 · and more<" in sign_in(marketer).get(path).content.decode()


def test_the_customer_s_page_says_what_was_in_an_order(sign_in, marketer) -> None:
    ordered("A1", customer="Ada")
    took(
        "order_lines",
        line(key="1", name="Green tea", quantity="2"),
        line(key="2", sku="CUP", name="Cup"),
    )

    page = sign_in(marketer).get(f"/customers/{Customer.objects.get(external_id='Ada').pk}/").content.decode()

    assert "2 × Green tea · Cup" in page
