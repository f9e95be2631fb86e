"""Rows as files to save: what a spreadsheet shows, and what the importer reads out of them again."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from clm.base import workbooks
from clm.base.downloads import attachment, format_of, query_of, saved
from customers.importing import unpacking
from customers.importing.lines import SHEET, read_lines

HEAD = ["id", "name"]


def read_back(content: bytes, folder: Path) -> list[list[str]]:
    path = folder / "sheet.txt"
    path.write_bytes(content)
    assert unpacking.set_aside(path)
    unpacking.unpack(path)
    return [line.cells for line in read_lines(path, encoding="utf-8", separator=SHEET)]


def test_numbers_and_moments_are_such_and_texts_run_nothing(tmp_path: Path) -> None:
    moment = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    row = [7, Decimal("12.50"), moment, date(2026, 1, 31), "=1+1", "https://example.com", "007", None, "a\nb"]

    with timezone.override("Europe/Copenhagen"), saved([["x"] * 9, row], format="xlsx") as file:
        content = file.read()

    assert read_back(content, tmp_path)[1] == [
        "7", "12.5", "2026-07-01T00:30:00", "2026-01-31", "=1+1", "https://example.com", "007", "", "a\nb"
    ]  # fmt: skip
    assert b"<f>" not in content


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("='+-@ 'a1\t\n＝"), min_size=1, max_size=8).filter(str.strip))  # noqa: RUF001
def test_what_goes_out_comes_back_the_same(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with saved([HEAD, ["1", text]], format="xlsx") as file:
        found = read_back(file.read(), tmp_path_factory.mktemp("sheet"))

    assert found[1] == ["1", text]


def test_what_does_not_fit_one_sheet_goes_on_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)

    with saved([HEAD, *([str(n), "x"] for n in range(5))], format="xlsx") as file:
        path = tmp_path / "book.txt"
        path.write_bytes(file.read())
    unpacking.set_aside(path)

    assert unpacking.unpack(path, 0).sheets == ("Sheet1", "Sheet2", "Sheet3")
    unpacking.unpack(path, 2)
    assert [line.cells for line in read_lines(path, encoding="utf-8", separator=SHEET)] == [HEAD, ["4", "x"]]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_no_answer_begins_before_the_last_row_is_read(format: str) -> None:
    def rows():  # type: ignore[no-untyped-def]
        yield HEAD
        raise ValueError("unreadable")

    with pytest.raises(ValueError, match="unreadable"):
        saved(rows(), format=format)


def test_the_address_says_the_format() -> None:
    asked = RequestFactory().get("/customers/export/", {"format": "xlsx", "q": "ann"})
    file = saved([HEAD], format="xlsx")

    answer = attachment(file, name="customers", format=format_of(asked))
    file.close()

    assert answer.headers["Content-Disposition"] == 'attachment; filename="customers.xlsx"'
    assert query_of(asked) == "q=ann"
    assert format_of(RequestFactory().get("/", {"format": "exe"})) == "csv"
