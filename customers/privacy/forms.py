"""Shape of what somebody writes down about a consent."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from customers.models.consent import LONGEST_PROOF, Purpose


class ConsentForm(forms.Form):
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), choices=Purpose.choices)
    word = forms.ChoiceField(
        label=gettext_lazy("What was said"),
        choices=[("given", gettext_lazy("Given")), ("withdrawn", gettext_lazy("Withdrawn"))],
    )
    text_version = forms.CharField(
        label=gettext_lazy("Version of the text"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Which wording the person agreed to, such as newsletter-2026-03."),
    )
    proof = forms.CharField(
        label=gettext_lazy("Proof"),
        max_length=LONGEST_PROOF,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("How we know: a signed form, a call on that day, a mail."),
    )

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "purpose": given["purpose"],
            "is_given": given["word"] == "given",
            "text_version": given["text_version"],
            "proof": given["proof"],
        }

    def take(self, errors: ValidationError) -> None:
        for name, messages in errors.message_dict.items():
            self.add_error(name if name in self.fields else None, messages)
