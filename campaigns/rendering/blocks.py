"""What a mail is made of: a list of blocks, each a flat JSON object of texts, such as
`{"kind": "button", "label": "To the shop", "url": "https://shop.example/"}`.

The table `KINDS` is the schema for the page, the API and the renderer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_BLOCKS = 60

Block = Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """One text of a block. `form` is "line", "markdown", "url", "image" or "choice"."""

    name: str
    label: str | Promise
    form: str = "line"
    most: int = 200
    is_required: bool = False
    choices: tuple[tuple[str, str | Promise], ...] = ()
    help: str | Promise = ""

    @property
    def takes_placeholders(self) -> bool:
        return self.form in ("line", "markdown", "url")


@dataclass(frozen=True)
class BlockKind:
    name: str
    label: str | Promise
    icon: str
    parts: tuple[Part, ...] = ()


SIZES = (("large", gettext_lazy("Large")), ("small", gettext_lazy("Small")))
_MARKDOWN_HELP = gettext_lazy(
    "**bold**, *italic*, [link](https://…), lists with a hyphen; an empty line starts a new paragraph."
)

KINDS = {
    kind.name: kind
    for kind in (
        BlockKind(
            "heading",
            gettext_lazy("Heading"),
            "heading",
            (
                Part("text", gettext_lazy("Text"), is_required=True),
                Part("size", gettext_lazy("Size"), "choice", choices=SIZES),
            ),
        ),
        BlockKind(
            "text",
            gettext_lazy("Text"),
            "pilcrow",
            (
                Part(
                    "text",
                    gettext_lazy("Text"),
                    "markdown",
                    most=10_000,
                    is_required=True,
                    help=_MARKDOWN_HELP,
                ),
            ),
        ),
        BlockKind(
            "button",
            gettext_lazy("Button"),
            "mouse-pointer-click",
            (
                Part("label", gettext_lazy("Words on the button"), most=100, is_required=True),
                Part("url", gettext_lazy("Leads to"), "url", most=1000, is_required=True),
            ),
        ),
        BlockKind(
            "image",
            gettext_lazy("Image"),
            "image",
            (
                Part("url", gettext_lazy("Address of the image"), "image", most=1000, is_required=True),
                Part(
                    "alt",
                    gettext_lazy("What it shows"),
                    most=300,
                    help=gettext_lazy("For those who don't see images. Empty: it is only decoration."),
                ),
                Part("link", gettext_lazy("Leads to"), "url", most=1000),
            ),
        ),
        BlockKind(
            "columns",
            gettext_lazy("Two columns"),
            "columns-2",
            (
                Part("left", gettext_lazy("Left"), "markdown", most=5000, is_required=True),
                Part("right", gettext_lazy("Right"), "markdown", most=5000, is_required=True),
            ),
        ),
        BlockKind("divider", gettext_lazy("Divider"), "minus"),
        BlockKind(
            "survey",
            gettext_lazy("Survey question"),
            "gauge",
            (
                Part(
                    "survey",
                    gettext_lazy("Survey"),
                    most=64,
                    help=gettext_lazy("The survey's short name. Empty: the main NPS survey."),
                ),
            ),
        ),
    )
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a text, and where: "subject", "preheader", "blocks", or "blocks.3.url"."""

    where: str
    sentence: str


def shape_problems(blocks: Any) -> Iterator[Problem]:
    """What keeps these from being blocks at all; nothing else is looked at before this is mended."""
    if not isinstance(blocks, list):
        yield Problem("blocks", _("Expected a list of blocks."))
        return
    if len(blocks) > MOST_BLOCKS:
        yield Problem("blocks", _("A mail has at most %(most)s blocks.") % {"most": MOST_BLOCKS})
        return
    for index, block in enumerate(blocks):
        yield from _shape_of_block(block, f"blocks.{index}")
    surveys = [
        index
        for index, block in enumerate(blocks)
        if isinstance(block, dict) and block.get("kind") == "survey"
    ]
    for index in surveys[1:]:
        yield Problem(f"blocks.{index}", _("A mail asks one survey question; remove the others."))


def _shape_of_block(block: Any, where: str) -> Iterator[Problem]:
    kind = (
        KINDS.get(block["kind"]) if isinstance(block, dict) and isinstance(block.get("kind"), str) else None
    )
    if kind is None:
        yield Problem(where, _("Choose a kind of block: %(kinds)s.") % {"kinds": ", ".join(KINDS)})
        return
    known = {part.name for part in kind.parts}
    for name in block.keys() - known - {"kind"}:
        yield Problem(f"{where}.{name}", _("There is no such field."))
    for part in kind.parts:
        if sentence := _wrong(block.get(part.name, ""), part):
            yield Problem(f"{where}.{part.name}", sentence)


def _wrong(value: Any, part: Part) -> str:
    if not isinstance(value, str):
        return _("Expected text.")
    if "\x00" in value:
        return _("Contains a NUL character; remove it.")
    if len(value) > part.most:
        return _("At most %(most)s characters.") % {"most": part.most}
    if part.is_required and not value.strip():
        return _("This field is required.")
    if part.choices and value not in ("", *(name for name, _label in part.choices)):
        return _("Choose one of: %(values)s.") % {"values": ", ".join(name for name, _label in part.choices)}
    return ""


def kind_of(block: Block) -> BlockKind:
    return KINDS[block["kind"]]


def survey_of(blocks: list[Block]) -> str | None:
    """The slug of the survey that these blocks ask ("" for the main one); None when they ask nothing."""
    return next((block.get("survey", "") for block in blocks if block["kind"] == "survey"), None)
