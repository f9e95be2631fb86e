"""Who a person may be already: candidates to choose from before a lead is opened or converted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from customers.identities import NotAnIdentity, normalise_email, normalise_phone
from customers.models import Customer, CustomerQuerySet, Identity, Lead
from customers.models.identity import IdentityKind

MOST = 10
REASONS: dict[str, Promise] = {
    "email": _("the same e-mail address"),
    "phone": _("the same phone number"),
    "name_and_company": _("the same name and company"),
    "name": _("the same name"),
}


@dataclass(frozen=True)
class Match:
    """`by` is a key of REASONS; the surest of those that hold."""

    customer: Customer
    by: str

    @property
    def reason(self) -> Promise:
        return REASONS[self.by]


def matches(person: Mapping[str, str], *, seen_by: User | None, but: int | None = None) -> list[Match]:
    """Customers that this person may be, the surest first: by e-mail, phone, name and company, and name alone."""
    customers = Customer.objects.visible_to(seen_by) if seen_by else Customer.objects.all()
    customers = customers.present().exclude(pk=but or 0).select_related("company", "owner")
    found: dict[int, Match] = {}
    for by, rows in _ways(person, customers):
        for customer in rows.order_by("pk")[:MOST]:
            found.setdefault(customer.pk, Match(customer, by))
    return list(found.values())[:MOST]


def candidates(lead: Lead, *, seen_by: User | None) -> list[Match]:
    """Other customers that the lead's person may be, as they gave it or as their customer says."""
    customer = lead.customer
    known = {
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "country": customer.country,
    }
    company = {"company": customer.company.name} if customer.company else {}
    given = {name: str(value) for name, value in lead.enquiry.items()}
    both = [given, known | company]
    found: dict[int, Match] = {}
    for person in both:
        for match in matches(person, seen_by=seen_by, but=customer.pk):
            if match.by != "name":
                found.setdefault(match.customer.pk, match)
    return sorted(found.values(), key=lambda match: list(REASONS).index(match.by))[:MOST]


def _ways(person: Mapping[str, str], customers: CustomerQuerySet) -> Iterable[tuple[str, CustomerQuerySet]]:
    if email := _email(person):
        yield "email", _named(customers, IdentityKind.EMAIL, email)
    if phone := _phone(person):
        holding = _named(customers, IdentityKind.PHONE, phone)
        yield "phone", customers.filter(search_text__contains=phone, phone=phone) | holding
    name, company = _name(person), person.get("company", "").strip()
    if len(name) > 2:
        namesakes = customers.filter(search_text__contains=name.lower(), name__iexact=name)
        if company:
            yield "name_and_company", namesakes.filter(company__name__iexact=company)
        yield "name", namesakes


def _named(customers: CustomerQuerySet, kind: IdentityKind, value: str) -> CustomerQuerySet:
    named = Identity.objects.live().filter(kind=kind, value=value)
    return customers.filter(pk__in=named.values("customer"))


def _name(person: Mapping[str, str]) -> str:
    whole = f"{person.get('first_name', '')} {person.get('last_name', '')}"
    return (person.get("name", "").strip() or whole.strip())[:200]


def _email(person: Mapping[str, str]) -> str:
    try:
        return normalise_email(person.get("email", ""))
    except NotAnIdentity:
        return ""


def _phone(person: Mapping[str, str]) -> str:
    try:
        return normalise_phone(person.get("phone", ""), country=person.get("country", ""))
    except NotAnIdentity:
        return ""
