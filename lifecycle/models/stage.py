from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import NullIf
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lifecycle.models.labels import label_of
from lifecycle.models.lifecycle_model import LifecycleModel


class Kind(models.TextChoices):
    """The neutral axis: what a stage is about, whatever a model calls it."""

    UNAWARE = "unaware", _("Unaware")
    AWARE = "aware", _("Aware")
    ENGAGED = "engaged", _("Engaged")
    QUALIFIED = "qualified", _("Qualified")
    EVALUATING = "evaluating", _("Evaluating")
    BUYING = "buying", _("Buying")
    ONBOARDING = "onboarding", _("Onboarding")
    ACTIVE = "active", _("Active")
    AT_RISK = "at_risk", _("At risk")
    LOYAL = "loyal", _("Loyal")
    EXPANDING = "expanding", _("Expanding")
    RENEWING = "renewing", _("Renewing")
    ADVOCATE = "advocate", _("Advocate")
    CHURNED = "churned", _("Churned")
    WON_BACK = "won_back", _("Won back")


# Who is there has fallen away: no progress, wherever it stands in the order.
FALLEN = (Kind.AT_RISK, Kind.CHURNED)


OUT_OF_USE = 0  # the position of a stage that the version in force has not


class StageQuerySet(models.QuerySet["Stage"]):
    def settled(self) -> "StageQuerySet":
        """Without those that only a draft has so far: nobody was ever there."""
        return self.filter(is_drafted=False)

    def in_use(self) -> "StageQuerySet":
        """Those of the version in force."""
        return self.settled().exclude(position=OUT_OF_USE)

    def in_order(self) -> "StageQuerySet":
        """Those in use as they stand in the model, then the others: they have no place."""
        placed = NullIf("position", Value(OUT_OF_USE))
        return self.order_by("model", placed.asc(nulls_last=True), "pk")


class Stage(models.Model):
    """A place in a lifecycle; keeps its identity through all versions of its model.

    Names, kinds and place are those of the version in force; `VersionStage` has each version's own.
    """

    model = models.ForeignKey(LifecycleModel, models.PROTECT, related_name="stages")
    slug = models.SlugField(max_length=50)
    labels = models.JSONField(_("names"), default=dict)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    other_kinds = ArrayField(models.CharField(max_length=12, choices=Kind), default=list, blank=True)
    is_initial = models.BooleanField(default=False)
    is_ours = models.BooleanField(
        default=False, help_text=_("Added by this product; the guide the preset follows has no such stage.")
    )
    position = models.PositiveSmallIntegerField()
    colour = models.PositiveSmallIntegerField(_("colour"), default=1)
    icon = models.CharField(max_length=40, blank=True)
    is_drafted = models.BooleanField(default=False)

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering = ["model", "position"]
        constraints = [
            models.UniqueConstraint(fields=["model", "slug"], name="lifecycle_stage_slug_once"),
            models.UniqueConstraint(fields=["id", "model"], name="lifecycle_stage_id_with_model"),
            models.UniqueConstraint(
                fields=["model"], condition=Q(is_initial=True), name="lifecycle_stage_one_initial"
            ),
        ]

    def __str__(self) -> str:
        return label_of(self.labels) or self.slug

    @property
    def offered_as(self) -> str:
        """Its name in a list to choose from, where others may stand that nobody comes to any more."""
        if self.is_in_use or self.is_drafted:
            return str(self)
        return gettext("%(stage)s (not in use)") % {"stage": self}

    @property
    def is_in_use(self) -> bool:
        return self.position != OUT_OF_USE and not self.is_drafted
