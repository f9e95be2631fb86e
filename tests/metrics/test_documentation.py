from pathlib import Path

from metrics.asking import PARAMETERS
from metrics.catalog import CATALOG

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "metrics.md").read_text()


def test_every_metric_and_every_parameter_is_told() -> None:
    told = [*CATALOG, *PARAMETERS]

    assert [name for name in told if f"`{name}`" not in DOCUMENT] == []


def test_the_formulas_told_are_the_formulas_asked() -> None:
    assert [slug for slug, found in CATALOG.items() if f"| {found.formula} |" not in DOCUMENT] == []
