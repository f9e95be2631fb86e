from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.base.facts import Recorded, RecordedQuerySet
from customers.models import CustomerFact
from lifecycle.models.lifecycle_model import LifecycleModel
from lifecycle.models.stage import Stage
from lifecycle.models.version import Rule


class RefusalQuerySet(RecordedQuerySet["Refusal"]):
    def for_list(self) -> "RefusalQuerySet":
        return self.live().select_related(
            "customer", "model", "from_stage", "to_stage", "rule__stage", "actor"
        )


class Refusal(CustomerFact, Recorded):
    """A move that the edge policy did not allow. A rule's refusal is written once per spell: `at` is its start."""

    model = models.ForeignKey(LifecycleModel, models.PROTECT, related_name="+")
    from_stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    to_stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    source = models.CharField(_("source"), max_length=10)
    rule = models.ForeignKey(Rule, models.PROTECT, null=True, blank=True, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()

    objects = RefusalQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["customer", "at"], name="lifecycle_refusal_of", condition=Q(superseded_at=None)
            ),
            models.Index(
                fields=["model", "-at"], name="lifecycle_refusal_at", condition=Q(superseded_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.reason
