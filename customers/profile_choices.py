"""Profile fields, tests and values by their names, for forms to choose from and for sentences."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import connection
from django.utils.translation import gettext_lazy

from clm.accounts.models import Team, User
from customers.countries import country_choices
from customers.custom_fields.kinds import form_field, shown, yes_no
from customers.custom_fields.known import definitions, in_use, named
from customers.languages import is_language, language_choices, language_name
from customers.models import Company
from customers.models.custom_field import PREFIX, FieldKind
from customers.models.customer import Kind

FIELDS = ["country", "language", "kind", "owner", "team", "company", "name", "email", "phone"]
SETTABLE = ["country", "language", "kind", "company"]
OPERATORS = [
    "is",
    "is_not",
    "is_set",
    "is_empty",
    "contains",
    "at_least",
    "at_most",
    "includes",
    "includes_not",
]
LABELS = {
    "country": gettext_lazy("country"),
    "language": gettext_lazy("language"),
    "kind": gettext_lazy("kind"),
    "owner": gettext_lazy("owner"),
    "team": gettext_lazy("team"),
    "company": gettext_lazy("company"),
    "name": gettext_lazy("name"),
    "email": gettext_lazy("e-mail"),
    "phone": gettext_lazy("phone"),
}
_WORDS: dict[str, Any] = {
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "contains": gettext_lazy("contains"),
    "at_least": gettext_lazy("is at least"),
    "at_most": gettext_lazy("is at most"),
    "includes": gettext_lazy("includes"),
    "includes_not": gettext_lazy("does not include"),
    "is_set": gettext_lazy("is known"),
    "is_empty": gettext_lazy("is unknown"),
}
_DAY_WORDS: dict[str, Any] = {
    "at_least": gettext_lazy("is on or after"),
    "at_most": gettext_lazy("is on or before"),
}
_FITTING: dict[str, tuple[str, ...]] = {
    FieldKind.NUMBER: ("at_least", "at_most", "is", "is_not"),
    FieldKind.DATE: ("at_least", "at_most", "is", "is_not"),
    FieldKind.CHOICE: ("is", "is_not"),
    FieldKind.CHOICES: ("includes", "includes_not"),
    FieldKind.YES_NO: ("is",),
}
NEWEST, MOST_COMPANIES = 2_000, 500
Choices = Sequence[tuple[str, Any]]


def field_choices() -> Choices:
    """The columns, then the company's own fields, as the newest customers have them."""
    return [*((name, str(LABELS[name]).capitalize()) for name in FIELDS), *own_choices()]


def own_choices(user: User | None = None) -> Choices:
    """The fields that are defined, then others that customers have."""
    known = definitions()
    return [
        *((one.name, one.label) for one in in_use(user)),
        *((f"{PREFIX}{name}", name) for name in undefined() if name not in known),
    ]


def undefined() -> list[str]:
    """Keys that the newest customers have and nobody has defined."""
    known = definitions()
    return [name for name in _own_fields() if name not in known]


def _own_fields() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT jsonb_object_keys(fields) FROM (
                SELECT fields FROM customers_customer ORDER BY id DESC LIMIT %s) newest ORDER BY 1
            """,
            [NEWEST],
        )
        return [name for (name,) in cursor.fetchall()]


def operator_choices(field: str = "") -> Choices:
    """Those that fit what the field holds."""
    definition = named(field)
    words = _WORDS | (_DAY_WORDS if definition and definition.kind == FieldKind.DATE else {})
    fitting = _FITTING.get(definition.kind if definition else "", ("is", "is_not", "contains"))
    return [(one, words[one]) for one in (*fitting, "is_set", "is_empty")]


def value_choices(field: str) -> Choices:
    """Nothing where any text may be meant."""
    if field == "country":
        return country_choices()
    if field == "language":
        return language_choices()
    if field == "kind":
        return Kind.choices
    if definition := named(field):
        options = [(one, one) for one in definition.choices]
        return yes_no() if definition.kind == FieldKind.YES_NO else options
    if field == "owner":
        return [(str(user.pk), str(user)) for user in User.objects.all()]
    if field == "team":
        return [(str(team.pk), str(team)) for team in Team.objects.order_by("name")]
    if field == "company":
        companies = Company.objects.order_by("name")[:MOST_COMPANIES]
        return [(str(company.pk), str(company)) for company in companies]
    return ()


def is_value(field: str, value: str) -> bool:
    """Whether the field can have it, as far as its values can be listed."""
    if field == "company":
        return value.isdecimal() and len(value) < 10 and Company.objects.filter(pk=value).exists()
    if field == "language":
        return is_language(value)
    known = value_choices(field)
    return value in (one for one, _label in known) or not (known or field in ("owner", "team"))


def settable(user: User) -> Choices:
    """Fields that many customers may be given one value of."""
    return [*((name, str(LABELS[name]).capitalize()) for name in SETTABLE), *own_choices(user)]


def value_field(field: str) -> forms.Field:
    """What takes a value of the field; empty clears it."""
    if definition := named(field):
        return form_field(definition, is_required=definition.is_required)
    label = str(field_label(field)).capitalize()
    if field in ("country", "kind"):
        choices = [*([("", "–")] if field == "country" else []), *value_choices(field)]
        return forms.ChoiceField(label=label, choices=choices, required=field == "kind")
    longest = {"language": 10, "company": 200}.get(field, 1000)
    return forms.CharField(label=label, required=False, max_length=longest)


def field_label(field: str) -> str:
    definition = named(field)
    return str(LABELS.get(field) or (definition.label if definition else field.removeprefix(PREFIX)))


def value_label(field: str, value: Any) -> str:
    """A stored value as people call it; as it is where it has no name."""
    if definition := named(field):
        return shown(definition, value)
    value = str(value)
    if field == "language":
        return language_name(value)
    if field == "company":
        found = Company.objects.filter(pk=value).first() if value.isdecimal() else None
        return str(found or value)
    return str(dict(value_choices(field)).get(value, value))
