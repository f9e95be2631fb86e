"""Erasing once more whom an old backup brought back, by the lines of `erasure_log`."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings

from clm.accounts.models import AuditEntry
from customers.models import Customer
from customers.privacy.erasing import erase
from customers.privacy.erasure_log import key_of
from customers.privacy.exporting import whole_person

HASH_LENGTH = 64


@dataclass
class Repeated:
    """`held_up`: merged, in the backup, with others who were not erased; the merge is to be undone first."""

    erased: list[int] = field(default_factory=list)
    held_up: list[int] = field(default_factory=list)


def keys_in(text: Iterable[str]) -> set[str]:
    """Of lines as `lines` gives them; others are passed over."""
    last = (one.split()[-1] for one in text if one.strip())
    return {key for key in last if len(key) == HASH_LENGTH}


def repeat(keys: set[str], *, do: bool = True) -> Repeated:
    """Erase all whom the log names and who are there; a transaction for each. Those erased already are passed over."""
    named, found = _named(keys), Repeated()
    for pk in sorted(named):
        customer = Customer.objects.get(pk=pk)
        if customer.erased_at:
            continue
        whole = whole_person(customer.merged_into or customer)
        if not named.issuperset(whole):
            found.held_up.append(pk)
            continue
        if do:
            erase(customer, by=None)
        found.erased += whole if do else [pk]
    if found.erased and do:
        AuditEntry.objects.record("erasures.repeated", None, by=None, customers=len(found.erased))
    return found


def _named(keys: set[str]) -> set[int]:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    there = Customer.objects.filter(erased_at=None).order_by("pk").values_list("pk", "created_at")
    return {
        pk for pk, made in there.iterator() if any(key_of(pk, made, secret) in keys for secret in secrets)
    }
