"""How a team pursues its leads: the steps of its board, and what it expects of itself."""

from collections.abc import Sequence
from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models import Team
from customers.models.lead_status import LeadStatus

OTHERS = "others"
LONGEST_RESPONSE = 24 * 30  # hours


class LeadPipeline(models.Model):
    """The one without a team is for leads of no team and of teams without one of their own."""

    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    respond_within_hours = models.PositiveSmallIntegerField(
        gettext_lazy("first contact within"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_RESPONSE)],
    )
    demands_next_action = models.BooleanField(gettext_lazy("next action required"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team"], name="customers_one_pipeline_a_team", nulls_distinct=False
            ),
        ]

    # Filled by `customers.leads.pipelines`: the live steps in their order.
    steps: Sequence["PipelineStep"] = ()

    def __str__(self) -> str:
        return self.team.name if self.team else _("All other leads")

    @property
    def key(self) -> str:
        """What names it in addresses; that for all others has an id only once it was edited."""
        return str(self.pk) if self.team_id else OTHERS

    @property
    def respond_within(self) -> timedelta | None:
        return None if self.respond_within_hours is None else timedelta(hours=self.respond_within_hours)


class PipelineStep(models.Model):
    """A column of the board. Its status says what it means; without a name it is called as the status is.

    A step that is given up stays, for the history of leads that were in it.
    """

    pipeline = models.ForeignKey(LeadPipeline, models.CASCADE, related_name="+")
    name = models.CharField(gettext_lazy("name"), max_length=40, blank=True)
    status = models.CharField(gettext_lazy("means"), max_length=10, choices=LeadStatus)
    position = models.PositiveSmallIntegerField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                "pipeline",
                Lower("name"),
                name="customers_pipeline_step_named_once",
                condition=Q(removed_at=None) & ~Q(name=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.get_status_display())

    @property
    def key(self) -> str:
        """What names it in addresses: its id, or its status where a pipeline was never edited."""
        return str(self.pk) if self.pk else self.status
