"""Not asking too often: messages that ask a survey, to customers who were asked a short while ago, do not go out."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from campaigns.links import survey_asked_by
from campaigns.models import CampaignVersion, EnrollmentQuerySet, Message, MessageState, Reason, Step
from campaigns.surveys.asking import askable, of_this_message, too_soon
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


def asked_meanwhile(version: CampaignVersion, as_of: datetime) -> list[Q]:
    """Over messages, for each text of the version that asks a survey: somebody else asked its customer since."""
    texts = Step.objects.filter(version=version, frozen__isnull=False).values_list("frozen", flat=True)
    asked_by = {text: survey_asked_by(text) for text in texts.distinct()}
    return [
        Q(text=text) & too_soon(survey, as_of, customer="customer", asking=of_this_message(survey))
        for text, survey in asked_by.items()
        if survey
    ]
