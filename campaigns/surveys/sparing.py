"""Not asking too often: messages that ask a survey, to customers who were asked a short while ago, do not go out."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from campaigns.links import survey_asked_by
from campaigns.models import EnrollmentQuerySet, Message, MessageState, Reason, Step
from campaigns.surveys.asking import askable
from customers.models import Customer


def spare_asked(runs: EnrollmentQuerySet, step: Step, as_of: datetime) -> int:
    """Take back the step's messages, just queued, to customers who are not to be asked yet. Returns how many."""
    survey = survey_asked_by(step.frozen_id)
    if survey is None:
        return 0
    may_be_asked = askable(Customer.objects.filter(pk=OuterRef("customer")), survey, as_of)
    queued = Message.objects.filter(step=step, enrollment__in=runs.values("pk"), state=MessageState.QUEUED)
    return queued.filter(~Exists(may_be_asked)).update(
        state=MessageState.CANCELLED, reason=Reason.ASKED_RECENTLY, settled_at=as_of
    )
