"""What files do to an importer: every one gets its answer, with the line and the cure."""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings

from customers.importing import bringing, lines
from customers.importing.bringing import FOLDER, bring
from customers.importing.encodings import UnusableFile, count_lines
from customers.importing.mapping import suggest, suggest_decimal_mark
from customers.importing.preview import preview
from customers.importing.running import check
from customers.importing.setup import file_of, missing, setup_of
from customers.importing.shape import Shape, read_columns
from customers.importing.starting import map_columns
from customers.intake.kinds import kind_named
from customers.models import Import, Order

pytestmark = pytest.mark.django_db
HEADER = "order_id,customer_id,date,total,currency\n"
ROW = "A{n},7,2026-01-05,12.50,EUR\n"
TWO = HEADER + ROW.format(n=1) + ROW.format(n=2)


def brought(content: bytes | str, kind: str = "orders") -> Import:
    whole = content.encode() if isinstance(content, str) else content
    return bring([whole], file_name="file.csv", kind=kind, source="shop", by=None)


def problems(content: bytes | str) -> list[tuple[int, str, str]]:
    found = check(brought(content)).problems
    return [(problem["line"], problem["column"], problem["reason"]) for problem in found]


def workbook() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", b"<x>" + b"0" * 20_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (HEADER, "header and no rows"),
        ("id,email,ID \n1,a@example.com,2\n", "“ID” is the name of column 1 and of column 3"),
        (",".join(f"c{n}" for n in range(5000)) + "\n" + ",".join("1" * 5000), "5000 columns; at most 500"),
        (workbook(), "far more than a workbook would"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "kind Excel"),
        (b"\x1f\x8b" + b"x" * 600, "kind gzip"),
        (b"%PDF-1.7 x", "kind PDF"),
        ('"order_id,customer_id\n1,2\n', "Line 1 opens a quote"),
        ("x" * 200_000 + ",b\n1,2\n", "Line 1: A cell is longer than"),
    ],
)
def test_a_file_of_no_use_is_refused_and_not_kept(content: bytes | str, part: str, settings: object) -> None:
    with pytest.raises(UnusableFile, match=part):
        brought(content)

    assert not Import.objects.exists()


def test_a_file_over_the_limit_is_refused_while_it_streams(settings: object) -> None:
    settings.IMPORT_MAX_BYTES = 1024 * 1024  # type: ignore[attr-defined]
    read = []

    def pieces():  # type: ignore[no-untyped-def]
        for n in range(100):
            read.append(n)
            yield b"x" * 300_000

    with pytest.raises(UnusableFile, match="larger than 1 MB"):
        bring(pieces(), file_name="big.csv", kind="orders", source="shop", by=None)

    assert len(read) == 4


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TWO.encode("utf-8-sig"), "utf-8"),
        (TWO.encode("utf-16"), "utf-16"),
        (TWO.encode("utf-16-le"), "utf-16-le"),
        (TWO.encode("utf-16-be"), "utf-16-be"),
        (TWO.replace("\n", "\r").encode(), "utf-8"),
        (TWO.replace("\n", "\r\n").encode(), "utf-8"),
    ],
)
def test_an_encoding_is_recognised(content: bytes, encoding: str) -> None:
    run = brought(content)

    assert run.encoding == encoding
    assert run.mapping["key"] == 0
    assert check(run).counts["added"] == 2


def test_empty_columns_behind_the_last_one_do_not_hide_the_header() -> None:
    run = brought(TWO.replace("\n", ",,\n"))

    assert run.has_header
    assert check(run).counts["added"] == 2


def test_letters_of_another_encoding_are_shown_and_wait_for_a_person() -> None:
    run = brought("name;email\nSøren;s@example.com\n".encode("latin-1"), kind="customers")

    assert run.encoding == "windows-1252"
    assert preview(setup_of(run)).rows[0].cells == ["Søren", "s@example.com"]
    assert any("confirm the encoding" in sentence for sentence in missing(setup_of(run)))


@pytest.mark.parametrize(
    ("separator", "mark"),
    [("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("pipe", "|"), ("spaces", "   ")],
)
def test_a_separator_is_recognised(separator: str, mark: str) -> None:
    assert brought(TWO.replace(",", mark)).separator == separator


def test_a_decimal_comma_is_recognised() -> None:
    run = brought("order_id;customer_id;date;total;currency\nA1;7;2026-01-05;1.234,50;EUR\n")

    check(run)

    assert run.options["decimal_mark"] == ","
    assert preview(setup_of(run)).understood[0].values[3] == "1234.50"


@pytest.mark.parametrize(
    ("amounts", "mark"),
    [
        (["1,234", "12,50"], ","),
        (["1,234", "12.50"], "."),
        (["1,234,567"], "."),
        (["0,125"], ","),
        (["1.000,5"], ","),
        (["12", "7"], "."),
        ([], "."),
        (["1,234", "900"], ""),
        (["-1.234"], ""),
        (["1.234", "1.234.567"], ","),
        (["1.234,500"], ","),
        (["12345,678"], ","),
        (["7,46038"], ","),
        ([".125"], "."),
    ],
)
def test_the_decimal_mark_is_what_the_amounts_leave_no_doubt_of(amounts: list[str], mark: str) -> None:
    assert suggest_decimal_mark(amounts) == mark


@pytest.mark.parametrize(
    ("rates", "mark"),
    [(["7.460", "1.085"], "."), (["7,460"], ""), (["1.450", "7,46"], ","), (["0,134", "7,460"], ",")],
)
def test_three_digits_after_a_point_are_decimals_of_a_rate(rates: list[str], mark: str) -> None:
    assert suggest_decimal_mark([], rates=rates) == mark


@pytest.mark.parametrize(
    ("kind", "heading", "cells", "mark"),
    [
        ("orders", "order_id;customer_id;date;total;currency;shipping", "A1;7;2026-01-05;12;EUR;4,50", ","),
        ("order_lines", "order_id;sku;quantity;price", "A1;x;1;12,50", ","),
        ("order_lines", "order_id;sku;quantity;price", "A1;x;2.500;12,50", ","),  # two and a half thousand
        ("order_lines", "order_id;sku;quantity;price", "A1;x;2.500;12.50", "."),  # two and a half
        ("order_lines", "order_id;sku;quantity;price", "A1;x;2.500;12", ""),
        ("order_lines", "order_id;sku", "A1;x", None),
    ],
)
def test_every_column_of_numbers_tells_the_decimal_mark(
    kind: str, heading: str, cells: str, mark: str | None
) -> None:
    assert brought(f"{heading}\n{cells}\n", kind).options.get("decimal_mark") == mark


def test_the_decimal_mark_is_told_by_the_columns_that_a_person_maps() -> None:
    run = brought("nr;who;on;sum;other\nA1;7;2026-01-05;1.234,50;1,234\n")
    mapping = {"key": 0, "customer": 1, "occurred_at": 2}

    def mapped(amount: int, mark: str) -> object:
        options = {"decimal_mark": mark, "date_format": ""}
        map_columns(run, mapping=mapping | {"amount": amount}, source="shop", options=options, by=None)
        return run.options["decimal_mark"]

    assert "decimal_mark" not in run.options
    assert mapped(3, "") == ","
    assert mapped(4, ",") == ""  # as it was suggested: nobody chose it
    assert run.options["date_format"] == "iso"
    assert any("before the decimals" in sentence for sentence in missing(setup_of(run)))
    assert mapped(4, ".") == "."
    assert mapped(3, ".") == "."  # chosen


def test_amounts_that_can_be_read_either_way_are_asked_about() -> None:
    run = brought("order_id;customer_id;date;total;currency\nA1;7;2026-01-05;1,234;EUR\n")

    assert any("before the decimals" in sentence for sentence in missing(setup_of(run)))


@pytest.mark.parametrize(
    ("row", "line", "column", "part"),
    [
        ("A9,7,2026-01-05,12.50,EUR,more\n", 4, "", "6 cells where the file has 5 columns"),
        ("A9,7,2026-01-05\n", 4, "", "3 cells where the file has 5 columns"),
        ("A9,7\x00,2026-01-05,12.50,EUR\n", 4, "customer_id", "NUL"),
        ("A9,7,2026-02-30,12.50,EUR\n", 4, "date", "calendar"),
        ("A9,7,2026-01-05,twelve,EUR\n", 4, "total", "is not a number"),
        ("A9,7,2026-01-05,-12,EUR\n", 4, "total", "refund"),
        ("A9,7,2026-01-05,12,EURO\n", 4, "currency", "three letters"),
        ("A9,,2026-01-05,12,EUR\n", 4, "customer_id", "names no customer"),
        ('A9,"7"8,2026-01-05,12,EUR\n', 4, "", "quote stands in the middle"),
        ("A9," + "7" * 140_000 + ",2026-01-05,12,EUR\n", 4, "", "longer than 131072"),
        (
            'A9,"7,2026-01-05,12,EUR\nA10,7,2026-01-05,12,EUR\n',
            4,
            "",
            "Line 4 opens a quote that is never closed",
        ),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_the_rest_comes_in(
    row: str, line: int, column: str, part: str
) -> None:
    ends = "" if row.count("\n") > 1 else ROW.format(n=3)
    run = brought(TWO + row + ends)

    found = check(run)

    (problem,) = found.problems
    assert (problem["line"], problem["column"]) == (line, column)
    assert part in problem["reason"]
    assert found.counts["added"] == (3 if ends else 2)


def test_a_quoted_line_break_does_not_shift_the_line_numbers() -> None:
    content = 'order_id,customer_id,date,total,currency\n"A\n1",7,2026-01-05,1,EUR\nA2,7,2026-01-05,x,EUR\n'

    assert [line for line, _column, _reason in problems(content)] == [4]


def test_a_mapping_without_what_is_needed_says_so() -> None:
    run = brought("a,b\nx,y\n")

    said = " ".join(missing(setup_of(run)))

    assert "names the customer" in said
    assert "Date and time" in said
    assert "one currency for the whole file" in said


def test_one_column_is_read_as_one_column() -> None:
    run = brought("email\na@example.com\nb@example.com\n", kind="customers")

    assert check(run).counts["added"] == 2


def test_the_apostrophe_of_our_own_exports_is_taken_off() -> None:
    content = "id,name\n1,'=SUM(A1)\n2,'plain\n"

    rows = preview(setup_of(brought(content, kind="customers"))).rows

    assert [row.cells[1] for row in rows] == ["=SUM(A1)", "'plain"]


def test_a_monstrous_line_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST_LINE", 1000)

    assert problems(TWO + "x" * 5000 + "\n")[0][0] == 4


def test_the_file_name_is_never_a_path() -> None:
    run = bring([TWO.encode()], file_name="../../etc/passwd", kind="orders", source="shop", by=None)

    assert "passwd" not in run.path


def test_a_check_of_a_file_leaves_nothing() -> None:
    check(brought(TWO))

    assert not Order.objects.exists()


def test_a_nul_in_a_heading_is_a_name_that_can_be_kept() -> None:
    run = brought("id,name,shoe\x00size\n1,Ann,38\n", kind="customers")

    assert setup_of(run).columns == ["id", "name", "shoe␀size"]


def test_utf16_without_a_mark_is_refused_where_it_is_chosen() -> None:
    run = brought(TWO)

    with pytest.raises(UnusableFile, match="is not utf-16"):
        count_lines(file_of(run), "utf-16")
    with pytest.raises(UnusableFile, match="is not utf-16"):
        read_columns(file_of(run), Shape("utf-16", True, "comma", True))


def kept_files() -> list[Path]:
    return list((Path(settings.MEDIA_ROOT) / FOLDER).glob("*"))


def test_a_file_whose_sending_breaks_off_is_not_kept() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"order_id,customer_id\n"
        raise ConnectionResetError

    before = kept_files()

    with pytest.raises(UnusableFile, match="could not be kept"):
        bring(pieces(), file_name="a.csv", kind="orders", source="shop", by=None)

    assert kept_files() == before


def test_a_file_whose_draft_fails_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "suggest_options", lambda run, path: 1 / 0)
    before = kept_files()

    with pytest.raises(ZeroDivisionError):
        brought(TWO)

    assert kept_files() == before
    assert not Import.objects.exists()


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, *args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)

    with pytest.raises(UnusableFile, match="could not be kept"):
        brought(TWO)


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (["Kundenummer", "Mobil", "Virksomhed", "Kunde"], ["customer", "phone", "company", "name"]),
        (
            ["Kundennummer", "Telefonnummer", "Vorname", "Nachname"],
            ["customer", "phone", "first_name", "last_name"],
        ),
        (
            ["Kundnummer", "Förnamn", "Efternamn", "Företag"],
            ["customer", "first_name", "last_name", "company"],
        ),
        (
            ["Klantnummer", "Voornaam", "Achternaam", "Bedrijf"],
            ["customer", "first_name", "last_name", "company"],
        ),
    ],
)
def test_headings_of_four_languages_are_recognised(headings, fields):
    assert suggest(kind_named("customers"), headings) == {field: place for place, field in enumerate(fields)}
