"""Drawings made on the server, and charts as tables."""

import pytest

from clm.base.charts import table_of
from clm.base.templatetags.drawings import heat, heat_top, meter, sparkline
from clm.base.templatetags.formats import NONE


def test_a_trend_spans_its_box() -> None:
    assert 'd="M0.00,28.00 L50.00,15.00 L100.00,2.00"' in sparkline([1, 2, 3])


def test_a_missing_value_is_a_gap() -> None:
    assert 'd="M0.00,28.00 L33.33,15.00 M100.00,2.00"' in sparkline([1, 2, None, 3])


@pytest.mark.parametrize("values", [[], [None, None], [1]])
def test_no_trend_is_drawn_from_less_than_two_values(values: list[float | None]) -> None:
    assert sparkline(values) == ""


def test_a_flat_trend_is_drawn() -> None:
    assert "M0.00,28.00 L100.00,28.00" in sparkline([5, 5])


def test_a_trend_with_a_label_is_read_out() -> None:
    assert 'role="img" aria-label="CAC &lt;2026&gt;"' in sparkline([1, 2], label="CAC <2026>")


@pytest.mark.parametrize(
    ("value", "top", "width"), [(1, 4, "25.000"), (5, 4, "100.000"), (-1, 4, "0.000"), (1, 0, "0.000")]
)
def test_a_bar_is_linear_and_stays_in_its_track(value: float, top: float, width: str) -> None:
    assert f'<rect width="{width}%"' in meter(value, top)


@pytest.mark.parametrize(
    ("share", "shade"),
    [(0, "heat-0"), (0.099, "heat-0"), (0.5, "heat-5"), (1, "heat-9"), (1.7, "heat-9"), (None, "")],
)
def test_a_cohort_cell_is_shaded_by_its_share(share: float | None, shade: str) -> None:
    assert heat(share) == shade


@pytest.mark.parametrize(
    ("shares", "top"),
    [([1, 0.16, None], 0.2), ([1, 0.05], 0.1), ([1, 0.3], 0.5), ([1, 0.9], 1.0), ([1], 1.0), ([], 1.0)],
)
def test_low_retention_still_shows_its_shape(shares: list[float | None], top: float) -> None:
    assert heat_top([{"label": "Jan", "size": 3, "shares": shares}]) == top
    assert heat(0.16, 0.2) == "heat-8"


def test_bars_as_a_table() -> None:
    data = {"labels": ["A", "B"], "series": [{"name": "CAC", "values": [1.5, None]}], "unit": "EUR"}

    assert table_of("bar", data) == {
        "head": ["", "CAC"],
        "text_columns": 1,
        "rows": [["A", "€1.50"], ["B", NONE]],
    }


def test_flows_as_a_table_keep_the_small_ones() -> None:
    data = {
        "stages": [{"name": "Retention"}, {"name": "Churned"}],
        "periods": ["1 Oct", "31 Oct"],
        "flows": [{"period": 0, "source": 0, "target": 1, "value": 1}],
        "unit": "count",
    }

    assert table_of("sankey", data)["rows"] == [["Retention, 1 Oct", "Churned, 31 Oct", "1"]]


def test_heat_as_a_table() -> None:
    data = {"labels": ["8:00"], "row_labels": ["Mon"], "rows": [[3]], "unit": "count"}

    assert table_of("heatmap", data) == {"head": ["", "8:00"], "text_columns": 1, "rows": [["Mon", "3"]]}
