"""The form of a definition."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from customers.models.custom_field import CustomField, FieldKind

LABEL = "label_"


class CustomFieldForm(forms.Form):
    """Names in all languages; key and kind only as long as it is new. `read` is the version that was looked at."""

    read = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)
    kind = forms.ChoiceField(label=_("Kind"), choices=FieldKind.choices)
    key = forms.CharField(
        label=_("Key"),
        max_length=60,
        required=False,
        help_text=_("What files and programs call it; it never changes. Empty: made from the English name."),
    )
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "One a line; for fields that are chosen from a list. Values in use that are left out here stay where they are."
        ),
    )
    is_required = forms.BooleanField(
        label=_("Required"), required=False, help_text=_("A customer can't be saved by hand without it.")
    )
    is_sensitive = forms.BooleanField(
        label=_("Hidden from sales reps"),
        required=False,
        help_text=_("Not on pages, in lists, in filters or over the API for that role."),
    )

    def __init__(self, data: Any = None, *, definition: CustomField | None = None, key: str = "") -> None:
        super().__init__(data, initial=_initial(definition) if definition else {"key": key})
        for code, name in settings.LANGUAGES:
            self.fields[f"{LABEL}{code}"] = forms.CharField(label=name, max_length=60, required=code == "en")
            self.initial[f"{LABEL}{code}"] = (
                definition.labels.get(code, "") if definition else key if code == "en" else ""
            )
        if definition:
            del self.fields["kind"], self.fields["key"]
        if definition and not definition.choices:
            del self.fields["choices"]

    @property
    def names(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(LABEL)]

    @property
    def rest(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith(LABEL)]

    def values(self) -> dict[str, Any]:
        """For the verbs."""
        given = self.cleaned_data
        labels = {code: given.get(f"{LABEL}{code}", "") for code, _name in settings.LANGUAGES}
        kept = {name: given[name] for name in ("kind", "key", "is_required", "is_sensitive") if name in given}
        choices = {"choices": given["choices"].splitlines()} if "choices" in given else {}
        return kept | choices | {"labels": labels}

    def expected(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.cleaned_data["read"])
        except ValueError:
            return None

    def refuse(self, error: ValidationError) -> None:
        """What a verb refuses, at the field it names."""
        for name, reasons in error.message_dict.items():
            shown = f"{LABEL}en" if name == "labels" else name
            for reason in reasons:
                self.add_error(shown if shown in self.fields else None, reason)


def _initial(definition: CustomField) -> dict[str, Any]:
    return {
        "choices": "\n".join(definition.choices),
        "is_required": definition.is_required,
        "is_sensitive": definition.is_sensitive,
        "read": definition.changed_at.isoformat(),
    }
