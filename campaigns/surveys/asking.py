"""Asking customers: once for an occasion, and not too often."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from campaigns.models import Invitation, Message, Response, Survey
from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.models import Arrival, Customer

MESSAGE, LINK = "message", "link"


@transaction.atomic
def invite_by_message(survey: Survey, customer: Customer, message_id: int) -> Invitation:
    """The invitation of this message, made at first sight. Locks nothing: the sender holds the customer's lock."""
    key = _key(message_id, survey)
    known = Invitation.objects.live().filter(source=MESSAGE, key=key).first()
    return known or _invite(survey, customer, source=MESSAGE, key=key)


@transaction.atomic
def take_back(survey: Survey, messages: QuerySet[Message]) -> None:
    """The messages were put together and did not leave: nobody was asked. One that leaves later asks anew.

    Whoever answered by one of them all the same was asked.
    """
    keys = messages.annotate(invitation=_key_of("pk", survey)).values("invitation")
    theirs = Invitation.objects.live().filter(source=MESSAGE, key__in=keys)
    unanswered = theirs.exclude(Exists(Response.objects.filter(invitation=OuterRef("root"))))
    asked = list(unanswered.values_list("pk", "customer", "occurred_at"))
    if asked:
        Invitation.objects.filter(pk__in=[pk for pk, _customer, _at in asked]).supersede()
        Arrival.objects.note((customer for _pk, customer, _at in asked), since=min(at for *_, at in asked))


def _key(message_id: int, survey: Survey) -> str:
    return f"{message_id}:{survey.pk}"


@transaction.atomic
def invite_by_link(survey: Survey, customer: Customer, *, by: User | None) -> Invitation:
    """A link to hand over: the one that is still open and unanswered, else a new one. Locks the customer."""
    customer = Customer.objects.lock_present(customer.pk)
    open_links = Invitation.objects.open_at(clock.now()).filter(
        ~Exists(Response.objects.filter(invitation=OuterRef("root"))),
        customer=customer,
        survey=survey,
        source=LINK,
    )
    if waiting := open_links.order_by("-occurred_at").first():
        return waiting
    invitation = _invite(survey, customer, source=LINK, key=uuid4().hex)
    AuditEntry.objects.record("survey.link_made", customer, by=by, survey=survey.slug)
    return invitation


def _invite(survey: Survey, customer: Customer, *, source: str, key: str) -> Invitation:
    at = clock.now()
    Arrival.objects.note([customer.pk], since=at)
    return Invitation.objects.create(
        survey=survey, customer=customer, original_customer=customer, source=source, key=key, occurred_at=at
    )


def too_soon(survey: Survey, at: datetime, *, customer: str = "pk", asking: Q | None = None) -> Q:
    """Over customers, or rows that have a `customer`: asked this within its days of rest, or any other survey within
    the days of quiet. `asking` names the invitation that is about to be sent, which does not count.
    """
    asked = Invitation.objects.live().filter(customer=OuterRef(customer), occurred_at__lte=at)
    if asking:
        asked = asked.exclude(asking)
    answered = Response.objects.live().filter(customer=OuterRef(customer), occurred_at__lte=at)
    rest, quiet = at - timedelta(days=survey.recontact_days), at - timedelta(days=survey.quiet_days)
    same, other = Q(survey=survey, occurred_at__gt=rest), Q(occurred_at__gt=quiet) & ~Q(survey=survey)
    return Q(Exists(asked.filter(same | other))) | Q(Exists(answered.filter(same | other)))


def of_this_message(survey: Survey) -> Q:
    """Over invitations, asked for each message: the one that it carries."""
    return Q(source=MESSAGE, key=_key_of(OuterRef("pk"), survey))


def _key_of(message: str | OuterRef, survey: Survey) -> Concat:
    return Concat(message, Value(f":{survey.pk}"), output_field=TextField())


def askable(customers: QuerySet[Customer], survey: Survey, at: datetime) -> QuerySet[Customer]:
    """Those who may be asked now, by both clocks: this survey's, and the one that all surveys share."""
    return customers.filter(~too_soon(survey, at))


def why_not(survey: Survey, customer: Customer, at: datetime) -> str:
    """Why a campaign should not ask this customer now; empty when it may."""
    if askable(Customer.objects.filter(pk=customer.pk), survey, at).exists():
        return ""
    return _("Asked too recently: “%(survey)s” rests for %(days)d days, any other survey for %(quiet)d.") % {
        "survey": survey.name,
        "days": survey.recontact_days,
        "quiet": survey.quiet_days,
    }
