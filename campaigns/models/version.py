from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.models.template import Template, TemplateVersion
from clm.base.db import ClockTimestamp


class VersionStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class TriggerKind(models.TextChoices):
    STAGE_ENTERED = "stage_entered", _("Entering a stage")
    SEGMENT_ENTERED = "segment_entered", _("Entering a segment")


class CampaignVersion(models.Model):
    """Who enters a campaign, its steps, and what ends it early; immutable once published.

    `trigger` is {"kind": "stage_entered", "model": slug or null for the primary one, "stages": [slugs]} or
    {"kind": "segment_entered", "segment": slug}. `exit_condition` and `goal` are condition trees or null.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=VersionStatus, default=VersionStatus.DRAFT)
    trigger = models.JSONField(_("trigger"), default=dict)
    exit_condition = models.JSONField(
        _("exit condition"),
        null=True,
        blank=True,
        help_text=_("Customers for whom it holds leave the campaign, and get no message that waits."),
    )
    goal = models.JSONField(
        _("goal"),
        null=True,
        blank=True,
        help_text=_("Customers for whom it holds have reached what the campaign is for, and leave it."),
    )
    leaves_with_stage = models.BooleanField(
        _("leave the campaign on leaving the stage or segment"), default=True
    )
    leaves_on_unsubscribe = models.BooleanField(_("leave the campaign on unsubscribing"), default=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["campaign", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="campaigns_version_number_once"),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(status="published"), name="campaigns_version_one_published"
            ),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(status="draft"), name="campaigns_version_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} v{self.number}"


class StepKind(models.TextChoices):
    MESSAGE = "message", _("Message")
    WAIT = "wait", _("Wait")
    EXIT = "exit", _("Exit")


class WaitUnit(models.TextChoices):
    MINUTES = "minutes", _("minutes")
    HOURS = "hours", _("hours")
    DAYS = "days", _("days")


# The longest waits of a step: whoever waits longer has forgotten us.
MOST_OF = {WaitUnit.MINUTES: 10_000, WaitUnit.HOURS: 1000, WaitUnit.DAYS: 365}


def wait_problem(amount: int, unit: str) -> str:
    """Why a step can't wait so long; empty when it can."""
    most = MOST_OF[WaitUnit(unit)]
    return "" if 1 <= amount <= most else gettext("At most %(most)s.") % {"most": most}


class Step(models.Model):
    """One ordered part of a campaign version.

    `condition`: a message goes only to customers for whom it holds (to all without one); an exit ends the run of
    those for whom it holds (of all without one). `settings` of a message may hold {"survey": slug} and
    {"expires_after_hours": n}. `frozen` is the template's text that the published version sends.
    """

    version = models.ForeignKey(CampaignVersion, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=10, choices=StepKind)
    name = models.CharField(_("name"), max_length=200, blank=True)
    template = models.ForeignKey(Template, models.PROTECT, null=True, blank=True, related_name="+")
    frozen = models.ForeignKey(TemplateVersion, models.PROTECT, null=True, blank=True, related_name="+")
    wait_amount = models.PositiveIntegerField(_("wait"), null=True, blank=True)
    wait_unit = models.CharField(_("unit"), max_length=10, choices=WaitUnit, default=WaitUnit.DAYS)
    condition = models.JSONField(_("condition"), null=True, blank=True)
    settings = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "position"],
                name="campaigns_step_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=(~Q(kind="wait") & Q(wait_amount=None)) | Q(kind="wait", wait_amount__gte=1),
                name="campaigns_step_wait_has_length",
            ),
            models.CheckConstraint(
                condition=Q(kind="message") | Q(template=None, frozen=None),
                name="campaigns_step_only_messages_have_text",
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.position + 1}. {self.get_kind_display()}"

    @property
    def wait(self) -> timedelta:
        return timedelta(**{self.wait_unit: self.wait_amount or 0})
