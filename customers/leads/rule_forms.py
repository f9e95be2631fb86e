"""What is asked of a rule that gives new leads to reps."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
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

    @classmethod
    def of(cls, rule: LeadAssignmentRule, data: Any = None) -> "RuleForm":
        if rule.pk is None:
            return cls(data)
        told = ("name", "team", "way", "countries", "conditions", "is_active")
        initial = {name: getattr(rule, name) for name in told} | {"channels": rule.channels.all()}
        return cls(data, initial=initial)

    @classmethod
    def under_way(cls, data: Any) -> "RuleForm":
        """As it was sent, neither saved nor judged: somebody works on the conditions."""
        sent = cls(data)
        return cls(initial={name: sent[name].data for name in sent.fields})

    def take(self, refusal: ValidationError) -> None:
        for name, reasons in refusal.message_dict.items():
            for reason in reasons:
                self.add_error(name if name in self.fields else None, reason)
