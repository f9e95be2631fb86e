from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.models.version import CampaignVersion
from clm.base.db import ClockTimestamp
from customers.models import CustomerFact


class Outcome(models.TextChoices):
    COMPLETED = "completed", _("Went through all steps")
    EXIT = "exit", _("The exit condition was met")
    GOAL = "goal", _("Reached the goal")
    LEFT = "left", _("Left the stage or segment")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
    MERGED = "merged", _("Merged into another customer")
    REMOVED = "removed", _("Taken out by a person")
    CAMPAIGN_FINISHED = "campaign_finished", _("The campaign was finished")


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def active(self) -> "EnrollmentQuerySet":
        return self.filter(finished_at=None)

    def due(self, as_of: datetime) -> "EnrollmentQuerySet":
        """Whose next step is to be done, in campaigns that run."""
        return self.active().filter(next_step_at__lte=as_of, campaign__status="running")

    def finish(self, outcome: Outcome, *, at: datetime, reason: str = "") -> int:
        return self.active().update(finished_at=at, next_step_at=None, outcome=outcome, reason=reason)


class Enrollment(CustomerFact):
    """One customer's run through a campaign, on the version it began with.

    `matched_at` is when the customer entered the stage or segment, `entered_at` when the run began. `position` is
    that of the next step, to be done at `next_step_at`. `key` tells runs of one customer apart ("" for stages
    and segments).
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="enrollments", db_index=False)
    version = models.ForeignKey(CampaignVersion, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=200, blank=True)
    matched_at = models.DateTimeField()
    entered_at = models.DateTimeField(db_default=ClockTimestamp())
    position = models.PositiveSmallIntegerField(default=0)
    next_step_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "campaign", "key"],
                condition=Q(finished_at=None),
                name="campaigns_enrollment_one_active",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, outcome="", next_step_at__isnull=False)
                | (Q(finished_at__isnull=False, next_step_at=None) & ~Q(outcome="")),
                name="campaigns_enrollment_active_or_finished",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_step_at"], condition=Q(finished_at=None), name="campaigns_enrollment_due"
            ),
            models.Index(
                fields=["version", "position"],
                condition=Q(finished_at=None),
                name="campaigns_enrollment_at_step",
            ),
            models.Index(fields=["customer", "campaign"], name="campaigns_enrollment_of"),
            models.Index(fields=["campaign", "-entered_at"], name="campaigns_enrollment_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} in {self.campaign_id}"
