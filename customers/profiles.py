"""Making and changing one customer: the verbs behind the page's forms and the API."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from clm.base.facts import BEGINNING
from customers.custom_fields.checking import checked
from customers.custom_fields.known import hidden_from
from customers.identities import NotAnIdentity, normalise_email, normalise_phone
from customers.making import make
from customers.models import Arrival, Customer, Identity, ProfileChange
from customers.models.identity import IdentityKind

# What may be given: column of Customer; "fields" is a JSON object of the company's own fields.
COLUMNS = (
    "kind",
    "name",
    "first_name",
    "last_name",
    "email",
    "phone",
    "country",
    "language",
    "zone",
    "company",
    "owner",
    "team",
)
Values = Mapping[str, Any]
# NUL and lone surrogates: JSON may hold them, PostgreSQL does not.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# `normalise_email` knows addresses that Django's field does not, such as ü@exämple.dk.
CHECKED_OTHERWISE = ("email", "fields", "merged_into")


class IdentityTaken(ValueError):
    """An e-mail address, phone number or external id already names another customer: `holder`."""

    def __init__(self, field: str, holder: Customer) -> None:
        self.field, self.holder = field, holder
        super().__init__(_("Another customer already has this value. Correct it, or open that customer."))


class StaleProfile(ValueError):
    """Somebody changed the customer since it was read; `current` is what it is now."""

    def __init__(self, current: Customer) -> None:
        self.current = current
        super().__init__(_("The customer was changed meanwhile. Look at both values and save again."))


@transaction.atomic
def register(*, by: User | None, values: Values, source: str = "manual", external_id: str = "") -> Customer:
    """A new customer. Raises ValidationError (by field) and IdentityTaken."""
    customer = Customer(owner=by if by and by.is_restricted else None, team=by.team if by else None)
    given = _put(customer, values, by)
    customer.external_id = _text(external_id, "external_id")
    customer.full_clean(exclude=CHECKED_OTHERWISE)
    known = {field: value for field, value in given.items() if value not in ("", None)}
    keys = _keys(customer, source)
    own = make(customer, keys=keys.values(), known=known, since=BEGINNING, by=by, fields=sorted(given))
    for field, (kind, of, value) in keys.items():
        if kind not in own and field != "phone":  # households share a phone; it stays whose it was
            raise IdentityTaken(field, _holder(kind, of, value))
    return customer


@transaction.atomic
def change(
    customer: Customer, *, by: User | None, values: Values, expected: datetime | None = None
) -> Customer:
    """Give profile fields new values. `expected` is the `changed_at` that was read; older is told.

    Locks the customer. Raises ValidationError (by field), IdentityTaken and StaleProfile.
    """
    current = Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=customer.pk)
    if expected is not None and current.changed_at != expected:
        raise StaleProfile(current)
    refuse_erased(current)
    before = _profile(current)
    _put(current, values, by)
    after = _profile(current)
    changed = {field: value for field, value in after.items() if value != before.get(field)}
    changed |= dict.fromkeys(before.keys() - after.keys())
    if not changed:
        return current
    _refuse_taken(current, source="")
    current.full_clean(exclude=CHECKED_OTHERWISE)
    at = current.changed_at = clock.now()
    current.save(update_fields=[*COLUMNS, "fields", "changed_at"])
    _rename(current, changed, at)
    first = _first_values(current, before, changed)
    _remember(current, {field: changed[field] for field in first}, at=BEGINNING)
    _remember(current, {field: value for field, value in changed.items() if field not in first}, at=at)
    AuditEntry.objects.record("customer.changed", current, by=by, fields=sorted(changed))
    return current


def refuse_erased(customer: Customer) -> None:
    """Nothing is kept of whom nobody is to know any more. Raises ValidationError."""
    if customer.erased_at:
        raise ValidationError({NON_FIELD_ERRORS: _("This customer was erased already.")})


def upsert(*, source: str, external_id: str, by: User | None, values: Values) -> tuple[Customer, bool]:
    """The customer with this external id, changed; made when missing. Says whether it was made."""
    found = find(source=source, external_id=external_id)
    if found:
        return change(found, by=by, values=values), False
    try:
        return register(by=by, values=values, source=source, external_id=external_id), True
    except IdentityTaken as taken:
        if taken.field != "external_id":
            raise
        return change(taken.holder, by=by, values=values), False


def find(*, source: str, external_id: str) -> Customer | None:
    identity = Identity.objects.live().filter(kind=IdentityKind.EXTERNAL, source=source, value=external_id)
    return Customer.objects.filter(pk__in=identity.values("customer_id")).first()


def _put(customer: Customer, values: Values, by: User | None) -> dict[str, Any]:
    """Set normalised values on the row; returns them as profile fields."""
    unknown = values.keys() - {*COLUMNS, "fields"}
    if unknown:
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    name_before, follows = customer.name, customer.name in ("", _built_name(customer))
    # The country first: a phone number without a country code is read as one of that country.
    for name in sorted(values, key=lambda name: name != "country"):
        given = _own(customer, values[name], by) if name == "fields" else values[name]
        setattr(customer, name, _normal(name, given, customer))
    if not customer.name or (follows and customer.name == name_before):
        customer.name = _built_name(customer) or customer.name
    return _profile(customer)


def _own(customer: Customer, given: Any, by: User | None) -> dict[str, Any]:
    """With what is hidden from whoever changes it as it was."""
    hidden = hidden_from(by) if by else set()
    seen = {key: value for key, value in (given or {}).items() if key not in hidden}
    return seen | {key: value for key, value in customer.fields.items() if key in hidden}


def _built_name(customer: Customer) -> str:
    return f"{customer.first_name} {customer.last_name}".strip()


def _normal(name: str, value: Any, customer: Customer) -> Any:
    if name == "fields":
        return checked(_storable(value or {}), before=customer.fields, is_new=customer.pk is None)
    if isinstance(value, models.Model) or value is None:
        return value
    text = _text(value, name)
    try:
        if name == "email" and text:
            return normalise_email(text)
        if name == "phone" and text:
            return normalise_phone(text, country=customer.country)
    except NotAnIdentity as error:
        raise ValidationError({name: str(error)}) from error
    return text


def _text(value: Any, name: str) -> str:
    text = str(value).strip()
    _refuse_unstorable(text, name)
    return text


def _refuse_unstorable(text: str, name: str) -> None:
    if not (found := UNSTORABLE.search(text)):
        return
    if found.group() == "\x00":
        raise ValidationError({name: _("The text contains a NUL character. Remove it.")})
    raise ValidationError({name: _("The text contains half a character. Type it again.")})


def _storable(value: Any) -> Any:
    """The company's own fields as they came, once every name and text in them is one that can be stored."""
    if isinstance(value, str):
        _refuse_unstorable(value, "fields")
    elif isinstance(value, Mapping):
        for one in (*value.keys(), *value.values()):
            _storable(one)
    elif isinstance(value, list | tuple):
        for one in value:
            _storable(one)
    return value


def _profile(customer: Customer) -> dict[str, Any]:
    """The profile as plain JSON values, own fields as "fields.<name>"."""
    values = {name: getattr(customer, name) for name in COLUMNS}
    plain = {name: value.pk if isinstance(value, models.Model) else value for name, value in values.items()}
    return plain | {f"fields.{name}": value for name, value in customer.fields.items()}


def _keys(customer: Customer, source: str) -> dict[str, tuple[str, str, str]]:
    """Field to identity (kind, source, value), for those that are set."""
    keys = {
        "email": (IdentityKind.EMAIL.value, "", customer.email),
        "phone": (IdentityKind.PHONE.value, "", customer.phone),
        "external_id": (IdentityKind.EXTERNAL.value, source, customer.external_id if source else ""),
    }
    return {field: key for field, key in keys.items() if key[2]}


def _refuse_taken(customer: Customer, source: str) -> None:
    for field, (kind, of, value) in _keys(customer, source).items():
        holder = (
            Identity.objects.live()
            .filter(kind=kind, source=of, value=value)
            .exclude(customer=customer.pk)
            .first()
        )
        if holder and field != "phone":  # households share a phone
            raise IdentityTaken(field, Customer.objects.get(pk=holder.customer_id))


def _holder(kind: str, source: str, value: str) -> Customer:
    named = Identity.objects.live().get(kind=kind, source=source, value=value)
    return Customer.objects.get(pk=named.customer_id)


def _rename(customer: Customer, changed: Mapping[str, Any], at: datetime) -> None:
    for field, kind in (("email", IdentityKind.EMAIL), ("phone", IdentityKind.PHONE)):
        if field not in changed:
            continue
        Identity.objects.filter(customer=customer, kind=kind).supersede(at=at)
        if changed[field]:
            _claim(customer, kind.value, "", changed[field])


def _claim(customer: Customer, kind: str, source: str, value: str) -> None:
    """Make the value name this customer. A phone that names somebody stays theirs; else raises IdentityTaken."""
    live = Identity.objects.live().filter(kind=kind, source=source, value=value)
    if kind == IdentityKind.PHONE and live.exists():
        return
    try:
        with transaction.atomic():
            Identity.objects.create(
                customer=customer, original_customer=customer, kind=kind, source=source, value=value
            )
    except IntegrityError as error:  # somebody was quicker
        if kind == IdentityKind.PHONE:
            return
        field = "external_id" if kind == IdentityKind.EXTERNAL else kind
        raise IdentityTaken(field, _holder(kind, source, value)) from error


def _first_values(customer: Customer, before: Values, changed: Values) -> set[str]:
    """Fields that get their first value ever: as far as we can tell it has always held, as in imports."""
    blank = {field for field in changed if before.get(field) in ("", None)}
    known = ProfileChange.objects.live().filter(customer=customer, field__in=blank)
    return blank - set(known.values_list("field", flat=True))


def _remember(customer: Customer, changed: Mapping[str, Any], *, at: datetime) -> None:
    """Write the changes as facts, and have the customer looked at from then on."""
    if not changed:
        return
    ProfileChange.objects.bulk_create(
        ProfileChange(customer=customer, original_customer=customer, field=field, value=value, occurred_at=at)
        for field, value in changed.items()
    )
    Arrival.objects.note([customer.pk], since=at)
