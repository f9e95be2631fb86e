"""Excel workbooks at the door: typed cells, other sheets, and packages that mean harm."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from clm.accounts.models import User
from customers.importing.bringing import FOLDER, bring
from customers.importing.encodings import UnusableFile
from customers.importing.running import check
from customers.importing.setup import file_of
from customers.importing.starting import read_as, start
from customers.importing.workbooks import shows_date
from customers.models import Customer, Import, Order
from tests.customers.imports import work
from tests.customers.workbooks import by_hand, torn, unlisted, workbook

pytestmark = pytest.mark.django_db
ORDERS = [
    ["order_id", "customer_id", "date", "total", "currency"],
    ["A1", 1001, date(2026, 1, 31), 12.5, "EUR"],
    ["A2", 1002, datetime(2026, 2, 1, 14, 30), 1234567.89, "EUR"],  # noqa: DTZ001  # as a sheet has it
]


def brought(content: bytes, kind: str = "orders") -> Import:
    return bring([content], file_name="book.xlsx", kind=kind, source="shop", by=None)


def cell(reference: str, value: str, kind: str = "inlineStr") -> str:
    inner = f"<is><t>{value}</t></is>" if kind == "inlineStr" else f"<v>{value}</v>"
    return f'<c r="{reference}" t="{kind}">{inner}</c>'


def test_numbers_and_dates_of_a_sheet_need_no_format() -> None:
    run = brought(workbook({"Orders": ORDERS}))
    run.options["zone"] = "Europe/Copenhagen"
    run.save()

    work(start(run, by=None))

    orders = list(Order.objects.live().order_by("key").values_list("key", "occurred_at", "gross"))
    assert orders == [
        ("A1", datetime(2026, 1, 30, 23, tzinfo=UTC), Decimal("12.5")),
        ("A2", datetime(2026, 2, 1, 13, 30, tzinfo=UTC), Decimal("1234567.89")),
    ]
    assert set(Customer.objects.values_list("external_id", flat=True)) == {"1001", "1002"}
    assert not file_of(run).exists()
    assert not list(file_of(run).parent.glob(f"{file_of(run).stem}*"))


def test_texts_beside_typed_cells_are_read_as_chosen_and_the_typed_ones_as_they_are() -> None:
    mixed = [ORDERS[0], ORDERS[1], ["A3", 1003, "28/02/2026", "1.234,50", "EUR"]]

    run = brought(workbook({"Orders": mixed}))

    assert (run.options["date_format"], run.options["decimal_mark"]) == ("day_first", ",")
    assert check(run).counts["added"] == 2
    work(start(run, by=None))
    assert list(Order.objects.order_by("key").values_list("gross", flat=True)) == [
        Decimal("12.5"),
        Decimal("1234.5"),
    ]


def test_the_first_sheet_with_cells_is_read_and_another_can_be_chosen(administrator: User) -> None:
    run = brought(workbook({"Cover": [], "Old": [ORDERS[0], ORDERS[1]], "New": [["x"], ["1"]]}))

    assert run.options["sheets"] == ["Cover", "Old", "New"]
    assert run.options["sheet"] == 1
    assert check(run).counts["added"] == 1
    read_as(run, has_header=True, sheet=2, by=administrator)
    assert run.mapping == {}
    with pytest.raises(UnusableFile, match="is empty"):
        read_as(run, has_header=True, sheet=0, by=administrator)


def test_the_page_asks_for_the_sheet_and_not_for_an_encoding(client: Client, marketer: User) -> None:
    client.force_login(marketer)
    run = brought(workbook({"Old": [ORDERS[0], ORDERS[1]], "New": ORDERS}))

    form = client.get(reverse("import", args=[run.pk])).context["reading"]
    client.post(reverse("import-reading", args=[run.pk]), {"sheet": "1", "has_header": "on"})
    run.refresh_from_db()

    assert list(form.fields) == ["sheet", "has_header"]
    assert run.options["sheet"] == 1
    assert run.options["lines"] == 3


def test_lines_are_those_of_the_sheet_whatever_stands_in_its_cells() -> None:
    rows = [ORDERS[0], ["A1", "1\n2", date(2026, 1, 1), 5, "EUR"], [], ["A2", 7, "soon", 5, "EUR"]]

    found = check(brought(workbook({"Orders": rows})))

    assert [(one["line"], one["column"]) for one in found.problems] == [(4, "date")]
    assert found.counts["added"] == 1


def test_what_formulas_last_came_to_counts_and_left_out_cells_are_empty() -> None:
    sheet = (
        "<row>"
        + "".join(cell(f"{at}1", name) for at, name in zip("ABC", ["id", "name", "email"], strict=True))
        + "</row>"
        '<row r="3"><c r="A3"><f>1+1</f><v>2.0000000000000004</v></c>'
        '<c r="B3" t="s"><v>0</v></c></row><row r="4"><c r="A4" t="str"><f>A3</f><v>7</v></c>'
        + cell("C4", "b@example.com")
        + "</row>"
    )
    rich = "<si><r><t>Søren </t></r><r><t>Å</t></r><rPh><t>no</t></rPh></si>"

    run = brought(by_hand(sheet, strings=rich), kind="customers")
    work(start(run, by=None))

    assert list(Customer.objects.order_by("external_id").values_list("external_id", "name", "email")) == [
        ("2", "Søren Å", ""),
        ("7", "", "b@example.com"),
    ]


BILLION = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (by_hand("<row>" + cell("A1", "&b;") + "</row>", begin=BILLION), "declares XML entities"),
        (by_hand("<row>" + cell("A1", "&a;") + "</row>", begin=OUTSIDE), "declares XML entities"),
        (by_hand("<row>"), "damaged"),
        (by_hand('<row r="9"/><row r="2"/>'), "out of order"),
        (by_hand('<row><c r="XFE1"><v>1</v></c></row>'), "out of order"),
        (by_hand('<row><c r="A1" t="s"><v>5</v></c></row>'), "text that is not there"),
        (by_hand("<row>" + cell("A1", "x" * 140_000) + "</row>"), "Line 1: A cell is longer"),
        (by_hand("", book="<workbook><sheets/></workbook>"), "no sheet with cells"),
        (by_hand(""), "is empty"),
        (by_hand('<row><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>'), "16384 columns"),
        (workbook({"One": ORDERS})[:-400], "Excel"),
        (torn(workbook({"One": ORDERS})), "damaged"),
        (unlisted(workbook({"One": ORDERS})), "damaged"),
    ],
)
def test_a_workbook_that_means_harm_is_refused_and_not_kept(
    content: bytes, part: str, settings: Settings
) -> None:
    from pathlib import Path

    before = set((Path(settings.MEDIA_ROOT) / FOLDER).glob("*"))

    with pytest.raises(UnusableFile, match=part):
        brought(content)

    assert not Import.objects.exists()
    assert set((Path(settings.MEDIA_ROOT) / FOLDER).glob("*")) == before


def test_a_bomb_is_refused_by_what_it_declares_and_by_what_it_holds(settings: Settings) -> None:
    settings.IMPORT_MAX_UNPACKED_BYTES = 200_000
    large = by_hand("".join(f"<row><c><v>{n * 7919 % 100_003}</v></c></row>" for n in range(10_000)))
    lying = large.replace(_size_of(large), (1000).to_bytes(4, "little"))

    with pytest.raises(UnusableFile, match="unpacks to more than"):
        brought(large)
    with pytest.raises(UnusableFile, match="damaged"):
        brought(lying)


def _size_of(packed: bytes) -> bytes:
    from io import BytesIO

    with ZipFile(BytesIO(packed), "r", ZIP_DEFLATED) as package:
        return package.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")


@pytest.mark.parametrize(
    ("code", "is_date"),
    [
        ("yyyy-mm-dd", True),
        ("[$-406]d. mmmm yyyy;@", True),
        ("[h]:mm", True),
        ("0.00", False),
        ('#,##0 "dkk"', False),
        ("[Red]0.00", False),
        ("General", False),
        ("0.0E+00", False),
    ],
)
def test_a_number_format_tells_whether_it_shows_a_date(code: str, is_date: bool) -> None:
    assert shows_date(code) is is_date
