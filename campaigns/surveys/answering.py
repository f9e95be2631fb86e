"""Taking an answer: one for each invitation; as long as its link is open, another one supersedes it."""

from typing import Any

from django.db import transaction

from campaigns.models import Invitation, Response, Via
from clm.accounts.models import AuditEntry
from clm.base import clock
from customers.models import Arrival, Customer

SOURCE = "clm"


class LinkClosed(ValueError):
    """The days in which the link could be answered with are over."""


class NotAnswered(ValueError):
    """There is no score yet that a comment could belong to."""


def answer_to(invitation: Invitation) -> Response | None:
    return Response.objects.live().filter(source=SOURCE, key=_key(invitation)).first()


@transaction.atomic
def answer(invitation: Invitation, *, score: int, language: str) -> Response:
    """Take a score. Another score than before counts from now on; the same one changes nothing.

    Locks the customer. Raises LinkClosed.
    """
    customer, at = _locked(invitation)
    given = answer_to(invitation)
    if given is None:
        given = Response.objects.create(
            customer=customer,
            original_customer=customer,
            survey=invitation.survey,
            invitation_id=invitation.root,
            source=SOURCE,
            key=_key(invitation),
            score=score,
            language=language,
            via=Via.MESSAGE if invitation.is_by_message else Via.LINK,
            occurred_at=at,
        )
        return _noted(given, given)
    if given.score == score:
        return given
    return _noted(given, given.amend(score=score, language=language, occurred_at=at))


@transaction.atomic
def explain(invitation: Invitation, *, text: str) -> Response:
    """Say why, in addition to the score. The answer keeps its time. Raises LinkClosed and NotAnswered."""
    _locked(invitation)
    given = answer_to(invitation)
    if given is None:
        raise NotAnswered
    return given if given.text == text else _noted(given, given.amend(text=text))


def _locked(invitation: Invitation) -> tuple[Customer, Any]:
    customer = Customer.objects.lock_present(invitation.customer_id)
    at = clock.now()
    if at >= invitation.open_until:
        raise LinkClosed
    return customer, at


def _noted(before: Response, now: Response) -> Response:
    """The stages look again; the audit says that there was an answer, not what it said."""
    Arrival.objects.note([now.customer_id], since=min(before.occurred_at, now.occurred_at))
    action = "response.given" if before.pk == now.pk else "response.changed"
    AuditEntry.objects.record(action, now.customer, survey=now.survey.slug)
    return now


def _key(invitation: Invitation) -> str:
    return f"invitation:{invitation.root}"
