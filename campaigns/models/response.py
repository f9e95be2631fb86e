from typing import Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.survey import Invitation, Survey
from clm.base.facts import FactQuerySet, KeyedFact
from customers.models import CustomerFact, ImportedRow

HIGHEST = 10
LONGEST_TEXT = 4000


class Band(models.TextChoices):
    """Reichheld's three groups. Open: anybody counts in promoters less detractors."""

    PROMOTER = "promoter", _("Promoters")
    PASSIVE = "passive", _("Passives")
    DETRACTOR = "detractor", _("Detractors")


SCORES = {Band.PROMOTER: (9, 10), Band.PASSIVE: (7, 8), Band.DETRACTOR: (0, 6)}


def band_of(score: int) -> Band:
    return next(band for band, (low, high) in SCORES.items() if low <= score <= high)


class Via(models.TextChoices):
    MESSAGE = "message", _("Message")
    LINK = "link", _("Link")
    ELSEWHERE = "elsewhere", _("Another system")


class ResponseQuerySet(FactQuerySet["Response"]):
    def for_customer(self, customer_id: int) -> Self:
        """Live ones with their survey, the latest first."""
        mine = self.live().filter(customer=customer_id)
        return mine.select_related("survey").order_by("-occurred_at", "-pk")


class Response(CustomerFact, ImportedRow, KeyedFact):
    """An answer: the score as it was given, 0 to 10, and why. Changing it within the link's days supersedes it."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="+")
    invitation = models.ForeignKey(
        Invitation, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    score = models.PositiveSmallIntegerField(_("score"), validators=[MaxValueValidator(HIGHEST)])
    text = models.TextField(_("comment"), max_length=LONGEST_TEXT, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    via = models.CharField(_("answered by"), max_length=10, choices=Via, default=Via.ELSEWHERE)

    objects = ResponseQuerySet.as_manager()

    class Meta(KeyedFact.Meta):
        constraints = [
            *KeyedFact.Meta.constraints,
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=HIGHEST), name="campaigns_response_score_is_0_to_10"
            ),
        ]
        indexes = [
            *KeyedFact.Meta.indexes,
            models.Index(
                fields=["customer", "occurred_at"],
                name="campaigns_response_at",
                condition=Q(superseded_at=None),
            ),
            models.Index(
                fields=["occurred_at", "id"],
                name="campaigns_response_when",
                condition=Q(superseded_at=None),
            ),
            models.Index(
                fields=["invitation"],
                name="campaigns_response_invited",
                condition=Q(invitation__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score}"

    @property
    def band(self) -> Band:
        return band_of(self.score)
