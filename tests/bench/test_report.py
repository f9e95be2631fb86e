import json

import pytest

from bench.__main__ import measured, report
from bench.figures import Figure, Measured


def figure(bar: float, better: str, value: float) -> Figure:
    return Figure("import_s", "imports", "s", bar, better, lambda size: Measured(value, f"{size} rows"))


@pytest.mark.parametrize(
    ("better", "value", "ok"),
    [("under", 7.0, True), ("under", 7.1, False), ("over", 7.0, True), ("over", 6.9, False)],
)
def test_a_figure_holds_on_its_side_of_the_bar(better: str, value: float, ok: bool) -> None:
    line = measured(figure(7, better, value), 10)

    assert line == {"name": "import_s", "value": value, "unit": "s", "bar": 7, "ok": ok, "note": "10 rows"}


def test_figures_come_as_one_json_line_each_and_a_missed_bar_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = [measured(figure(7, "under", value), 10) for value in (1.0, 8.0)]
    capsys.readouterr()

    code = report(lines)

    assert code == 1
    assert [json.loads(line)["ok"] for line in capsys.readouterr().out.splitlines()] == [True, False]


def test_no_figure_at_all_is_a_failure() -> None:
    assert report([]) == 1


def test_all_bars_met_is_a_success() -> None:
    assert report([measured(figure(7, "under", 1), 10)]) == 0
