"""Blocks as plain text, for mail programs and people who want no HTML."""

from collections.abc import Callable

from campaigns.rendering import markdown
from campaigns.rendering.blocks import Block
from campaigns.rendering.slots import Slots
from campaigns.rendering.words import Words


def plain(blocks: list[Block], words: Words, slots: Slots) -> str:
    body = "\n\n".join(_BUILDERS[block["kind"]](block, words, slots) for block in blocks)
    return f"{body}\n\n{_footer(words, slots)}"


def _heading(block: Block, words: Words, slots: Slots) -> str:
    text = slots.held(block["text"])
    return text if block.get("size") == "small" else f"{text}\n{'=' * 20}"


def _paragraphs(block: Block, words: Words, slots: Slots) -> str:
    return markdown.plain(block["text"], slots)


def _columns(block: Block, words: Words, slots: Slots) -> str:
    return f"{markdown.plain(block['left'], slots)}\n\n{markdown.plain(block['right'], slots)}"


def _button(block: Block, words: Words, slots: Slots) -> str:
    return f"{slots.held(block['label'])}: {slots.held_in_url(block['url'])}"


def _image(block: Block, words: Words, slots: Slots) -> str:
    alt, link = slots.held(block.get("alt", "")), slots.held_in_url(block.get("link", ""))
    return ": ".join(filter(None, (f"[{alt}]" if alt else "", link)))


def _divider(block: Block, words: Words, slots: Slots) -> str:
    return "-" * 20


def _survey(block: Block, words: Words, slots: Slots) -> str:
    ends = f"0 = {words.survey_low} · 10 = {words.survey_high}"
    return f"{words.survey_question}\n{ends}\n{slots.held('{{ links.survey }}')}"


_BUILDERS: dict[str, Callable[[Block, Words, Slots], str]] = {
    "heading": _heading,
    "text": _paragraphs,
    "columns": _columns,
    "button": _button,
    "image": _image,
    "divider": _divider,
    "survey": _survey,
}


def _footer(words: Words, slots: Slots) -> str:
    start, end = slots.held("{% if links.unsubscribe != blank %}"), slots.held("{% endif %}")
    links = (
        f"{words.unsubscribe}: {slots.held('{{ links.unsubscribe }}')}\n"
        f"{words.preferences}: {slots.held('{{ links.preferences }}')}"
    )
    return f"-- \n{words.company}\n{start}{words.why}\n{links}{end}"
