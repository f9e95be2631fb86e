"""Shapes of what people type about a note, a call or a meeting."""

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from customers.filter_sets import DAY_INPUT
from customers.leads.pursuing import Next
from customers.models import Interaction, Lead
from customers.models.interaction import LONGEST_TEXT, MOST_MINUTES, Direction, InteractionKind, Outcome

MINUTE = "%Y-%m-%dT%H:%M"
HINTS = {
    InteractionKind.NOTE: gettext_lazy("What is worth knowing about this customer"),
    InteractionKind.CALL: gettext_lazy("What was said"),
    InteractionKind.MEETING: gettext_lazy("Who was there, and what was agreed"),
}


class InteractionForm(forms.Form):
    """Has the fields that its kind has; with a lead also what comes next there."""

    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
    )
    direction = forms.ChoiceField(label=gettext_lazy("Direction"), choices=Direction.choices)
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), choices=Outcome.choices)
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=0, max_value=MOST_MINUTES, required=False
    )
    occurred_at = forms.DateTimeField(
        label=gettext_lazy("When"),
        required=False,
        help_text=gettext_lazy("Empty: now."),
        input_formats=[MINUTE, "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE),
    )
    next_action = forms.CharField(label=gettext_lazy("Next action"), max_length=200, required=False)
    next_action_on = forms.DateField(
        label=gettext_lazy("Day of the next action"), required=False, **DAY_INPUT
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)

    def __init__(
        self,
        *args: Any,
        kind: str,
        lead: Lead | None = None,
        written: Interaction | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **({"initial": _initial(written) if written else {}} | kwargs))
        self.kind = InteractionKind(kind)
        for name in _absent(self.kind, lead=lead, written=written):
            del self.fields[name]
        self.fields["text"].widget.attrs["placeholder"] = HINTS[self.kind]
        if self.kind == InteractionKind.NOTE:
            self.fields["text"].required = True

    def values(self) -> dict[str, Any]:
        """For the verbs; a moment that was not touched stays as exact as it was."""
        given = {name: value for name, value in self.cleaned_data.items() if name in _FIELDS}
        return given if "occurred_at" in self.changed_data else given | {"occurred_at": None}

    def then(self) -> Next | None:
        action, on = self.cleaned_data.get("next_action", ""), self.cleaned_data.get("next_action_on")
        return Next(action, on) if action or on else None

    def take(self, errors: ValidationError) -> None:
        """Show what the verb refused beside the field it is about."""
        told = errors.message_dict if hasattr(errors, "error_dict") else {"__all__": errors.messages}
        for name, messages in told.items():
            self.add_error(name if name in self.fields else None, cast(Any, list(messages)))


_FIELDS = ("text", "direction", "outcome", "minutes", "occurred_at")


def _absent(kind: InteractionKind, *, lead: Lead | None, written: Interaction | None) -> list[str]:
    absent = {
        InteractionKind.NOTE: ["direction", "outcome", "minutes"],
        InteractionKind.MEETING: ["direction", "outcome"],
    }.get(kind, [])
    plans = lead is not None and lead.is_open and written is None
    return absent + ([] if plans else ["next_action", "next_action_on"])


def _initial(written: Interaction) -> dict[str, Any]:
    return {name: getattr(written, name) for name in _FIELDS} | {
        "occurred_at": written.occurred_at.replace(second=0, microsecond=0)
    }
