"""What a mail may say about its customer: an allow-list, and the values behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Organisation
from customers.models import Company, Customer, PurchaseSummary

OWN = "customer.fields."


@dataclass(frozen=True)
class Field:
    """`form` is "text", "number", "money", "date" or "link"; `sample` stands in a preview of nobody in particular."""

    path: str
    label: str | Promise
    sample: Any
    form: str = "text"

    @property
    def inserted(self) -> str:
        """As the editor offers it."""
        if self.path == "customer.first_name":
            return '{{ customer.first_name | default: "…" }}'
        return f"{{{{ {self.path}{' | money' if self.form == 'money' else ''} }}}}"


FIELDS = {
    field.path: field
    for field in (
        Field("customer.first_name", _("First name"), "Anna"),
        Field("customer.last_name", _("Last name"), "Jensen"),
        Field("customer.name", _("Full name"), "Anna Jensen"),
        Field("customer.email", _("E-mail"), "anna@example.com"),
        Field("customer.phone", _("Phone"), "+4512345678"),
        Field("customer.company", _("Company"), "Jensen & Co"),
        Field("customer.country", _("Country"), "DK"),
        Field("customer.external_id", _("External id"), "C-1042"),
        Field("customer.orders", _("Number of orders"), 3, "number"),
        Field("customer.revenue", _("Revenue to date"), Decimal("1234.50"), "money"),
        Field("customer.first_order_on", _("Day of the first order"), date(2026, 2, 14), "date"),
        Field("customer.last_order_on", _("Day of the last order"), date(2026, 6, 30), "date"),
        Field("organisation.name", _("Your company's name"), "", "text"),
        Field("today", _("Today"), None, "date"),
        Field("links.preferences", _("Link to the preferences"), "", "link"),
        Field("links.unsubscribe", _("Link to unsubscribe"), "", "link"),
    )
}


@dataclass(frozen=True)
class Links:
    """Signed addresses for one customer and message. Empty: the mail has no such link."""

    unsubscribe: str = ""
    preferences: str = ""
    survey: str = ""


Values = dict[str, Any]


def placeholder(segments: Sequence[Any]) -> bool:
    """Whether a placeholder's path is one of ours; own fields of customers have any name."""
    if not all(isinstance(segment, str) for segment in segments):
        return False
    path = ".".join(segments)
    return path in FIELDS or (path.startswith(OWN) and len(segments) == 3)


def nearest(path: str) -> str:
    """The placeholder somebody most likely meant, or nothing."""
    by_ending = {known.rpartition(".")[2]: known for known in FIELDS}
    found = get_close_matches(path, FIELDS, n=1, cutoff=0.75) or [
        by_ending[near] for near in get_close_matches(path.rpartition(".")[2], by_ending, n=1, cutoff=0.7)
    ]
    return found[0] if found else ""


def values_of(customers: Iterable[Customer], *, organisation: Organisation, today: date) -> dict[int, Values]:
    """By customer. Two queries whatever their number: what they bought, and their companies' names."""
    found = list(customers)
    bought = PurchaseSummary.objects.in_bulk([customer.pk for customer in found])
    companies = _companies(found)
    return {
        customer.pk: {
            "customer": _about(customer, companies) | _purchases(bought.get(customer.pk), organisation.tz),
            "organisation": {"name": organisation.name},
            "today": today,
        }
        for customer in found
    }


def _companies(customers: list[Customer]) -> Mapping[int, str]:
    wanted = {customer.company_id for customer in customers if customer.company_id}
    if not wanted:
        return {}
    return dict(Company.objects.filter(pk__in=wanted).values_list("pk", "name"))


def _about(customer: Customer, companies: Mapping[int, str]) -> Values:
    plain = ("first_name", "last_name", "name", "email", "phone", "external_id", "country")
    own = {
        name: value
        for name, value in customer.fields.items()
        if value is None or isinstance(value, str | int | float | bool)
    }
    company = companies.get(customer.company_id or 0, "")
    return {name: getattr(customer, name) for name in plain} | {"company": company, "fields": own}


def _purchases(bought: PurchaseSummary | None, zone: ZoneInfo) -> Values:
    def local(at: datetime | None) -> date | None:
        return at.astimezone(zone).date() if at else None

    return {
        "orders": bought.orders if bought else 0,
        "revenue": bought.revenue if bought else Decimal(0),
        "first_order_on": local(bought.first_order_at) if bought else None,
        "last_order_on": local(bought.last_order_at) if bought else None,
    }


def sample_values(*, organisation: Organisation, today: date) -> Values:
    """Of nobody in particular, for previews."""
    values: Values = {"customer": {"fields": {}}, "organisation": {"name": organisation.name}, "today": today}
    for path, field in FIELDS.items():
        head, _dot, name = path.partition(".")
        if head == "customer":
            values["customer"][name] = field.sample
    return values


def empty_values(*, organisation: Organisation, today: date) -> Values:
    """Of somebody of whom nothing is known but the address."""
    nobody = Customer(email="nobody@example.com")
    return {
        "customer": _about(nobody, {}) | _purchases(None, organisation.tz),
        "organisation": {"name": organisation.name},
        "today": today,
    }


def in_language(values: Values, locale: Locale) -> Values:
    """Values whose words depend on the mail's language."""
    customer = dict(values["customer"])
    code = customer.get("country") or ""
    customer["country"] = locale.territories.get(code, code)
    return values | {"customer": customer}
