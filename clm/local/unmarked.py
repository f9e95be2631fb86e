"""Texts that people see and no translator ever does: they stand in a template outside the translate tags."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, Token, TokenType

from clm.local.extraction import template_files

# Read aloud or shown; also those through which texts go into our components.
ATTRIBUTES = {
    "title", "aria-label", "aria-description", "placeholder", "alt", "label", "subtitle", "caption", "text", "hint",
    "help", "note", "about", "submit", "reason", "first", "size_label", "empty", "change", "unit", "data-confirm",
}  # fmt: skip
# Not words of any language: names, formats, keys of the keyboard.
NAMES = {
    "CLM", "CSV", "PNG", "API", "JSON", "JSONL", "XLSX", "Excel", "HTML", "URL", "Ctrl", "Esc", "Enter", "n",
    "NPS", "CSAT", "CLV", "CAC", "CRR", "DK", "Idempotency-Key", "Authorization", "Bearer",
}  # fmt: skip
QUIET = {"script", "style", "code", "pre", "c-kbd", "kbd", "svg", "c-vars"}
WORD = re.compile(r"[^\W\d_][^\W\d_]+(?:-[^\W\d_]+)*")
TRANSLATED = ("blocktranslate", "blocktrans")


def findings(checkout: Path) -> Iterator[str]:
    for path in template_files(checkout):
        for line, text in untranslated(path.read_text()):
            yield f"{path.relative_to(checkout)}:{line}: “{text}” is not marked for translation."


def untranslated(template: str) -> list[tuple[int, str]]:
    """(line, text) of each visible text outside the translate tags."""
    reader = VisibleTexts()
    reader.feed("".join(_shown(Lexer(template).tokenize())))
    reader.close()
    return [(line, text) for line, text in reader.texts if set(WORD.findall(text)) - NAMES]


def _shown(tokens: list[Token]) -> Iterator[str]:
    """The template's own text; for all else only its line breaks, so that lines keep their numbers."""
    inside = ""
    for token in tokens:
        if token.token_type == TokenType.BLOCK:
            name = token.contents.split()[0] if token.contents else ""
            if name in TRANSLATED or name == "comment":
                inside = name
            elif name == f"end{inside}":
                inside = ""
        is_ours = token.token_type == TokenType.TEXT and not inside
        yield token.contents if is_ours else "\n" * token.contents.count("\n")


class VisibleTexts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[tuple[int, str]] = []
        self.quiet: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in QUIET:
            self.quiet.append(tag)
            return
        for name, value in attrs:
            if name in ATTRIBUTES and value:
                self._note(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in QUIET:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self.quiet and self.quiet[-1] == tag:
            self.quiet.pop()

    def handle_data(self, data: str) -> None:
        if not self.quiet:
            self._note(data)

    def _note(self, text: str) -> None:
        if text.strip():
            self.texts.append((self.getpos()[0], " ".join(text.split())))
