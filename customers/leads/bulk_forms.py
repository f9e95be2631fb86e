"""What is asked before many leads are changed at once."""

from collections.abc import Mapping
from typing import Any, Self, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models import User
from customers.filter_sets import DAY_INPUT
from customers.leads.losing import ReasonField
from customers.models.lead_status import OPEN


class AskedForm(forms.Form):
    def __init__(self, user: User, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial)

    @classmethod
    def of(cls, user: User, values: Mapping[str, Any]) -> Self:
        return cls(user, dict(values))

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class NextActionForm(AskedForm):
    next_action = forms.CharField(label=gettext_lazy("Next action"), max_length=200, required=False)
    next_action_on = forms.DateField(label=gettext_lazy("When"), required=False, **DAY_INPUT)

    def clean(self) -> dict[str, Any]:
        if not self.errors and not any(self.cleaned_data.values()):
            self.add_error("next_action", _("Say what is to be done, or when."))
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        day = self.cleaned_data["next_action_on"]
        return {
            "next_action": self.cleaned_data["next_action"],
            "next_action_on": day.isoformat() if day else None,
        }


class MoveForm(AskedForm):
    status = forms.ChoiceField(
        label=gettext_lazy("To"),
        choices=[(status.value, status.label) for status in OPEN],
        help_text=gettext_lazy("Each goes to the first step with this meaning in the pipeline of its team."),
    )


class LoseForm(AskedForm):
    lost_reason = ReasonField()

    def __init__(self, user: User, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(user, data, initial=initial)
        cast(ReasonField, self.fields["lost_reason"]).offer_to(user)
