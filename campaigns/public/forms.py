from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from customers.models.consent import Purpose

OWN_NAMES = {"en": "English", "da": "Dansk", "sv": "Svenska", "nl": "Nederlands", "de": "Deutsch"}


class PreferencesForm(forms.Form):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for purpose, label in Purpose.choices:
            self.fields[purpose] = forms.BooleanField(label=label, required=False)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            choices=[(code, OWN_NAMES.get(code, code)) for code, _name in settings.LANGUAGES],
        )
