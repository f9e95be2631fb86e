from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.tickets.words import Priority

LONGEST = 24 * 365  # hours


class TicketTarget(models.Model):
    """How soon tickets of a priority are to be answered and solved; without hours there is no target."""

    priority = models.CharField(_("priority"), max_length=10, choices=Priority, unique=True)
    answer_within_hours = models.PositiveSmallIntegerField(
        _("first answer within"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST)],
    )
    solve_within_hours = models.PositiveSmallIntegerField(
        _("solved within"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST)],
    )

    def __str__(self) -> str:
        return self.get_priority_display()
