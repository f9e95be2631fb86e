"""House rules that no linter knows."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APPS = ("clm", "customers", "lifecycle", "campaigns", "metrics")
CODE = sorted(
    path
    for app in APPS
    for path in (ROOT / app).rglob("*.py")
    if "migrations" not in path.relative_to(ROOT).parts
)
LONGEST_FILE = 400
LONGEST_TEMPLATE = 160


def test_no_file_outgrows_its_reader() -> None:
    long = {str(path.relative_to(ROOT)): lines for path in CODE if (lines := _lines(path)) > LONGEST_FILE}

    assert long == {}


def test_no_template_outgrows_its_reader() -> None:
    templates = (ROOT / "templates").rglob("*.html")

    long = {
        str(path.relative_to(ROOT)): lines for path in templates if (lines := _lines(path)) > LONGEST_TEMPLATE
    }

    assert long == {}


@pytest.mark.parametrize("word", ["utils", "helpers", "services", "managers", "common", "misc"])
def test_no_module_has_a_name_that_fits_everything(word: str) -> None:
    assert [path for path in CODE if path.stem == word or word in path.relative_to(ROOT).parts] == []


def test_no_task_is_sent_before_its_row_is_committed() -> None:
    """`delay_on_commit`: a worker that is quicker than the commit finds no row."""
    assert _places_of(r"\.delay\(", CODE) == []


def test_no_task_waits_in_the_broker() -> None:
    """Due times live in rows; Redis hands a waiting task out again and again."""
    assert _places_of(r"\b(eta|countdown)=", CODE) == []


def test_the_domain_knows_no_http() -> None:
    domain = [path for path in CODE if "models" in path.parts or path.parent.name == "formulas"]

    assert _places_of(r"^(from|import) django\.(http|shortcuts|views|urls)", domain) == []


def test_no_page_carries_inline_script_or_style() -> None:
    """The content security policy refuses both, silently for the reader of the page."""
    templates = sorted((ROOT / "templates").rglob("*.html"))

    assert (
        _places_of(
            r"<script(?![^>]*\b(src=|type=\"application/json\"))[^>]*>|<style|\sstyle=\"|\son[a-z]+=\"",
            templates,
        )
        == []
    )


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def _places_of(pattern: str, paths: list[Path]) -> list[str]:
    found = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if found.search(line)
    ]
