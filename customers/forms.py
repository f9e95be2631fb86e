"""Shapes of what people type about a customer."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models import Team, User
from clm.base.days import zones
from customers.countries import country_choices
from customers.custom_fields.checking import said
from customers.custom_fields.kinds import DoesNotFit, for_form, form_field, stored
from customers.custom_fields.known import definitions, in_use
from customers.models import Customer, CustomField
from customers.models.customer import Kind
from customers.profiles import UNSTORABLE

LONGEST_OWN_FIELDS = 20_000


def _zones() -> list[tuple[str, str]]:
    return [("", "–"), *((zone, zone.replace("_", " ")) for zone in zones())]


def _countries() -> list[tuple[str, str]]:
    return [("", "–"), *country_choices()]


class OwnFieldsField(forms.CharField):
    """One `name: value` a line. Numbers, true, false and null are kept as such; anything else is text."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
        super().__init__(required=False, widget=widget, max_length=LONGEST_OWN_FIELDS, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return "\n".join(f"{name}: {_written(one)}" for name, one in value.items())

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        return dict(_read_line(line) for line in lines if line)


def _read_line(line: str) -> tuple[str, Any]:
    name, colon, text = line.partition(":")
    name, text = name.strip(), text.strip()
    if not colon or not name:
        raise ValidationError(
            _("“%(line)s” has no name. Write one “name: value” a line.") % {"line": line[:60]}
        )
    if len(name) > 70:
        raise ValidationError(_("The name “%(name)s…” is longer than 70 characters.") % {"name": name[:40]})
    try:
        value = json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return name, text
    return name, value if _is_plain(value) else text


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return not UNSTORABLE.search(value)
    return value is None or (isinstance(value, int | float) and abs(value) < 1e15)


def _written(value: Any) -> str:
    """As `_read_line` reads it back to the same value."""
    if isinstance(value, str) and _read_line(f"x: {value}")[1] == value.strip():
        return value
    return json.dumps(value, ensure_ascii=False)


# Names to pick from while one types; another name makes a company.
NAMES_OF_COMPANIES = {
    "list": "company-names",
    "autocomplete": "off",
    "hx-get": reverse_lazy("companies-named"),
    "hx-trigger": "input changed delay:150ms",
    "hx-target": "#company-names",
    "hx-sync": "this:replace",
}


class CustomerForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Kind.choices)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("As it is shown; empty: first and last name."),
    )
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=100, required=False)
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
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=_countries, required=False)
    language = forms.RegexField(
        r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,6})?$",
        label=gettext_lazy("Language"),
        max_length=10,
        required=False,
        help_text=gettext_lazy("Two letters, such as da."),
        error_messages={"invalid": gettext_lazy("This is not a language. Use two letters, such as da.")},
    )
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=_zones, required=False)
    company = forms.CharField(
        label=gettext_lazy("Company"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs=NAMES_OF_COMPANIES),
    )
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner"), queryset=User.objects.none(), required=False, empty_label="–"
    )
    team = forms.ModelChoiceField(
        label=gettext_lazy("Team"), queryset=Team.objects.all(), required=False, empty_label="–"
    )
    fields_text = OwnFieldsField(
        label=gettext_lazy("Other own fields"),
        help_text=gettext_lazy("One “name: value” a line, such as “tier: gold”."),
    )
    # Of a new customer: pressing the button twice makes one. Of an old one: what was read.
    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)
    expected = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    is_new = forms.BooleanField(
        label=gettext_lazy("None of them: this is somebody new"), required=False, initial=False
    )

    def __init__(self, *args: Any, customer: Customer | None = None, user: User, **kwargs: Any) -> None:
        initial = (
            profile_of(customer)
            if customer
            else {"kind": Kind.PERSON, "owner": user.pk, "team": user.team_id}
        )
        super().__init__(*args, **({"initial": initial} | kwargs))
        self.own = {f"own-{one.pk}": one for one in in_use(user)}
        self.kept_aside = _kept_aside(customer.fields, self.own) if customer else {}
        for name, one in self.own.items():
            self.fields[name] = form_field(one)
            self.initial.setdefault(name, for_form(one, customer.fields.get(one.key)) if customer else None)
        people = cast("forms.ModelChoiceField[User]", self.fields["owner"])
        owner = customer.owner_id if customer else None
        people.queryset = User.objects.filter(Q(is_active=True) | Q(pk=owner))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if (
            not any(given.get(name) for name in ("name", "first_name", "last_name", "email", "phone"))
            and not self.errors
        ):
            self.add_error("name", _("Give at least a name, an e-mail address or a phone number."))
        for name, one in self.own.items():
            self._read_own(name, one, given)
        twice = (given.get("fields_text") or {}).keys() & definitions().keys()
        if twice:
            names = {"names": ", ".join(sorted(twice))}
            self.add_error("fields_text", _("%(names)s has a field of its own; fill that in.") % names)
        return given

    def _read_own(self, name: str, definition: CustomField, given: dict[str, Any]) -> None:
        try:
            given[name] = stored(definition, given.get(name))
        except DoesNotFit as error:
            self.add_error(name, said(definition, error))

    @property
    def own_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.own]

    def values(self) -> dict[str, Any]:
        """For the verbs; the company still as the name that was typed."""
        left_out = {"fields_text", "token", "expected", "company", "is_new", *self.own}
        given = {name: value for name, value in self.cleaned_data.items() if name not in left_out}
        own = {one.key: self.cleaned_data[name] for name, one in self.own.items()}
        filled = {key: value for key, value in own.items() if value is not None}
        return given | {"fields": {**self.kept_aside, **self.cleaned_data["fields_text"], **filled}}

    def read_at(self) -> datetime | None:
        """The version that was read; None when the form came without one."""
        try:
            return datetime.fromisoformat(self.cleaned_data.get("expected", ""))
        except ValueError:
            return None

    def take(self, errors: ValidationError) -> None:
        """Show what the verb refused beside the field it is about."""
        told = errors.message_dict if hasattr(errors, "error_dict") else {"__all__": errors.messages}
        for name, messages in told.items():
            own = {one.name: field for field, one in self.own.items()}
            shown = ({"fields": "fields_text", "__all__": None} | own).get(name, name)
            self.add_error(shown if shown in self.fields else None, cast(Any, list(messages)))


def _undefined(fields: Mapping[str, Any]) -> dict[str, Any]:
    known = definitions()
    return {key: value for key, value in fields.items() if key not in known}


def _kept_aside(fields: Mapping[str, Any], own: Mapping[str, CustomField]) -> dict[str, Any]:
    """What is defined and yet not asked here: archived, or not for this person."""
    asked, known = {one.key for one in own.values()}, definitions()
    return {key: value for key, value in fields.items() if key in known and key not in asked}


def profile_of(customer: Customer) -> dict[str, Any]:
    plain = ("kind", "name", "first_name", "last_name", "email", "phone", "country", "language", "zone")
    return {name: getattr(customer, name) for name in plain} | {
        "company": customer.company.name if customer.company else "",
        "owner": customer.owner_id,
        "team": customer.team_id,
        "fields_text": _undefined(customer.fields),
        "expected": customer.changed_at.isoformat(),
    }


def read_anew(form: CustomerForm, current: Customer) -> None:
    """Let the form's next sending replace what is there now."""
    form.data = cast(QueryDict, form.data).copy()
    form.data["expected"] = current.changed_at.isoformat()


def differences(form: CustomerForm, current: Customer) -> Iterable[tuple[str, str, str]]:
    """(label, what it is now, what was typed), for the fields in which they differ."""
    own = {name: for_form(one, current.fields.get(one.key)) for name, one in form.own.items()}
    now = profile_of(current) | own
    for name in now.keys() - {"expected"}:
        field, typed = form.fields[name], _typed(form, name)
        here = field.prepare_value(now[name])
        here = "" if here is None else ", ".join(here) if isinstance(here, list) else str(here)
        if here.strip() != typed.replace("\r\n", "\n").strip():
            yield str(field.label), _told(field, here), _told(field, typed)


def _typed(form: CustomerForm, name: str) -> str:
    if isinstance(form.fields[name], forms.MultipleChoiceField):
        return ", ".join(cast(QueryDict, form.data).getlist(name))
    return str(form.data.get(name, ""))


def _told(field: forms.Field, value: str) -> str:
    choices = {str(key): str(text) for key, text in getattr(field, "choices", ())}
    return choices.get(value, value)
