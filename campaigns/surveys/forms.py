"""What customers send from the answer page."""

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from campaigns.models.response import HIGHEST, LONGEST_TEXT


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
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST_TEXT, "class": "textarea w-full"}),
        error_messages={
            "max_length": _("The comment has %(show_value)d characters; at most %(limit_value)d fit.")
        },
    )
