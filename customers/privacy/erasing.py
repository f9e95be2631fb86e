"""Forgetting a person: nothing tells any more who it was, and no number changes.

Orders, stays and answers stay, of nobody; names, addresses, texts and files go, wherever the inventory says. What is
kept so that nobody writes to the address again is a salted hash.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clm.accounts.jobs import Progress, enqueue
from clm.accounts.models import AuditEntry, Job, User
from clm.base import clock, inventory
from clm.base.facts import KeyedFact
from clm.base.inventory import Person, Table
from clm.base.recognising import NATIONAL
from customers.identities import NotAnIdentity, normalise_email, normalise_phone
from customers.intake import statements
from customers.models import Arrival, Customer, Identity, Lead, Ticket, Touch
from customers.models.identity import IdentityKind
from customers.privacy import erasure_log
from customers.privacy.ending import end_what_is_open
from customers.privacy.exporting import whole_person
from customers.privacy.theirs import addresses_of, changes_of, of_others

JOB_KIND = "erase-person"
SHORTEST = 5  # a shorter text stands in too many others
SHORTEST_NAME = 4
_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")


class AlreadyErased(ValueError):
    def __init__(self) -> None:
        super().__init__(_("This customer was erased already."))


@transaction.atomic
def ask(customer: Customer, *, by: User | None) -> Job:
    """Erase as a job: all tables are looked through. Raises AlreadyErased."""
    if customer.erased_at:
        raise AlreadyErased
    under_way = Job.objects.open().filter(kind=JOB_KIND, parameters__customer=customer.pk).first()
    if under_way:
        return under_way
    AuditEntry.objects.record("customer.erasure_asked", None, by=by, customer=customer.pk)
    title = gettext_noop("Erase customer %(customer)s")
    return enqueue(JOB_KIND, title=title, owner=by, customer=customer.pk)


def erase_job(job: Job) -> Iterator[Progress]:
    customer = Customer.objects.filter(pk=job.parameters["customer"]).first()
    if customer is not None and not customer.erased_at:
        erase(customer, by=job.owner)
    yield Progress(1, 1)


@transaction.atomic
def erase(customer: Customer, *, by: User | None) -> None:
    """In one transaction, under the locks of the customer and of all that were merged into it."""
    ids = whole_person(customer.merged_into or customer)
    Customer.objects.filter(pk__in=ids).lock()
    end_what_is_open(ids, by=by)
    person = _person(ids)
    named: list[type[Model]] = [one.model for one in inventory.tables() if issubclass(one.model, KeyedFact)]
    named.append(Ticket)
    for model in named:
        _forget_keys(model, person)
    _forget_keys(Touch, person, column="campaign")
    for table in inventory.tables():
        _forget_labels(table, person)
        table.erase(inventory.rows_of(table, person.customers), person)
    for remove in inventory.traces():
        remove(person)
    Arrival.objects.note(ids, since=person.at)
    for pk in ids:
        AuditEntry.objects.record("customer.erased", Customer(pk=pk), by=by)
    erasure_log.note(ids)


def _person(ids: list[int]) -> Person:
    customers = list(Customer.objects.filter(pk__in=ids))
    identities = Identity.objects.filter(customer__in=ids)
    outside = identities.filter(kind=IdentityKind.EXTERNAL)
    keys = {value.lower() for value in outside.values_list("value", flat=True) if len(value) >= SHORTEST}
    named_by = set(identities.exclude(kind=IdentityKind.EXTERNAL).values_list("value", flat=True))
    changes = changes_of(ids, "name", "email", "phone")
    said = {str(value) for value in changes.values_list("value", flat=True) if value}
    enquiries = [_spelled(one) for one in _enquiries(ids)]
    given = {value for enquiry in enquiries for name, value in enquiry.items() if name != "digits"}
    shown = {
        text
        for one in customers
        for text in (one.name, one.email, one.phone, f"{one.first_name} {one.last_name}".strip())
    }
    texts = {*said, *given, *named_by, *shown}
    shared = of_others((text for text in texts if "@" in text or text.startswith("+")), ids)
    texts -= shared
    called = {_words(name) for name in _names(customers, ids)}
    called |= {_words(enquiry["name"]) for enquiry in enquiries if "name" in enquiry}
    single = {word for words in called for word in words if len(word) >= SHORTEST_NAME}
    ordinary = {key for key in keys if key.isdigit() and len(key) < NATIONAL}  # may number anything
    return Person(
        customers=tuple(ids),
        texts=tuple(sorted({text.lower() for text in texts if len(text) >= SHORTEST})),
        at=clock.now(),
        addresses=tuple(sorted(addresses_of(ids) | {text for text in texts if "@" in text})),
        names=tuple(sorted(single | ordinary | {text.lower() for text in shared})),
        whole_names=tuple(sorted(words for words in called if len(words) > 1)),
        numbers=tuple(sorted(_numbers(texts) | _without_country(enquiries, ids))),
        keys=tuple(sorted(keys - ordinary)),
    )


def _enquiries(ids: list[int]) -> Iterator[dict[str, str]]:
    """What each lead was opened with; a country from the customer where the lead tells none."""
    for enquiry, country in Lead.objects.filter(customer__in=ids).values_list("enquiry", "customer__country"):
        yield {"country": country} | {name: str(value) for name, value in enquiry.items() if value}


def _spelled(enquiry: Mapping[str, str]) -> dict[str, str]:
    """The name, and address and number as they would name a customer; `digits` of a number that could not."""
    found = {"name": enquiry["name"]} if "name" in enquiry else {}
    email, phone = enquiry.get("email", ""), enquiry.get("phone", "")
    with suppress(NotAnIdentity):
        found["email"] = email
        found["email"] = normalise_email(email)
    try:
        found["phone"] = normalise_phone(phone, country=enquiry["country"])
    except NotAnIdentity:
        found["digits"] = "".join(filter(str.isdigit, phone))
    return found


def _without_country(enquiries: Iterable[Mapping[str, str]], ids: list[int]) -> set[str]:
    """Long enough to be a number, and with no one else's last digits."""
    given = {one["digits"] for one in enquiries if len(one.get("digits", "")) >= NATIONAL}
    others = Customer.objects.present().exclude(pk__in=ids)
    return {one for one in given if not others.filter(phone__endswith=one[-NATIONAL:]).exists()}


def _names(customers: Iterable[Customer], ids: list[int]) -> set[str]:
    """First, last and whole ones, those of former days too."""
    changes = changes_of(ids, "name", "first_name", "last_name")
    names = {str(value) for value in changes.values_list("value", flat=True)}
    whole = {f"{one.first_name} {one.last_name}" for one in customers}
    return names | whole | {text for one in customers for text in (one.name, one.first_name, one.last_name)}


def _words(name: str) -> tuple[str, ...]:
    """An initial may be missing elsewhere; a number is no word."""
    return tuple(word for word in _WORD.findall(name.lower()) if len(word) > 1 and not word.isdigit())


def _numbers(texts: Iterable[str]) -> set[str]:
    """As they are dialled from abroad."""
    return {text[1:] for text in texts if text.startswith("+") and text[1:].isdigit()}


def _forget_labels(table: Table, person: Person) -> None:
    """The audit log says what was done to which of their rows, no longer what the row was called."""
    label, theirs = table.model._meta.label_lower, inventory.rows_of(table, person.customers)
    entries = AuditEntry.objects.filter(subject_type=label, subject_id__in=theirs.values("pk"))
    entries.update(subject_label="", details={})


def _forget_keys(model: type[Model], person: Person, *, column: str = "key") -> None:
    """A key that holds a name or address becomes its hash: the same fact is still known when it comes again."""
    telling = patterns((*person.texts, *person.names, *person.keys))
    if not telling or not any(one.column == "customer_id" for one in model._meta.concrete_fields):
        return
    statements.run(
        "UPDATE {table} SET {column} = 'erased-' || encode(sha256(convert_to({column}, 'UTF8')), 'hex')"
        " WHERE customer_id = ANY(%s) AND lower({column}) LIKE ANY(%s)",
        [list(person.customers), telling],
        table=model._meta.db_table,
        column=column,
    )


def patterns(texts: Iterable[str]) -> list[str]:
    return [f"%{text.translate(_LITERAL)}%" for text in texts]


_LITERAL = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})
