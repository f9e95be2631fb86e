"""Not asking too often: messages that ask a survey, to customers who were asked a short while ago, do not go out; nor
do those whose survey was put away.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from campaigns.links import survey_asked_by
from campaigns.models import (
    CampaignVersion,
    EnrollmentQuerySet,
    Message,
    MessageQuerySet,
    MessageState,
    Reason,
    Step,
    Survey,
)
from campaigns.surveys.asking import askable, of_this_message, take_back, too_soon
from customers.models import Customer


def spare_asked(runs: EnrollmentQuerySet, step: Step, as_of: datetime) -> int:
    """Take back the step's messages, just queued, to customers who are not to be asked (yet). Returns how many."""
    survey = survey_asked_by(step.frozen_id)
    if survey is None:
        return 0
    queued = Message.objects.filter(step=step, enrollment__in=runs.values("pk"), state=MessageState.QUEUED)
    if survey.archived_at:
        return _cancelled(queued, Reason.SURVEY_PUT_AWAY, as_of)
    may_be_asked = askable(Customer.objects.filter(pk=OuterRef("customer")), survey, as_of)
    return _cancelled(queued.filter(~Exists(may_be_asked)), Reason.ASKED_RECENTLY, as_of)


def _cancelled(messages: MessageQuerySet, reason: Reason, as_of: datetime) -> int:
    return messages.update(state=MessageState.CANCELLED, reason=reason, settled_at=as_of)


def in_the_way(version: CampaignVersion, as_of: datetime) -> list[tuple[Reason, Q]]:
    """Over messages, for each text of the version that asks a survey: it is put away, or somebody else asked the
    customer since.
    """
    texts = Step.objects.filter(version=version, frozen__isnull=False).values_list("frozen", flat=True)
    found: list[tuple[Reason, Q]] = []
    for text, survey in _asking(texts.distinct()):
        put_away = Survey.objects.filter(pk=survey.pk, archived_at__isnull=False)
        soon = too_soon(survey, as_of, customer="customer", asking=of_this_message(survey))
        found += [
            (Reason.SURVEY_PUT_AWAY, Q(text=text) & Q(Exists(put_away))),
            (Reason.ASKED_RECENTLY, Q(text=text) & soon),
        ]
    return found


def nobody_asked_by(messages: MessageQuerySet, texts: Iterable[int | None] | None = None) -> None:
    """They have not left, and won't as they are: whatever they were to ask, nobody was asked. `texts`, where known."""
    if texts is None:
        texts = messages.order_by().values_list("text", flat=True).distinct()
    for text, survey in _asking(texts):
        take_back(survey, messages.filter(text=text))


def _asking(texts: Iterable[int | None]) -> Iterator[tuple[int, Survey]]:
    """Those of the frozen texts that ask a survey, with it."""
    for text in texts:
        survey = survey_asked_by(text)
        if text and survey:
            yield text, survey
