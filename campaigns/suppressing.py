"""Addresses that must not be written to, whoever has them and however they are spelled."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.models import Message, Reason, Suppression, SuppressionReason, address_key
from campaigns.models.message import LEASED, WAITING, MessageState
from campaigns.models.suppression import spelled
from campaigns.surveys.sparing import nobody_asked_by
from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.privacy.theirs import addresses_of


class NotAnAddress(ValueError):
    """What was given can't be an e-mail address; the message says so."""


@transaction.atomic
def suppress(
    address: str,
    *,
    by: User | None,
    reason: SuppressionReason = SuppressionReason.PERSON,
    words: str = "",
    message: Message | None = None,
) -> Suppression:
    """Never write to this address again. One that is suppressed already stays as it is, but learns who asked where
    nobody had: undoing a merge lifts only what nobody asked for. Raises NotAnAddress.
    """
    key = address_key(address)
    if not key:
        raise NotAnAddress(_("“%(text)s” is not a valid e-mail address.") % {"text": address[:100]})
    row = Suppression(address=key, reason=reason, words=words, message=message, suppressed_by=by)
    Suppression.objects.bulk_create([row], ignore_conflicts=True)
    Suppression.objects.live().unasked().filter(address=key).update(suppressed_by=by, message=message)
    found = Suppression.objects.live().get(address=key)
    _settle_waiting(key)
    AuditEntry.objects.record("address.suppressed", found, by=by, reason=reason)
    return found


@transaction.atomic
def lift(suppression: Suppression, *, by: User | None) -> None:
    """Allow the address again. Nothing happens when somebody did before."""
    live = Suppression.objects.live().filter(pk=suppression.pk)
    if live.update(lifted_at=clock.now(), lifted_by=by):
        AuditEntry.objects.record("address.allowed", suppression, by=by)


def suppress_refused(message: Message, words: str) -> None:
    """The mail server says that there is no such address."""
    suppress(message.customer.email, by=None, reason=SuppressionReason.BOUNCED, words=words, message=message)


def of_their_addresses(customers: Sequence[int]) -> Q:
    """Over suppressions: those of all addresses these customers have or had, but for one that is another's by now."""
    return spelled(addresses_of(customers))


def _settle_waiting(key: str) -> None:
    """Settle what waits for this spelling; other spellings are found at hand-over."""
    claimable = [*WAITING, LEASED[0]]
    waiting = Message.objects.filter(address=key, state__in=claimable).order_by("pk").select_for_update()
    theirs = Message.objects.filter(pk__in=list(waiting.values_list("pk", flat=True)))
    theirs.update(
        state=MessageState.SUPPRESSED,
        reason=Reason.SUPPRESSED,
        settled_at=clock.now(),
        lease_until=None,
    )
    nobody_asked_by(theirs)
