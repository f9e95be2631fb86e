"""What is asked of a rule that gives new leads to reps."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Team
from clm.base.conditions.fields import ConditionsField
from customers.countries import country_choices
from customers.models import Channel, LeadAssignmentRule
from customers.models.lead_rule import AssignmentWay


class RuleForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    team = forms.ModelChoiceField(
        Team.objects.all(), label=_("Team"), help_text=_("Its sales reps get the leads.")
    )
    way = forms.ChoiceField(label=_("Given to"), choices=AssignmentWay.choices)
    countries = forms.MultipleChoiceField(
        label=_("Customers from"),
        required=False,
        choices=country_choices,
        help_text=_("None chosen: from anywhere."),
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    channels = forms.ModelMultipleChoiceField(
        Channel.objects.all(),
        label=_("Sources"),
        required=False,
        help_text=_("None chosen: any source."),
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    conditions = ConditionsField(
        label=_("Only for customers for whom this holds"),
        required=False,
        help_text=_("Asked when the lead is opened. No test: for all."),
    )
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)
    # What was read of a rule there is.
    expected = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    @classmethod
    def of(cls, rule: LeadAssignmentRule, data: Any = None) -> "RuleForm":
        if rule.pk is None:
            return cls(data)
        told = ("name", "team", "way", "countries", "conditions", "is_active")
        initial = {name: getattr(rule, name) for name in told} | {"channels": rule.channels.all()}
        return cls(data, initial=initial | {"expected": rule.changed_at.isoformat()})

    def read_at(self) -> datetime | None:
        """The version that was read; None when the form came without one."""
        try:
            return datetime.fromisoformat(self.cleaned_data["expected"])
        except ValueError:
            return None

    def read_anew(self, current: LeadAssignmentRule) -> None:
        """Says so, and lets the form's next sending replace what is there now."""
        self.data = data = cast("QueryDict", self.data).copy()
        data["expected"] = current.changed_at.isoformat()
        self.add_error(
            None, gettext("Somebody changed it meanwhile. Save again to replace what is there now.")
        )

    @classmethod
    def under_way(cls, data: Any) -> "RuleForm":
        """As it was sent, neither saved nor judged: somebody works on the conditions."""
        sent = cls(data)
        return cls(initial={name: sent[name].data for name in sent.fields})

    def take(self, refusal: ValidationError) -> None:
        for name, reasons in refusal.message_dict.items():
            for reason in reasons:
                self.add_error(name if name in self.fields else None, reason)
