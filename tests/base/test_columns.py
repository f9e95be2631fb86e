from types import SimpleNamespace
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from clm.base.columns import Column, table_rows


def test_a_row_leads_with_its_first_cell_and_names_the_others_for_a_phone() -> None:
    columns = [
        Column("name", "Name", value="name"),
        Column("orders", "Orders", value="orders", is_number=True),
    ]
    row: Any = SimpleNamespace(name="Ada", orders=0)

    assert table_rows(columns, [row]) == (
        '<tr><td class="lead-cell">Ada</td><td class="number" data-label="Orders">0</td></tr>'
    )


def test_cells_and_labels_are_escaped_and_what_is_safe_already_stays() -> None:
    columns = [
        Column("name", "Name", value="name"),
        Column("link", gettext_lazy("<b>"), show=lambda row: format_html("<i>{}</i>", row.name)),
    ]
    row: Any = SimpleNamespace(name="<script>")

    assert table_rows(columns, [row]) == (
        '<tr><td class="lead-cell">&lt;script&gt;</td>'
        '<td data-label="&lt;b&gt;"><i>&lt;script&gt;</i></td></tr>'
    )


def test_a_value_at_the_end_of_no_way_is_a_dash() -> None:
    company = Column("company", "Company", value="company.name")
    rows: list[Any] = [SimpleNamespace(company=None), SimpleNamespace(company=SimpleNamespace(name=""))]

    assert [company.cell(row) for row in rows] == ["–", "–"]


def test_a_phone_does_not_show_what_is_blank() -> None:
    columns = [Column("name", "Name", value="name"), Column("phone", "Phone", value="phone")]
    row: Any = SimpleNamespace(name="Ada", phone="")

    assert table_rows(columns, [row]) == (
        '<tr><td class="lead-cell">Ada</td><td class="max-sm:hidden" data-label="Phone">–</td></tr>'
    )
