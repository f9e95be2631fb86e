"""What we ask customers, and when we asked whom."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from campaigns.surveys.wording import Texts, Wording, wording
from clm.accounts.models import AuditEntry, Organisation, User
from clm.base.db import ClockTimestamp
from clm.base.facts import FactQuerySet, KeyedFact
from customers.models import Customer, CustomerFact

MAIN = "nps"  # the slug of the survey that is meant when none is named
LINK_DAYS = 90
LINK_VALID = timedelta(days=LINK_DAYS)


class SurveyKind(models.TextChoices):
    NPS = "nps", _("Net Promoter Score")


class SurveyQuerySet(models.QuerySet["Survey"]):
    def main(self) -> "Survey":
        """The survey that is meant when none is named, made with the usual wording at first sight."""
        return self.get_or_create(slug=MAIN, defaults={"name": "NPS"})[0]

    def named(self, slug: str) -> "Survey":
        """The main one where the name is empty or unknown."""
        return (self.filter(slug=slug).first() if slug else None) or self.main()

    def usable(self) -> Self:
        """Not put away."""
        return self.filter(archived_at=None)

    @transaction.atomic
    def establish(self, *, by: User | None, name: str, **values: Any) -> "Survey":
        """A new survey. Its slug comes from its name and never changes."""
        survey = self.create(name=name, slug=self._free_slug(name), **values)
        AuditEntry.objects.record("survey.created", survey, by=by)
        return survey

    def _free_slug(self, name: str) -> str:
        base = slugify(name)[:50] or "survey"
        taken = set(self.filter(slug__startswith=base).values_list("slug", flat=True))
        return next(
            slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken
        )


class Survey(models.Model):
    """One question from 0 to 10 and why. `texts` holds what was worded otherwise than usual, by language."""

    kind = models.CharField(max_length=10, choices=SurveyKind, default=SurveyKind.NPS)
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(max_length=64, unique=True)
    texts = models.JSONField(default=dict, blank=True)
    recontact_days = models.PositiveIntegerField(
        _("days until the same customer is asked this again"),
        default=90,
        validators=[MaxValueValidator(3650)],
    )
    quiet_days = models.PositiveIntegerField(
        _("days of quiet after any other survey"), default=7, validators=[MaxValueValidator(3650)]
    )
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def change(self, *, by: User | None, **values: Any) -> None:
        """Name, texts, recontact_days, quiet_days. Answers already given stay as they are."""
        changed = [name for name, value in values.items() if getattr(self, name) != value]
        if not changed:
            return
        for name in changed:
            setattr(self, name, values[name])
        self.full_clean()
        self.save(update_fields=changed)
        AuditEntry.objects.record("survey.changed", self, by=by, fields=sorted(changed))

    def wording(self, language: str, *, company: str = "") -> Wording:
        """In the nearest language that we have, with the company's name (asked for when not given) in its place."""
        return wording(self.own_texts, language, company=company or Organisation.objects.current().name)

    def clean(self) -> None:
        if not isinstance(self.texts, dict):
            raise ValidationError({"texts": _("Expected texts by language.")})

    @property
    def own_texts(self) -> Texts:
        return self.texts or {}


class InvitationQuerySet(FactQuerySet["Invitation"]):
    def open_at(self, at: datetime) -> Self:
        """Whose link can still be answered with."""
        return self.live().filter(occurred_at__gt=at - LINK_VALID)


class Invitation(CustomerFact, KeyedFact):
    """A customer was asked: by a message (source "message", its id in the key) or by a link that was handed over."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta(KeyedFact.Meta):
        indexes = [
            *KeyedFact.Meta.indexes,
            models.Index(
                fields=["customer", "occurred_at"],
                name="campaigns_invitation_at",
                condition=Q(superseded_at=None),
            ),
            models.Index(
                fields=["occurred_at"], name="campaigns_invitation_when", condition=Q(superseded_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id}: {self.customer_id}"

    @property
    def open_until(self) -> datetime:
        return self.occurred_at + LINK_VALID

    @property
    def is_by_message(self) -> bool:
        return self.source == "message"

    def whom(self) -> Customer:
        """The customer, or whom they were merged into."""
        return self.customer.merged_into or self.customer
