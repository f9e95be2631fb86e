from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clm.base.db import ClockTimestamp
from clm.base.facts import BEGINNING
from lifecycle.models.labels import label_of
from lifecycle.models.lifecycle_model import LifecycleModel
from lifecycle.models.stage import Kind, Stage


class VersionStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class ModelVersion(models.Model):
    """The stages, rules, edge policies and names of a model; immutable once published.

    It governs the history from `governs_from` until the next version does. Publishing sets that to the present;
    a replay sets it to the beginning, so that one version governs everything. `heirs` says for each stage that versions
    before had and this one has not, by slug, where its people go.
    """

    model = models.ForeignKey(LifecycleModel, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    labels = models.JSONField(_("names"), default=dict, blank=True)
    description = models.JSONField(default=dict, blank=True)
    heirs = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=10, choices=VersionStatus, default=VersionStatus.DRAFT)
    governs_from = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    stages = models.ManyToManyField(Stage, through="VersionStage")

    class Meta:
        ordering = ["model", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="lifecycle_version_number_once"),
            models.UniqueConstraint(
                fields=["model"], condition=Q(status="published"), name="lifecycle_version_one_published"
            ),
            models.UniqueConstraint(
                fields=["model"], condition=Q(status="draft"), name="lifecycle_version_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} v{self.number}"

    @property
    def governs_all(self) -> bool:
        """From the beginning of the history on."""
        return self.governs_from == BEGINNING


# What a version says of a stage, and the stage itself once the version is in force.
OF_A_STAGE = ("labels", "kind", "other_kinds", "is_initial", "colour", "icon")


class VersionStage(models.Model):
    """A stage in use in a version: how it is called there, what it stands for, its place and minimum stay.

    Begins as the stage is. Publishing the version makes the stage what its use says.
    """

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="stage_uses")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    labels = models.JSONField(_("names"), default=dict)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default="")
    other_kinds = ArrayField(models.CharField(max_length=12, choices=Kind), default=list, blank=True)
    is_initial = models.BooleanField(default=False)
    colour = models.PositiveSmallIntegerField(_("colour"), default=1)
    icon = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField()
    minimum_stay_days = models.PositiveIntegerField(_("minimum stay in days"), default=0)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "stage"], name="lifecycle_stage_used_once"),
            models.UniqueConstraint(
                fields=["version"], condition=Q(is_initial=True), name="lifecycle_version_one_initial"
            ),
        ]

    def __str__(self) -> str:
        return label_of(self.labels) or str(self.stage)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.kind:
            for name in OF_A_STAGE:
                setattr(self, name, getattr(self.stage, name))
        super().save(*args, **kwargs)


class Rule(models.Model):
    """Customers for whom `condition` holds belong in `stage`; the lowest `priority` number wins, ties by id."""

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="rules")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    priority = models.PositiveIntegerField()
    labels = models.JSONField(_("names"), default=dict, blank=True)
    condition = models.JSONField()
    origin = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+",
        help_text=_("The rule of the version before that this one was copied from."),
    )  # fmt: skip

    class Meta:
        ordering = ["priority", "pk"]

    def __str__(self) -> str:
        return label_of(self.labels) or f"→ {self.stage}"


class Policy(models.TextChoices):
    WITH_REASON = "with_reason", _("Allowed with a reason")
    FORBIDDEN = "forbidden", _("Forbidden")


class EdgePolicy(models.Model):
    """An exception to "any stage to any stage, for every source"."""

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="edge_policies")
    from_stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    to_stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    source = models.CharField(max_length=10)
    policy = models.CharField(max_length=12, choices=Policy)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "from_stage", "to_stage", "source"], name="lifecycle_edge_policy_once"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["rule", "person", "api", "import"]),
                name="lifecycle_edge_source_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(from_stage=F("to_stage")), name="lifecycle_edge_of_two_stages"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage} → {self.to_stage}: {self.policy}"
