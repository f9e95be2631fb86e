from typing import ClassVar

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clm.base.money import AmountField, CurrencyField, RateField
from customers.models.channel import Channel
from customers.models.lead import Lead
from customers.models.lead_pipeline import PipelineStep
from customers.models.lead_status import LeadStatus
from customers.models.states import State, StateQuerySet


class LeadStep(models.TextChoices):
    """What was done to the lead."""

    OPENED = "opened", _("Opened")
    CHANGED = "changed", _("Changed")
    ASSIGNED = "assigned", _("Assigned")
    CONTACTED = "contacted", _("Contacted")
    QUALIFIED = "qualified", _("Qualified")
    PROPOSED = "proposed", _("Proposal made")
    LOST = "lost", _("Lost")
    REOPENED = "reopened", _("Opened again")
    CONVERTED = "converted", _("Won")
    MOVED = "moved", _("Moved")


# By which step a lead comes to a status for the first time.
STEP_TO: dict[str, LeadStep] = {
    LeadStatus.CONTACTED: LeadStep.CONTACTED,
    LeadStatus.QUALIFIED: LeadStep.QUALIFIED,
    LeadStatus.PROPOSAL: LeadStep.PROPOSED,
    LeadStatus.WON: LeadStep.CONVERTED,
    LeadStatus.LOST: LeadStep.LOST,
}


class LeadStateQuerySet(StateQuerySet["LeadState"]):
    of: ClassVar[str] = "lead"


class LeadState(State):
    """What a lead was from `occurred_at` until its next state, and by which step it came to be so.

    The channel is an id as it was: it outlives what it names.
    """

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="+", db_index=False)
    step = models.CharField(max_length=10, choices=LeadStep)
    status = models.CharField(max_length=10, choices=LeadStatus)
    place = models.ForeignKey(
        PipelineStep, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    channel = models.ForeignKey(
        Channel, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    value = AmountField(null=True)
    currency = CurrencyField(blank=True)
    rate = RateField()
    value_reporting = models.GeneratedField(
        expression=F("value") * F("rate"), output_field=AmountField(null=True), db_persist=True
    )
    next_action = models.CharField(max_length=200, blank=True)
    next_action_on = models.DateField(null=True)
    expected_close_on = models.DateField(null=True)

    objects = LeadStateQuerySet.as_manager()

    class Meta(State.Meta):
        indexes = [
            *State.Meta.indexes,
            models.Index(fields=["lead", "occurred_at"], name="customers_leadstate_of"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.occurred_at:%Y-%m-%d}"
