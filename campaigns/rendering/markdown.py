"""What marketers write as text: a little Markdown, to clean HTML and to plain text."""

from collections.abc import Iterator, Sequence
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from campaigns.rendering.slots import Slots, url_problem

TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "blockquote"}
_STYLES = {
    "<p>": '<p style="margin:0 0 14px">',
    "<ul>": '<ul style="margin:0 0 14px;padding-left:22px">',
    "<ol>": '<ol style="margin:0 0 14px;padding-left:22px">',
    "<blockquote>": '<blockquote style="margin:0 0 14px;padding-left:14px;border-left:3px solid #d4d4d8">',
    "<a href": '<a style="color:#1d4ed8;text-decoration:underline" href',
}


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("zero", {"html": False, "breaks": True})
    reader.enable(
        ["emphasis", "link", "autolink", "newline", "escape", "list", "blockquote", "balance_pairs"]
    )
    reader.validateLink = lambda url: True  # type: ignore[method-assign]  # `links` are checked by our own rule
    return reader


def html(text: str, slots: Slots) -> str:
    """Clean HTML with inline styles, marks in the place of placeholders."""
    tokens = _reader().parse(slots.held(text))
    for link in _links(tokens):
        address = str(link.attrs["href"])
        slots.as_url_parts(address)
        if url_problem(slots.returned(address)):
            link.attrs = {}
    raw = _reader().renderer.render(tokens, _reader().options, {})
    clean = nh3.clean(
        raw,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )
    for plain, styled in _STYLES.items():
        clean = clean.replace(plain, styled)
    return clean


def link_problems(text: str) -> Iterator[str]:
    slots = Slots()
    for link in _links(_reader().parse(slots.held(text))):
        address = slots.returned(str(link.attrs["href"]))
        if sentence := url_problem(address):
            yield f"“{address[:80]}”: {sentence}"


def _links(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "link_open":
            yield token
        yield from _links(token.children or ())


def plain(text: str, slots: Slots) -> str:
    """The same words for mail programs that show no HTML; addresses stand behind what leads to them."""
    tokens = _reader().parse(slots.held(text))
    for link in _links(tokens):
        slots.as_url_parts(str(link.attrs["href"]))
    writer = _PlainWriter()
    for token in tokens:
        writer.take(token)
    return "\n".join(writer.lines).strip()


class _PlainWriter:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._marks = [""]  # what the next line starts with
        self._numbers: list[int] = []  # of the lists we are in; 0: without numbers

    def take(self, token: Token) -> None:
        act = getattr(self, f"_{token.type}", None)
        if act:
            act(token)

    def _bullet_list_open(self, token: Token) -> None:
        self._numbers.append(0)

    def _ordered_list_open(self, token: Token) -> None:
        self._numbers.append(1)

    def _bullet_list_close(self, token: Token) -> None:
        self._numbers.pop()
        self.lines.append("")

    _ordered_list_close = _bullet_list_close

    def _list_item_open(self, token: Token) -> None:
        number = self._numbers[-1]
        self._marks.append(f"{number}. " if number else "- ")
        self._numbers[-1] += 1 if number else 0

    def _blockquote_open(self, token: Token) -> None:
        self._marks.append("> ")

    def _list_item_close(self, token: Token) -> None:
        self._marks.pop()

    _blockquote_close = _list_item_close

    def _inline(self, token: Token) -> None:
        self.lines.append(self._marks[-1] + _line(token.children or ()))
        if not self._numbers:
            self.lines.append("")


def _line(tokens: Sequence[Token]) -> str:
    parts, addresses = [], []
    for token in tokens:
        match token.type:
            case "text":
                parts.append(token.content)
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "link_open":
                addresses.append(str(token.attrs["href"]))
            case "link_close":
                address = addresses.pop()
                parts.append("" if parts and parts[-1] == address else f" ({address})")
    return "".join(parts)
