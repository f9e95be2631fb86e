"""What customers send from the answer page, and what a survey is made of."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from campaigns.models import Survey
from campaigns.models.response import HIGHEST, LONGEST_TEXT
from campaigns.surveys.wording import PARTS, USUAL


class ScoreForm(forms.Form):
    score = forms.IntegerField(
        min_value=0,
        max_value=HIGHEST,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Choose a number from 0 to 10.")
        ),
    )


class CommentForm(forms.Form):
    text = forms.CharField(
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST_TEXT, "class": "textarea w-full"}),
        error_messages={
            "max_length": _("The comment has %(show_value)d characters; at most %(limit_value)d fit.")
        },
    )


PART_LABELS = {
    "question": _("Question"),
    "low": _("What 0 means"),
    "high": _("What 10 means"),
    "follow_up": _("Question after the score"),
    "thanks": _("Thank you"),
}
LONGEST = {"question": 300, "low": 60, "high": 60, "follow_up": 300, "thanks": 500}


class SurveyForm(forms.ModelForm):  # type: ignore[type-arg]
    """Texts are fields "da-question"; left empty they are as usual, which stands in them in grey."""

    class Meta:
        model = Survey
        fields = ("name", "recontact_days", "quiet_days")
        help_texts = {
            "recontact_days": _("A campaign does not ask a customer this again before."),
            "quiet_days": _("Nor when the customer was asked anything else in these days."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language in USUAL:
            for part in PARTS:
                self.fields[f"{language}-{part}"] = self._field(language, part)

    def _field(self, language: str, part: str) -> forms.CharField:
        usual = getattr(USUAL[language], part)
        return forms.CharField(
            label=PART_LABELS[part],
            required=False,
            max_length=LONGEST[part],
            initial=self.instance.own_texts.get(language, {}).get(part, ""),
            widget=forms.TextInput(attrs={"placeholder": usual, "lang": language}),
        )

    def by_language(self) -> Iterator[tuple[str, str, bool, list[BoundField]]]:
        """(code, name, whether something is worded otherwise or wrong, fields)."""
        names = dict(settings.LANGUAGES)
        for language in USUAL:
            fields = [self[f"{language}-{part}"] for part in PARTS]
            yield language, str(names[language]), any(one.value() or one.errors for one in fields), fields

    def general(self) -> list[BoundField]:
        return [self[name] for name in self.Meta.fields]

    def values(self) -> dict[str, Any]:
        """As `Survey.change` and `establish` take them: only what is worded otherwise than usual."""
        given = self.cleaned_data
        own = {
            language: {
                part: text
                for part in PARTS
                if (text := given[f"{language}-{part}"].strip()) and text != getattr(USUAL[language], part)
            }
            for language in USUAL
        }
        plain = {name: given[name] for name in self.Meta.fields}
        return plain | {"texts": {language: texts for language, texts in own.items() if texts}}
