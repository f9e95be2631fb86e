"""One column of a journey map as a form: lists are written one entry a line."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models import Team
from lifecycle.mapping import LONGEST_TEXT, Column, Picture, is_link, pictured
from lifecycle.models import Asset, Touchpoint
from lifecycle.wording import TEXTS


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

    def clean_touchpoints(self) -> list[Touchpoint]:
        found = []
        for line in _lines(self.cleaned_data["touchpoints"]):
            channel, colon, what = line.partition(":")
            found.append(
                Touchpoint(channel=channel.strip() if colon else "", what=(what if colon else line).strip())
            )
        return found

    def clean_assets(self) -> list[Asset]:
        found = []
        for line in _lines(self.cleaned_data["assets"]):
            title, bar, href = (part.strip() for part in line.rpartition("|"))
            if not bar:
                title, href = (href, href) if is_link(href) else (href, "")
            elif not is_link(href):
                message = _("“%(link)s” is no web address. Use one that begins with https:// or http://.")
                raise ValidationError(message % {"link": href[:80]})
            found.append(Asset(title=title or href, href=href))
        return found

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


def _touchpoint(one: Touchpoint) -> str:
    return f"{one['channel']}: {one['what']}" if one["channel"] else one["what"]


def _asset(one: Asset) -> str:
    return f"{one['title']} | {one['href']}" if one["href"] and one["title"] != one["href"] else one["title"]


def _lines(text: str) -> Sequence[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
