"""One column of a journey map as a form: lists are written one entry a line.

A line that stands as it was shown is the entry it was, whatever marks are in it; only what was typed is read.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models import Team
from lifecycle.mapping import LONGEST_TEXT, Column, Picture, is_link, pictured
from lifecycle.models import Asset, Touchpoint
from lifecycle.wording import TEXTS

Entry = TypeVar("Entry", bound=Mapping[str, Any])


class LinesField(forms.CharField):
    widget = forms.Textarea(attrs={"rows": 4})


def _area(label: Any, help_text: Any = "", rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class ColumnForm(forms.Form):
    thoughts = _area(gettext_lazy("Thoughts"), gettext_lazy("What goes through their heads, in their words."))
    feelings = _area(gettext_lazy("Feelings"), rows=2)
    pain_points = _area(gettext_lazy("Pain points"), gettext_lazy("What is in their way."))
    touchpoints = LinesField(
        label=gettext_lazy("Touchpoints"),
        help_text=gettext_lazy("One a line, as “channel: what happens”."),
        required=False,
    )
    owner_team = forms.ModelChoiceField(
        Team.objects.order_by("name"),
        label=gettext_lazy("Owner team"),
        required=False,
        empty_label=gettext_lazy("Nobody yet"),
    )
    actions = _area(gettext_lazy("Our actions"), gettext_lazy("What we do in this stage."))
    playbook = _area(
        gettext_lazy("Playbook"),
        gettext_lazy(
            "What to do with a customer in this stage. It stands on the customer's and the lead's page."
        ),
        rows=5,
    )
    assets = LinesField(
        label=gettext_lazy("Assets"),
        help_text=gettext_lazy("One a line: a text, a web address, or “title | https://…”."),
        required=False,
    )
    read = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, data: Any = None, *, column: Column) -> None:
        super().__init__(data, initial=initial_of(column))
        self.before = column.picture

    def clean_touchpoints(self) -> list[Touchpoint]:
        channels = {one["channel"] for one in self.before.touchpoints if one["channel"]}
        lines = _lines(self.cleaned_data["touchpoints"])
        return _entries(lines, self.before.touchpoints, _touchpoint, lambda line: _touched(line, channels))

    def clean_assets(self) -> list[Asset]:
        return _entries(_lines(self.cleaned_data["assets"]), self.before.assets, _asset, _owned)

    def picture(self) -> Picture:
        return pictured(self.cleaned_data)

    def take(self, errors: ValidationError) -> None:
        """Show what the verb refused beside the field it is about."""
        for name, messages in errors.message_dict.items():
            self.add_error(name, cast(Any, messages))

    def read_anew(self, column: Column) -> None:
        """Let the next sending replace what is there now."""
        data = cast(QueryDict, self.data).copy()
        data["read"] = column.version
        self.data = data


def initial_of(column: Column) -> dict[str, Any]:
    picture = column.picture
    return {name: getattr(picture, name) for name in TEXTS} | {
        "touchpoints": "\n".join(_touchpoint(one) for one in picture.touchpoints),
        "assets": "\n".join(_asset(one) for one in picture.assets),
        "owner_team": picture.owner_team.pk if picture.owner_team else None,
        "read": column.version,
    }


def _entries(
    lines: Sequence[str], before: Sequence[Entry], shown: Callable[[Entry], str], read: Callable[[str], Entry]
) -> list[Entry]:
    kept: dict[str, deque[Entry]] = {}
    for one in before:
        kept.setdefault(shown(one), deque()).append(one)
    return [kept[line].popleft() if kept.get(line) else read(line) for line in lines]


def _touchpoint(one: Touchpoint) -> str:
    return _line(f"{one['channel']}: {one['what']}" if one["channel"] else one["what"])


def _touched(line: str, channels: set[str]) -> Touchpoint:
    """A channel that was there is known again, with the colons in it."""
    known = max((each for each in channels if line.startswith(f"{each}:")), key=len, default="")
    channel, colon, what = (known, ":", line[len(known) + 1 :]) if known else line.partition(":")
    return Touchpoint(channel=channel.strip() if colon else "", what=(what if colon else line).strip())


def _asset(one: Asset) -> str:
    is_named = one["href"] and one["title"] != one["href"]
    return _line(f"{one['title']} | {one['href']}" if is_named else one["title"])


def _owned(line: str) -> Asset:
    title, bar, href = (part.strip() for part in line.rpartition("|"))
    if not bar:
        title, href = (href, href) if is_link(href) else (href, "")
    elif not is_link(href):
        message = _("“%(link)s” is no web address. Use one that begins with https:// or http://.")
        raise ValidationError(message % {"link": href[:80]})
    return Asset(title=title or href, href=href)


def _line(text: str) -> str:
    return " ".join(text.splitlines()).strip()


def _lines(text: str) -> Sequence[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
