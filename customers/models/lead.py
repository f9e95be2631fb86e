from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Role, Sees, User
from clm.base.db import ClockTimestamp
from clm.base.money import AmountField, CurrencyField, RateField
from customers.models.channel import Channel
from customers.models.facts import CustomerFact, SeenWithCustomer
from customers.models.lead_pipeline import PipelineStep
from customers.models.lead_status import IS_OPEN, OPEN, LeadStatus
from customers.models.owned import Owned


def _reach(rep: User) -> Q:
    sees_team = rep.role == Role.REP and rep.sees == Sees.TEAM and rep.team_id
    return Q(owner=rep) | Q(team=rep.team_id) if sees_team else Q(owner=rep)


class LeadQuerySet(SeenWithCustomer["Lead"]):
    def within_reach_of(self, rep: User) -> Self:
        """The rep's own, and those of the team when the rep sees the team."""
        return self.filter(_reach(rep))

    def open(self) -> Self:
        return self.filter(IS_OPEN)

    def overdue(self, today: date) -> Self:
        """Open, and the day of the next action has passed."""
        return self.open().filter(next_action_on__lt=today)


class Lead(CustomerFact, Owned):
    """One sales pursuit of a customer, who may have several over time. The row is a cache of its `LeadState`s.

    `enquiry` holds what the person gave on opening (name, email, phone, company, country); `conversion` what the
    conversion filled and which values it found in conflict.
    """

    title = models.CharField(_("about"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=LeadStatus, default=LeadStatus.NEW)
    # Where on the board, among the steps that mean its status; else it is in the first of them.
    place = models.ForeignKey(
        PipelineStep, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("step")
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    value = AmountField(_("value"), null=True, blank=True, validators=[MinValueValidator(0)])
    currency = CurrencyField(_("currency"), blank=True)
    rate = RateField()
    value_reporting = models.GeneratedField(
        expression=F("value") * F("rate"), output_field=AmountField(null=True), db_persist=True
    )
    next_action = models.CharField(_("next action"), max_length=200, blank=True)
    next_action_on = models.DateField(_("date of the next action"), null=True, blank=True)
    expected_close_on = models.DateField(_("expected close"), null=True, blank=True)
    lost_reason = models.CharField(_("reason of the loss"), max_length=500, blank=True)
    enquiry = models.JSONField(default=dict, blank=True)
    opened_at = models.DateTimeField(db_default=ClockTimestamp())
    contacted_at = models.DateTimeField(null=True, blank=True)
    qualified_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    converted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    conversion = models.JSONField(null=True, blank=True)

    objects = LeadQuerySet.as_manager()

    # Filled for lists by `customers.leads.pipelines`: the step it is shown in, and what its team expected.
    shown_in: PipelineStep | None = None
    answer_by: datetime | None = None
    is_unanswered = False
    is_unplanned = False

    class Meta:
        indexes = [
            models.Index(fields=["customer"], name="customers_lead_of"),
            # As `icontains` asks.
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="customers_lead_about"),
            models.Index(
                fields=["owner", "customer"], name="customers_lead_owned", condition=Q(owner__isnull=False)
            ),
            models.Index(
                fields=["team", "customer"], name="customers_lead_of_team", condition=Q(team__isnull=False)
            ),
            models.Index(
                fields=["owner", "next_action_on", "id"],
                name="customers_lead_agenda",
                condition=Q(status__in=["new", "contacted", "qualified", "proposal"]),
            ),
            models.Index(fields=["next_action_on", "id"], name="customers_lead_by_next"),
            models.Index(fields=["opened_at", "id"], name="customers_lead_by_opened"),
            models.Index(fields=["value_reporting", "id"], name="customers_lead_by_value"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["won", "lost"], closed_at__isnull=False)
                | Q(status__in=["new", "contacted", "qualified", "proposal"], closed_at=None),
                name="customers_lead_closed_when_over",
            ),
            models.CheckConstraint(
                condition=Q(status="lost") & ~Q(lost_reason="") | ~Q(status="lost") & Q(lost_reason=""),
                name="customers_lead_lost_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(status="won", conversion__isnull=False)
                | ~Q(status="won") & Q(conversion__isnull=True),
                name="customers_lead_won_by_conversion",
            ),
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__gte=0) & ~Q(currency=""),
                name="customers_lead_worth_something",
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.customer)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def outcome(self) -> str | None:
        """won, lost, or None while it is open."""
        return None if self.is_open else self.status

    def is_overdue(self, today: date) -> bool:
        return self.is_open and self.next_action_on is not None and self.next_action_on < today
