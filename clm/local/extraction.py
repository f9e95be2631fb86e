"""The source strings: every text in code and templates that goes through gettext.

Django's own `makemessages` needs GNU gettext on the machine; Babel does the same in Python. Templates are first
turned into gettext calls by Django itself, so tags, plurals, contexts and `trimmed` mean what they mean at run time.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

from clm.local.places import CHECKOUT

PYTHON = ("clm", "customers", "lifecycle", "campaigns", "metrics")
TEMPLATES = "templates"
LAZY = ("gettext", "ngettext", "pgettext", "npgettext")
KEYWORDS = (
    DEFAULT_KEYWORDS | {f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in LAZY} | {"gettext_noop": None}
)
COMMENT_MARK = "Translators:"
# `from django.utils.translation import gettext_lazy as _lazy`
ALIAS = re.compile(r"\b(n?p?gettext\w*) as (\w+)")


def source_strings(checkout: Path = CHECKOUT) -> Catalog:
    """A catalog without translations. Places are file names without lines: they would change with every edit."""
    found = Catalog(charset="utf-8", fuzzy=False)
    for path in [*python_files(checkout), *template_files(checkout)]:
        place = path.relative_to(checkout).as_posix()
        for _line, message, comments, context in _messages(path):
            if message and any(message):
                found.add(message, None, [(place, 0)], auto_comments=comments, context=context)
    return found


def python_files(checkout: Path) -> list[Path]:
    files = (path for app in PYTHON for path in (checkout / app).rglob("*.py"))
    return sorted(path for path in files if "migrations" not in path.parts)


def template_files(checkout: Path) -> list[Path]:
    return sorted(path for path in (checkout / TEMPLATES).rglob("*") if path.suffix in {".html", ".txt"})


Message = tuple[int, str | tuple[str, ...], list[str], str | None]


def _messages(path: Path) -> Iterator[Message]:
    text = path.read_text()
    code = text if path.suffix == ".py" else _as_code(text, path)
    yield from extract(
        "python",
        BytesIO(code.encode()),
        keywords=KEYWORDS | {alias: KEYWORDS[name] for name, alias in ALIAS.findall(code)},
        comment_tags=[COMMENT_MARK],
        options={"encoding": "utf-8"},
        strip_comment_tags=True,
    )


def _as_code(template: str, path: Path) -> str:
    """Indentation means nothing in a template, and all to Python."""
    return "\n".join(line.strip() for line in templatize(template, origin=str(path)).splitlines())
