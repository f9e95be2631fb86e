"""Blocks as MJML: the skeleton of a mail that looks the same in Outlook, on the web and on a phone."""

from collections.abc import Callable
from html import escape

from campaigns.rendering import markdown
from campaigns.rendering.blocks import Block
from campaigns.rendering.slots import Slots
from campaigns.rendering.words import Words

FONT = "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
INK, QUIET, LINE, PAPER, GROUND, ACCENT = "#18181b", "#52525b", "#e4e4e7", "#ffffff", "#f4f4f5", "#1d4ed8"
SCORES = range(11)


def mjml(blocks: list[Block], words: Words, slots: Slots, *, title: str, preheader: str) -> str:
    sections = "".join(_section(block, words, slots) for block in blocks)
    return f"""<mjml lang="{words.language}" dir="ltr">
<mj-head>
<mj-title>{_text(title, slots)}</mj-title>
<mj-preview>{_text(preheader, slots)}</mj-preview>
<mj-attributes>
<mj-all font-family="{FONT}" />
<mj-text font-size="16px" line-height="1.5" color="{INK}" padding="8px 32px" />
<mj-section background-color="{PAPER}" padding="0" />
<mj-button background-color="{ACCENT}" color="#ffffff" font-size="16px" font-weight="600" border-radius="6px" inner-padding="12px 24px" padding="12px 32px" align="left" />
<mj-image padding="12px 32px" />
<mj-divider border-width="1px" border-color="{LINE}" padding="16px 32px" />
</mj-attributes>
</mj-head>
<mj-body background-color="{GROUND}" width="600px">
<mj-section background-color="{GROUND}" padding="24px 0 12px"><mj-column><mj-text font-size="14px" font-weight="600" color="{QUIET}">{escape(words.company)}</mj-text></mj-column></mj-section>
<mj-section padding="16px 0 0"><mj-column></mj-column></mj-section>
{sections}
<mj-section padding="16px 0 0"><mj-column></mj-column></mj-section>
<mj-section background-color="{GROUND}" padding="16px 0 32px"><mj-column><mj-text font-size="13px" color="{QUIET}">{_footer(words, slots)}</mj-text></mj-column></mj-section>
</mj-body>
</mjml>"""


def _section(block: Block, words: Words, slots: Slots) -> str:
    if block["kind"] == "columns":
        inside = "".join(
            f"<mj-column>{_markdown(block[side], slots)}</mj-column>" for side in ("left", "right")
        )
    else:
        inside = f"<mj-column>{_BUILDERS[block['kind']](block, words, slots)}</mj-column>"
    return f"<mj-section>{inside}</mj-section>"


def _heading(block: Block, words: Words, slots: Slots) -> str:
    level, size = ("2", "18px") if block.get("size") == "small" else ("1", "24px")
    inside = f'<h{level} style="margin:0;font-size:{size};line-height:1.25">{_text(block["text"], slots)}</h{level}>'
    return f'<mj-text padding="16px 32px 8px">{inside}</mj-text>'


def _paragraphs(block: Block, words: Words, slots: Slots) -> str:
    return _markdown(block["text"], slots)


def _button(block: Block, words: Words, slots: Slots) -> str:
    return f'<mj-button href="{_address(block["url"], slots)}">{_text(block["label"], slots)}</mj-button>'


def _image(block: Block, words: Words, slots: Slots) -> str:
    link = f' href="{_address(block["link"], slots)}"' if block.get("link") else ""
    alt = _text(block.get("alt", ""), slots)
    return f'<mj-image src="{escape(block["url"].strip())}" alt="{alt}"{link} />'


def _divider(block: Block, words: Words, slots: Slots) -> str:
    return "<mj-divider />"


def _survey(block: Block, words: Words, slots: Slots) -> str:
    address = slots.held("{{ links.survey }}")
    cell = (
        "display:inline-block;width:30px;padding:8px 0;margin:0 4px 6px 0;border:1px solid #a1a1aa;"
        f"border-radius:6px;text-align:center;color:{INK};text-decoration:none;font-weight:600"
    )
    links = "".join(f'<a href="{address}?score={n}" style="{cell}">{n}</a>' for n in SCORES)
    ends = f"0 = {escape(words.survey_low)} · 10 = {escape(words.survey_high)}"
    return (
        f'<mj-text><p style="margin:0 0 12px;font-weight:600">{escape(words.survey_question)}</p>'
        f'<div>{links}</div><p style="margin:6px 0 0;font-size:13px;color:{QUIET}">{ends}</p></mj-text>'
    )


_BUILDERS: dict[str, Callable[[Block, Words, Slots], str]] = {
    "heading": _heading,
    "text": _paragraphs,
    "button": _button,
    "image": _image,
    "divider": _divider,
    "survey": _survey,
}


def _footer(words: Words, slots: Slots) -> str:
    """Why one gets this mail and how to stop it; a mail without such a link shows the company's name only."""
    style = f'style="color:{QUIET};text-decoration:underline"'
    start, end = slots.held("{% if links.unsubscribe != blank %}"), slots.held("{% endif %}")
    unsubscribe = f'<a {style} href="{slots.held("{{ links.unsubscribe }}")}">{escape(words.unsubscribe)}</a>'
    preferences = f'<a {style} href="{slots.held("{{ links.preferences }}")}">{escape(words.preferences)}</a>'
    why = escape(words.why)
    return f"{start}{why}<br />{unsubscribe} · {preferences}{end}"


def _markdown(text: str, slots: Slots) -> str:
    return f"<mj-text>{markdown.html(text, slots)}</mj-text>"


def _text(text: str, slots: Slots) -> str:
    return escape(slots.held(text))


def _address(url: str, slots: Slots) -> str:
    return escape(slots.held_in_url(url))
