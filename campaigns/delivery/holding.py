"""Why a message does not leave now: the guard that said no, written on the message with what follows from it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from campaigns.delivery.guarding import Guards
from campaigns.leaving import REASONS, Ends
from campaigns.models import (
    CampaignStatus,
    Enrollment,
    Message,
    MessageKind,
    MessageState,
    Outcome,
    Reason,
    SendingRules,
    Suppression,
)
from campaigns.models.message import COUNTED
from campaigns.surveys.sparing import in_the_way, nobody_asked_by
from customers.models import Consent, Customer

BUSY_FOR = timedelta(seconds=5)
AGAIN_AFTER = timedelta(seconds=5)
UNCHECKED_FOR = timedelta(minutes=1)


@dataclass(frozen=True)
class Decision:
    state: MessageState
    reason: Reason | None = None
    not_before: datetime | None = None


def hold_for_quiet_hours(message: Message, release: datetime, guards: Guards, at: datetime) -> None:
    _write(message, _held(message, Reason.QUIET_HOURS, release), guards, at)


def hold_while_busy(message: Message, guards: Guards, at: datetime) -> None:
    _write(message, Decision(MessageState.HELD, Reason.CUSTOMER_BUSY, at + BUSY_FOR), guards, at)


def hold_unchecked(message: Message, guards: Guards, at: datetime) -> None:
    _write(message, _held(message, Reason.UNCHECKED, at + UNCHECKED_FOR), guards, at)


def settle_nobody(message: Message, guards: Guards, at: datetime) -> None:
    _write(message, Decision(MessageState.SUPPRESSED, Reason.NOBODY), guards, at)


def settle_unreadable(message: Message, words: str, guards: Guards, at: datetime) -> None:
    if not message.customer.email:
        _write(message, Decision(MessageState.CANCELLED, Reason.NO_ADDRESS), guards, at)
        return
    message.words = words[:1000]
    _write(message, Decision(MessageState.FAILED, Reason.UNREADABLE), guards, at)


@transaction.atomic
def explain(message: Message, guards: Guards, at: datetime) -> Decision | None:
    """Ask the guards one by one, and write down the first that says no. None when the message is no longer ours."""
    Customer.objects.filter(pk=message.customer_id).lock()
    mine = Message.objects.filter(pk=message.pk, state=MessageState.CLAIMED, claim_token=guards.token)
    fresh = mine.select_related("campaign", "enrollment__version__campaign", "customer").first()
    if fresh is None:
        return None
    decision = _first_no(fresh, guards, at)
    _write(fresh, decision, guards, at)
    if decision.state == MessageState.HELD:
        nobody_asked_by(Message.objects.filter(pk=fresh.pk), [fresh.text_id])
    return decision


def _first_no(message: Message, guards: Guards, at: datetime) -> Decision:
    asked = [_of_the_outbox, _of_the_address]
    if message.kind == MessageKind.CAMPAIGN:
        asked += [_of_the_campaign, _of_consent, _of_the_run, _of_the_survey, _of_the_cap]
    for ask in asked:
        if decision := ask(message, guards, at):
            return decision
    # Nothing is wrong (any more, or yet: the guards look a minute ahead), or it is not for this message to suffer from.
    return Decision(MessageState.QUEUED, not_before=at + AGAIN_AFTER)


def _of_the_outbox(message: Message, guards: Guards, at: datetime) -> Decision | None:
    if message.expires_at <= at:
        return Decision(MessageState.EXPIRED, Reason.EXPIRED)
    return None


def _of_the_address(message: Message, guards: Guards, at: datetime) -> Decision | None:
    if not message.customer.email:
        return Decision(MessageState.CANCELLED, Reason.NO_ADDRESS)
    if Suppression.objects.barring([message.customer.email]).exists():
        return Decision(MessageState.SUPPRESSED, Reason.SUPPRESSED)
    return None


def _of_the_campaign(message: Message, guards: Guards, at: datetime) -> Decision | None:
    campaign = message.campaign
    if campaign is not None and campaign.status == CampaignStatus.FINISHED:
        return Decision(MessageState.CANCELLED, Reason.CAMPAIGN_FINISHED)
    return None


def _of_consent(message: Message, guards: Guards, at: datetime) -> Decision | None:
    said = Consent.objects.live().filter(customer=message.customer_id, purpose=message.purpose)
    last = said.order_by("-occurred_at", "-pk").first()
    if last is None:
        return Decision(MessageState.SUPPRESSED, Reason.NO_CONSENT)
    return None if last.is_given else Decision(MessageState.SUPPRESSED, Reason.UNSUBSCRIBED)


def _of_the_run(message: Message, guards: Guards, at: datetime) -> Decision | None:
    run = message.enrollment
    if run is None:
        return None
    if run.finished_at and run.outcome != Outcome.COMPLETED:
        return Decision(MessageState.CANCELLED, REASONS.get(Outcome(run.outcome), Reason.RUN_ENDED))
    for outcome, holds in Ends.of(run.version).in_order(at):
        if Enrollment.objects.filter(holds, pk=run.pk).exists():
            return Decision(MessageState.CANCELLED, REASONS[outcome])
    return None


def _of_the_survey(message: Message, guards: Guards, at: datetime) -> Decision | None:
    run = message.enrollment
    for reason, holds in in_the_way(run.version, at) if run else []:
        if Message.objects.filter(holds, pk=message.pk).exists():
            return Decision(MessageState.CANCELLED, reason)
    return None


def _of_the_cap(message: Message, guards: Guards, at: datetime) -> Decision | None:
    rules = SendingRules.objects.current()
    period = timedelta(days=rules.cap_days)
    counted = Message.objects.filter(
        customer=message.customer_id, state__in=COUNTED, handed_at__gt=at - period
    )
    others = counted.exclude(pk=message.pk).exclude(kind=MessageKind.TEST).order_by("-handed_at")
    handed = list(others.values_list("handed_at", flat=True)[: rules.cap_messages])
    if len(handed) < rules.cap_messages or handed[-1] is None:
        return None
    return _held(message, Reason.OVER_CAP, handed[-1] + period)


def _held(message: Message, reason: Reason, until: datetime) -> Decision:
    """Until then, or for good where that is too late."""
    if until < message.expires_at:
        return Decision(MessageState.HELD, reason, until)
    if reason == Reason.OVER_CAP:
        return Decision(MessageState.CAPPED, reason)
    return Decision(MessageState.EXPIRED, reason)


@transaction.atomic
def _write(message: Message, decision: Decision, guards: Guards, at: datetime) -> None:
    mine = Message.objects.filter(pk=message.pk, state=MessageState.CLAIMED, claim_token=guards.token)
    waits = decision.state in (MessageState.QUEUED, MessageState.HELD)
    written = mine.update(
        state=decision.state,
        reason=decision.reason or "",
        words=message.words,
        not_before=decision.not_before or message.not_before,
        settled_at=None if waits else at,
        lease_until=None,
    )
    if written and not waits:
        nobody_asked_by(Message.objects.filter(pk=message.pk), [message.text_id])
