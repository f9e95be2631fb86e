"""The editor's form: subject, preview text, and a field for every part of every block, whatever their number."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.rendering import KINDS, Problem
from campaigns.rendering.blocks import MOST_BLOCKS, BlockKind, Part
from campaigns.rendering.checking import LONGEST_LINE

_NAME = re.compile(r"blocks-(\d{1,4})-(\w+)")
BlockList = list[dict[str, str]]


@dataclass(frozen=True)
class BlockLine:
    """A block as the editor shows it."""

    index: int
    kind: BlockKind
    kind_field: forms.BoundField
    fields: list[forms.BoundField]
    is_first: bool
    is_last: bool


class TextForm(forms.Form):
    use_required_attribute = False  # blocks are added and moved with half a text

    read = forms.CharField(required=False, widget=forms.HiddenInput)
    subject = forms.CharField(label=_("Subject"), strip=True)
    preheader = forms.CharField(
        label=_("Preview text"),
        required=False,
        help_text=_("What inboxes show behind the subject."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        initial: Mapping[str, Any] | None = None,
        blocks: BlockList,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.blocks = blocks
        for name in ("subject", "preheader"):
            self.fields[name].widget.attrs |= {"maxlength": LONGEST_LINE, "data-takes-placeholders": "true"}
        for index, block in enumerate(blocks):
            kind = KINDS[block["kind"]]
            self.fields[f"blocks-{index}-kind"] = forms.CharField(
                initial=kind.name, required=False, widget=forms.HiddenInput
            )
            for part in kind.parts:
                self.fields[f"blocks-{index}-{part.name}"] = _field(part, block.get(part.name, ""))

    @property
    def lines(self) -> Iterator[BlockLine]:
        for index, block in enumerate(self.blocks):
            kind = KINDS[block["kind"]]
            yield BlockLine(
                index,
                kind,
                self[f"blocks-{index}-kind"],
                [self[f"blocks-{index}-{part.name}"] for part in kind.parts],
                is_first=index == 0,
                is_last=index == len(self.blocks) - 1,
            )

    def mark(self, found: Iterable[Problem]) -> None:
        """Show each problem at its field; what has no field stands at the top."""
        self.full_clean()
        for problem in found:
            name = problem.where.replace(".", "-")
            self.add_error(name if name in self.fields else None, problem.sentence)


def _field(part: Part, value: str) -> forms.Field:
    options: dict[str, Any] = {
        "label": part.label,
        "required": part.is_required or part.form == "choice",
        "help_text": part.help,
        "initial": value,
    }
    if part.form == "choice":
        choices: list[tuple[str, str | Promise]] = list(part.choices)
        return forms.ChoiceField(choices=choices, **options)
    widget: forms.Widget = forms.Textarea(attrs={"rows": 5}) if part.form == "markdown" else forms.TextInput()
    if part.form in ("url", "image"):
        widget.attrs |= {"placeholder": "https://", "inputmode": "url"}
    if part.takes_placeholders:
        widget.attrs["data-takes-placeholders"] = "true"
    widget.attrs["maxlength"] = part.most
    return forms.CharField(strip=part.form != "markdown", widget=widget, **options)


def posted_blocks(data: Mapping[str, Any]) -> BlockList:
    """The blocks of a form that was sent, in their order; unknown kinds and parts are left out."""
    found: dict[int, dict[str, str]] = {}
    for name in data:
        if match := _NAME.fullmatch(name):
            found.setdefault(int(match[1]), {})[match[2]] = str(data[name]).replace("\r\n", "\n")
    blocks = []
    for _index, block in sorted(found.items())[: MOST_BLOCKS + 1]:
        kind = KINDS.get(block.get("kind", ""))
        if kind:
            known = {part.name: block[part.name] for part in kind.parts if block.get(part.name)}
            blocks.append({"kind": kind.name, **known})
    return blocks


def arranged(blocks: BlockList, wish: str) -> BlockList:
    """After `add:kind`, `up:2`, `down:2` or `delete:2`; the same where that can't be done."""
    verb, _colon, what = wish.partition(":")
    if verb == "add" and what in KINDS and len(blocks) < MOST_BLOCKS:
        return [*blocks, {"kind": what}]
    index = int(what) if what.isascii() and what.isdigit() and len(what) < 5 else -1
    if not 0 <= index < len(blocks):
        return blocks
    if verb == "delete":
        return [*blocks[:index], *blocks[index + 1 :]]
    other = index + {"up": -1, "down": 1}.get(verb, 0)
    if 0 <= other < len(blocks):
        blocks = list(blocks)
        blocks[index], blocks[other] = blocks[other], blocks[index]
    return blocks
