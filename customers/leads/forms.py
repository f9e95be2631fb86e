"""Shapes of what people type about a lead."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models import Organisation, Role, Team, User
from clm.base.money import CURRENCIES
from clm.base.typed_numbers import TypedDecimalField
from customers.countries import country_choices
from customers.filter_sets import DAY_INPUT
from customers.leads.losing import ReasonField
from customers.leads.matching import Match
from customers.leads.opening import PERSON
from customers.leads.pipelines import Pipelines
from customers.leads.pursuing import EDITABLE, LONGEST_NOTE, Next
from customers.models import Channel, Customer, Lead

NEW = "new"


def _countries() -> list[tuple[str, str]]:
    return [("", "–"), *country_choices()]


def _currencies() -> list[tuple[str, str]]:
    return [(code, code) for code in sorted(CURRENCIES)]


def _note() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ToldForm(forms.Form):
    def take(self, errors: ValidationError) -> None:
        """Show what the verb refused beside the field it is about."""
        told = errors.message_dict if hasattr(errors, "error_dict") else {"__all__": errors.messages}
        for name, messages in told.items():
            self.add_error(name if name in self.fields else None, cast(Any, list(messages)))


def demand_next(form: forms.Form, team_id: int | None) -> None:
    """Where the team demands a next action of every open lead, the form does."""
    if Pipelines.read().of(team_id).demands_next_action:
        form.fields["next_action"].required = True


class LeadForm(ToldForm):
    title = forms.CharField(
        label=gettext_lazy("About"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("What the customer may buy, in a few words."),
    )
    channel = forms.ModelChoiceField(
        label=gettext_lazy("Source"), queryset=Channel.objects.all(), required=False, empty_label="–"
    )
    value = TypedDecimalField(
        label=gettext_lazy("Value"), required=False, min_value=0, max_digits=16, decimal_places=4
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=_currencies, required=False)
    next_action = forms.CharField(
        label=gettext_lazy("Next action"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("What is to be done next, such as “Call about the offer”."),
    )
    next_action_on = forms.DateField(label=gettext_lazy("When"), required=False, **DAY_INPUT)
    expected_close_on = forms.DateField(label=gettext_lazy("Expected close"), required=False, **DAY_INPUT)
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner"), queryset=User.objects.none(), required=False, empty_label="–"
    )
    team = forms.ModelChoiceField(
        label=gettext_lazy("Team"), queryset=Team.objects.all(), required=False, empty_label="–"
    )
    # What was read of a lead there is.
    expected = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args: Any, lead: Lead | None = None, user: User, **kwargs: Any) -> None:
        initial = fields_of(lead) if lead else {"owner": user.pk, "team": user.team_id}
        initial["currency"] = initial.get("currency") or Organisation.objects.current().currency
        super().__init__(*args, **({"initial": initial} | kwargs))
        people = cast("forms.ModelChoiceField[User]", self.fields["owner"])
        people.queryset = User.objects.filter(Q(is_active=True) | Q(pk=lead.owner_id if lead else None))
        if lead is None or lead.is_open:
            demand_next(self, lead.team_id if lead else user.team_id)

    def values(self) -> dict[str, Any]:
        """For the verbs; a currency without a value says nothing, nor does a team that was left as the last owner's."""
        given = {name: self.cleaned_data[name] for name in EDITABLE}
        if given["value"] is None:
            given["currency"] = ""
        if given["owner"] and "owner" in self.changed_data and "team" not in self.changed_data:
            del given["team"]
        return given

    def read_at(self) -> datetime | None:
        """The version that was read; None when the form came without one."""
        try:
            return datetime.fromisoformat(self.cleaned_data.get("expected", ""))
        except ValueError:
            return None


class OpenLeadForm(LeadForm):
    """On the customer of `customer`; else on the one of `choice`, or on somebody new."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "email"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=32,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    company = forms.CharField(label=gettext_lazy("Company"), max_length=200, required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=_countries, required=False)
    note = _note()
    choice = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    # Pressing the button twice opens one lead.
    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)

    def __init__(self, *args: Any, customer: Customer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer
        if kwargs["user"].role != Role.REP:
            self.fields["owner"].help_text = _("Left empty, the assignment rules choose.")

    def opened_with(self) -> dict[str, Any]:
        """Without an owner who was not named, nor the team that merely stood there, so that the rules may choose."""
        given = self.values()
        if given["owner"]:
            return given
        is_named = given["team"] and "team" in self.changed_data
        return {name: it for name, it in given.items() if name != "owner" and (name != "team" or is_named)}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.customer and not any(given.get(name) for name in ("name", "email", "phone")):
            self.add_error("name", _("Give at least a name, an e-mail address or a phone number."))
        return given

    def person(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in PERSON if self.cleaned_data.get(name)}

    def chosen(self, offered: Sequence[Match]) -> Customer | None:
        """The customer that was picked of those offered."""
        wanted = self.cleaned_data.get("choice", "")
        return next((match.customer for match in offered if str(match.customer.pk) == wanted), None)

    @property
    def is_new(self) -> bool:
        return bool(self.cleaned_data.get("choice") == NEW)


class StepForm(ToldForm):
    """What was said, and what comes next."""

    note = _note()
    next_action = forms.CharField(label=gettext_lazy("Next action"), max_length=200, required=False)
    next_action_on = forms.DateField(label=gettext_lazy("When"), required=False, **DAY_INPUT)

    def __init__(self, *args: Any, lead: Lead, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        demand_next(self, lead.team_id)

    def given(self) -> dict[str, Any]:
        wanted = self.cleaned_data
        then = Next(wanted["next_action"], wanted["next_action_on"])
        return {"note": wanted["note"], "then": then}


class LossForm(ToldForm):
    lost_reason = ReasonField()
    note = _note()

    def __init__(self, *args: Any, lead: Lead, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(ReasonField, self.fields["lost_reason"]).offer_to(user)

    def given(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["lost_reason"], "note": self.cleaned_data["note"]}


class ConversionForm(ToldForm):
    into = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


def fields_of(lead: Lead) -> dict[str, Any]:
    plain = ("title", "currency", "next_action", "next_action_on", "expected_close_on")
    return {name: getattr(lead, name) for name in plain} | {
        "value": None if lead.value is None else lead.value.normalize() + 0,
        "channel": lead.channel_id,
        "owner": lead.owner_id,
        "team": lead.team_id,
        "expected": lead.changed_at.isoformat(),
    }


def read_anew(form: LeadForm, current: Lead) -> None:
    """Let the form's next sending replace what is there now."""
    form.data = cast(QueryDict, form.data).copy()
    form.data["expected"] = current.changed_at.isoformat()


def differences(form: LeadForm, current: Lead) -> Iterable[tuple[str, str, str]]:
    """(label, what it is now, what was typed), for the fields in which they differ."""
    now = fields_of(current) | {"currency": current.currency or form.cleaned_data.get("currency", "")}
    for name in EDITABLE:
        field, typed = form.fields[name], form.data.get(name, "").strip()
        here = "" if now[name] is None else str(field.prepare_value(now[name]))
        if here != typed and not _is_same(form.cleaned_data.get(name), now[name]):
            yield str(field.label), _told(field, here), _told(field, typed)


def _is_same(typed: Any, here: Any) -> bool:
    return bool(typed == here or getattr(typed, "pk", typed) == here)


def _told(field: forms.Field, value: str) -> str:
    choices = {str(key): str(text) for key, text in getattr(field, "choices", ())}
    return choices.get(value, value)
