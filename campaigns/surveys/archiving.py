"""Putting a survey away that asks nobody any more, and bringing it back. Its answers and numbers stay."""

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.links import survey_asked_by
from campaigns.models import Campaign, CampaignStatus, Step, Survey, VersionStatus
from clm.accounts.models import AuditEntry, User
from clm.base import clock


class StillAsks(ValueError):
    """A campaign that is not finished asks it."""


@transaction.atomic
def archive(survey: Survey, *, by: User | None) -> None:
    """Out of the list; links that are out can still be answered. Raises StillAsks."""
    asking = asked_by(survey)
    if asking:
        raise StillAsks(_("The campaign “%(campaign)s” asks it. Finish it first.") % {"campaign": asking[0]})
    if survey.archived_at is None:
        survey.archived_at = clock.now()
        survey.save(update_fields=["archived_at"])
        AuditEntry.objects.record("survey.archived", survey, by=by)


@transaction.atomic
def bring_back(survey: Survey, *, by: User | None) -> None:
    if survey.archived_at is not None:
        survey.archived_at = None
        survey.save(update_fields=["archived_at"])
        AuditEntry.objects.record("survey.brought_back", survey, by=by)


def asked_by(survey: Survey) -> list[Campaign]:
    """Campaigns not finished whose published version asks it, by name."""
    steps = Step.objects.filter(version__status=VersionStatus.PUBLISHED, frozen__isnull=False)
    unfinished = steps.exclude(version__campaign__status=CampaignStatus.FINISHED)
    texts = unfinished.values_list("frozen", "version__campaign").distinct()
    asking = {campaign for text, campaign in texts if survey_asked_by(text) == survey}
    return list(Campaign.objects.filter(pk__in=asking).order_by("name"))
