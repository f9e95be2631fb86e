"""Messages of which nobody can know whether they arrived: a person decides."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F

from campaigns.models import Delivery, DeliveryKind, Message, MessageQuerySet, MessageState, SendingRules
from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.models import Arrival


@transaction.atomic
def send_again(messages: MessageQuerySet, *, by: User) -> int:
    """Queue them again, with the same Message-ID and a new time limit. Returns how many were still in doubt.

    All guards are asked again: who has unsubscribed since gets none.
    """
    ids, now = _locked(messages), clock.now()
    limit = timedelta(hours=SendingRules.objects.current().expires_after_hours)
    Message.objects.filter(pk__in=ids).update(
        state=MessageState.QUEUED, reason="", claim_token=None, not_before=now, expires_at=now + limit
    )
    _note(ids, DeliveryKind.SEND_AGAIN, by)
    return len(ids)


@transaction.atomic
def count_as_sent(messages: MessageQuerySet, *, by: User) -> int:
    """Take them for sent, at the moment they were handed over. Returns how many were still in doubt."""
    ids = _locked(messages)
    Message.objects.filter(pk__in=ids).update(
        state=MessageState.SENT, reason="", sent_at=F("handed_at"), settled_at=clock.now()
    )
    sent = list(Message.objects.filter(pk__in=ids).values_list("customer", "handed_at"))
    if moments := [at for _customer, at in sent if at]:
        Arrival.objects.note((customer for customer, _at in sent), since=min(moments))
    _note(ids, DeliveryKind.COUNTED_AS_SENT, by)
    return len(ids)


def _locked(messages: MessageQuerySet) -> list[int]:
    doubtful = messages.in_doubt().order_by("pk").select_for_update(of=("self",))
    return list(doubtful.values_list("pk", flat=True))


def _note(ids: list[int], kind: DeliveryKind, by: User) -> None:
    now = clock.now()
    Delivery.objects.bulk_create(
        (Delivery(message_id=pk, kind=kind, occurred_at=now, details={"by": by.pk}) for pk in ids),
        batch_size=1000,
    )
    for message in Message.objects.filter(pk__in=ids[:1]):
        AuditEntry.objects.record(f"messages.{kind}", message, by=by, messages=ids)
