"""Excel workbooks for tests: made by a library as spreadsheets make them, or by hand as an enemy would."""

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO

import xlsxwriter

Rows = Sequence[Sequence[object]]
CSS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(sheets: Mapping[str, Rows]) -> bytes:
    packed = BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                is_day = isinstance(cell, date) and not isinstance(cell, datetime)
                sheet.write(number, place, cell, *([day] if is_day else []))
    book.close()
    return packed.getvalue()


def by_hand(sheet: str, *, strings: str = "", begin: str = "", book: str = "") -> bytes:
    """A package of the parts a reader needs; `begin` comes before the sheet's root."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "xl/workbook.xml",
            book
            or f'<workbook xmlns="{CSS}" xmlns:r="{RELATED}"><sheets><sheet name="One" r:id="r1"/></sheets></workbook>',
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        if strings:
            package.writestr("xl/sharedStrings.xml", f'<sst xmlns="{CSS}">{strings}</sst>')
        package.writestr(
            "xl/worksheets/sheet1.xml",
            f'{begin}<worksheet xmlns="{CSS}"><sheetData>{sheet}</sheetData></worksheet>',
        )
    return packed.getvalue()


def torn(book: bytes) -> bytes:
    """What the sheet was packed into is spoilt; the list of parts is whole."""
    with zipfile.ZipFile(BytesIO(book)) as package:
        part = package.getinfo("xl/worksheets/sheet1.xml")
    begin = part.header_offset + 30 + len(part.filename)
    return book[:begin] + b"\xff" * part.compress_size + book[begin + part.compress_size :]


def unlisted(book: bytes) -> bytes:
    """The list of parts is spoilt."""
    listed = book.rindex(b"PK\x01\x02")
    return book[:listed] + b"XX" + book[listed + 2 :]
