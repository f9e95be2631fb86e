from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.base.db import ClockTimestamp
from customers.models.consent import Purpose

if TYPE_CHECKING:
    from campaigns.models.version import CampaignVersion


class CampaignKind(models.TextChoices):
    NURTURE = "nurture", _("Nurture: a series of messages for each who enters")
    BROADCAST = "broadcast", _("Broadcast: one message to all at once")


class CampaignStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    FINISHED = "finished", _("Finished")


class Reentry(models.TextChoices):
    """May a customer who has been through enter again?"""

    ONCE = "once", _("Never: each customer once")
    ON_REMATCH = "on_rematch", _("On entering the stage or segment again")
    AFTER_DAYS = "after_days", _("So many days after leaving the campaign")


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def running(self) -> "CampaignQuerySet":
        return self.filter(status=CampaignStatus.RUNNING)


class Campaign(models.Model):
    """What we run. Its steps are in versions; `campaigns.running` holds its verbs."""

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=CampaignKind, default=CampaignKind.NURTURE)
    status = models.CharField(
        _("status"), max_length=10, choices=CampaignStatus, default=CampaignStatus.DRAFT
    )
    purpose = models.CharField(
        _("purpose"),
        max_length=20,
        choices=Purpose,
        default=Purpose.MARKETING,
        help_text=_("Only customers who have consented to it get the messages."),
    )
    reentry = models.CharField(_("re-entry"), max_length=12, choices=Reentry, default=Reentry.ONCE)
    reentry_days = models.PositiveIntegerField(_("days until re-entry"), null=True, blank=True)
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        default=5,
        help_text=_("1 is the most important: it goes first where not all messages may be sent."),
    )
    sender_name = models.CharField(_("sender name"), max_length=100, blank=True)
    sender_address = models.EmailField(_("sender address"), max_length=254, blank=True)
    reply_to = models.EmailField(_("reply to"), max_length=254, blank=True)
    preset = models.CharField(max_length=50, blank=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    launched_at = models.DateTimeField(null=True, blank=True)
    # Who entered the stage or segment before this is left alone.
    entrants_since = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=500, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["preset"], condition=~Q(preset=""), name="campaigns_campaign_preset_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "running", "paused", "finished"]),
                name="campaigns_campaign_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(launched_at__isnull=False, entrants_since__isnull=False),
                name="campaigns_campaign_runs_since_launch",
            ),
            models.CheckConstraint(
                condition=Q(status="paused", paused_at__isnull=False)
                | (~Q(status="paused") & Q(paused_at=None, pause_reason="")),
                name="campaigns_campaign_paused_since",
            ),
            models.CheckConstraint(
                condition=Q(status="finished", finished_at__isnull=False)
                | (~Q(status="finished") & Q(finished_at=None)),
                name="campaigns_campaign_finished_at",
            ),
            models.CheckConstraint(
                condition=(~Q(reentry="after_days") & Q(reentry_days=None))
                | Q(reentry="after_days", reentry_days__gte=1),
                name="campaigns_campaign_reentry_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def published(self) -> "CampaignVersion | None":
        return self.versions.filter(status="published").first()

    def draft(self) -> "CampaignVersion | None":
        return self.versions.filter(status="draft").first()

    @property
    def since(self) -> datetime:
        if self.entrants_since is None:
            raise TypeError("not launched")
        return self.entrants_since
