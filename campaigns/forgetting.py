"""What an erasure does to runs and suppressions."""

from typing import Any

from django.db.models import Q, QuerySet

from campaigns.leaving import end_runs
from campaigns.models import Enrollment, MailServer, Outcome, Suppression, SuppressionReason, address_key
from campaigns.models.suppression import hashed
from clm.base.inventory import Person
from clm.base.recognising import rows_telling_of
from customers.models import Customer, Identity
from customers.models.identity import IdentityKind


def end_and_forget(rows: QuerySet[Any], person: Person) -> None:
    """Runs end, with what waits of them."""
    end_runs(Enrollment.objects.filter(customer__in=person.customers), Outcome.REMOVED, at=person.at)
    rows.update(reason="")


def keep_the_hash(rows: QuerySet[Any], person: Person) -> None:
    """Nobody writes to these addresses again, whoever brings them back; what is kept of them is a hash."""
    keys = {address_key(address) for address in person.addresses} - {""}
    keys -= _of_others(keys, person)
    rows.filter(address__in=keys).delete()
    Suppression.objects.filter(address__in=keys).delete()
    Suppression.objects.bulk_create(
        [Suppression(address=hashed(key), reason=SuppressionReason.ERASED) for key in sorted(keys)],
        ignore_conflicts=True,
    )


def _of_others(keys: set[str], person: Person) -> set[str]:
    """Those under which somebody else is written to, with or without a tag: that mailbox is not the person's alone."""
    kept, shown = Q(pk__in=[]), Q(pk__in=[])
    for key in keys:
        local, _at, domain = key.rpartition("@")
        kept |= Q(value=key) | Q(value__startswith=f"{local}+", value__endswith=f"@{domain}")
        shown |= Q(email=key) | Q(email__startswith=f"{local}+", email__endswith=f"@{domain}")
    known = Identity.objects.live().filter(kept, kind=IdentityKind.EMAIL)
    others = Customer.objects.present().filter(shown).exclude(pk__in=person.customers)
    addresses = {
        *known.exclude(customer__in=person.customers).values_list("value", flat=True),
        *others.values_list("email", flat=True),
    }
    return {address_key(address) for address in addresses} & keys


def forget_answer_of_server(person: Person) -> None:
    """While it takes no mail its last answer is shown; that may name whom the mail was for."""
    rows_telling_of(MailServer.objects.all(), "words", person).update(words="")
