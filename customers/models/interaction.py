from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.base.facts import FactQuerySet, KeyedFact
from customers.models.customer import Customer
from customers.models.facts import CustomerFact
from customers.models.lead import Lead

LONGEST_TEXT = 20_000
MOST_MINUTES = 24 * 60


class InteractionKind(models.TextChoices):
    NOTE = "note", _("Note")
    CALL = "call", _("Call")
    MEETING = "meeting", _("Meeting")


class Direction(models.TextChoices):
    OUT = "out", _("We called")
    IN = "in", _("They called")


class Outcome(models.TextChoices):
    REACHED = "reached", _("Spoke")
    NO_ANSWER = "no_answer", _("No answer")
    LEFT_MESSAGE = "left_message", _("Left a message")


class InteractionQuerySet(FactQuerySet["Interaction"]):
    def visible_to(self, user: User) -> Self:
        """Who sees a customer sees what was done with them."""
        if not user.is_restricted:
            return self
        return self.filter(customer__in=Customer.objects.visible_one_by_one(user).values("pk"))


class Interaction(CustomerFact, KeyedFact):
    """What a rep did with a customer: a note they took, a call, a meeting. `actor` wrote it, and may correct it.

    A correction is a later version (`root`); what was taken back has no live one.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=InteractionKind)
    lead = models.ForeignKey(
        Lead, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("lead")
    )
    direction = models.CharField(_("direction"), max_length=5, choices=Direction, blank=True)
    outcome = models.CharField(_("outcome"), max_length=15, choices=Outcome, blank=True)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), null=True, blank=True, validators=[MaxValueValidator(MOST_MINUTES)]
    )
    text = models.TextField(_("text"), blank=True, max_length=LONGEST_TEXT)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    objects = InteractionQuerySet.as_manager()

    class Meta(KeyedFact.Meta):
        indexes = [
            *KeyedFact.Meta.indexes,
            models.Index(
                fields=["customer", "occurred_at"],
                name="customers_interaction_at",
                condition=Q(superseded_at=None),
            ),
            models.Index(
                fields=["occurred_at", "id"],
                name="customers_interaction_by_time",
                condition=Q(superseded_at=None),
            ),
            models.Index(
                fields=["lead", "occurred_at"],
                name="customers_interaction_of_lead",
                condition=Q(superseded_at=None, lead__isnull=False),
            ),
            models.Index(fields=["root"], name="customers_interaction_root"),
        ]
        constraints = [
            *KeyedFact.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind="call") | Q(direction="", outcome=""),
                name="customers_interaction_only_calls_have_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(kind="note") | Q(minutes=None) & ~Q(text=""),
                name="customers_interaction_notes_say_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.occurred_at:%Y-%m-%d}"

    @property
    def is_contact(self) -> bool:
        """Whether the customer was spoken to."""
        if self.kind == InteractionKind.CALL:
            return self.outcome == Outcome.REACHED
        return self.kind == InteractionKind.MEETING
