"""Profile fields, tests and values by their names, for forms to choose from and for sentences."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models import Team, User
from customers.countries import country_choices
from customers.models import Company
from customers.models.customer import Kind

FIELDS = ["country", "language", "kind", "owner", "team", "company", "name", "email", "phone"]
SETTABLE = ["country", "language", "kind", "company"]
OPERATORS = ["is", "is_not", "is_set", "is_empty", "contains"]
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
NEWEST, MOST_COMPANIES = 2_000, 500
Choices = Sequence[tuple[str, Any]]


def field_choices() -> Choices:
    """The columns, then the company's own fields, as the newest customers have them."""
    own = [(f"fields.{name}", name) for name in _own_fields()]
    return [*((name, str(LABELS[name]).capitalize()) for name in FIELDS), *own]


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


def operator_choices() -> Choices:
    return [
        ("is", _("is")),
        ("is_not", _("is not")),
        ("contains", _("contains")),
        ("is_set", _("is known")),
        ("is_empty", _("is unknown")),
    ]


def value_choices(field: str) -> Choices:
    """Nothing where any text may be meant."""
    if field == "country":
        return country_choices()
    if field == "kind":
        return Kind.choices
    if field == "owner":
        return [(str(user.pk), str(user)) for user in User.objects.all()]
    if field == "team":
        return [(str(team.pk), str(team)) for team in Team.objects.order_by("name")]
    if field == "company":
        companies = Company.objects.order_by("name")[:MOST_COMPANIES]
        return [(str(company.pk), str(company)) for company in companies]
    return ()


def settable(user: User) -> Choices:
    """Fields that many customers may be given one value of."""
    own = [(f"fields.{name}", name) for name in _own_fields()]
    return [*((name, str(LABELS[name]).capitalize()) for name in SETTABLE), *own]


def value_field(field: str) -> forms.Field:
    """What takes a value of the field; empty clears it."""
    label = str(field_label(field)).capitalize()
    if field in ("country", "kind"):
        choices = [*([("", "–")] if field == "country" else []), *value_choices(field)]
        return forms.ChoiceField(label=label, choices=choices, required=field == "kind")
    longest = {"language": 10, "company": 200}.get(field, 1000)
    return forms.CharField(label=label, required=False, max_length=longest)


def field_label(field: str) -> str:
    return str(LABELS.get(field) or field.removeprefix("fields."))


def value_label(field: str, value: str) -> str:
    """A stored value as people call it; as it is where it has no name."""
    if field == "company":
        found = Company.objects.filter(pk=value).first() if value.isdecimal() else None
        return str(found or value)
    return str(dict(value_choices(field)).get(value, value))
