from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.models.enrollment import Enrollment
from campaigns.models.template import TemplateVersion
from campaigns.models.version import Step
from clm.base.db import ClockTimestamp
from customers.models import CustomerFact
from customers.models.consent import Purpose


class MessageKind(models.TextChoices):
    CAMPAIGN = "campaign", _("Campaign")
    TEST = "test", _("Test")


class MessageState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    HELD = "held", _("Held until later")
    CLAIMED = "claimed", _("About to be sent")
    HANDING = "handing", _("Being handed over")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    IN_DOUBT = "in_doubt", _("In doubt")
    SUPPRESSED = "suppressed", _("Not allowed")
    CAPPED = "capped", _("Over the cap")
    EXPIRED = "expired", _("Too late")
    CANCELLED = "cancelled", _("Cancelled")


WAITING = (MessageState.QUEUED, MessageState.HELD)
LEASED = (MessageState.CLAIMED, MessageState.HANDING)
# What counts against the frequency cap: it has left, or may have.
COUNTED = (MessageState.HANDING, MessageState.SENT, MessageState.IN_DOUBT)
SETTLED = (
    MessageState.SENT,
    MessageState.FAILED,
    MessageState.SUPPRESSED,
    MessageState.CAPPED,
    MessageState.EXPIRED,
    MessageState.CANCELLED,
)


class Reason(models.TextChoices):
    NO_CONSENT = "no_consent", _("No consent")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
    SUPPRESSED = "suppressed", _("The address must not be written to")
    NO_ADDRESS = "no_address", _("The customer has no e-mail address")
    NOBODY = "nobody", _("Not a real address: its domain is kept for examples and tests")
    OVER_CAP = "over_cap", _("The customer has had enough messages for now")
    QUIET_HOURS = "quiet_hours", _("It is night where the customer is")
    ASKED_RECENTLY = "asked_recently", _("A survey asked the customer too recently")
    SURVEY_PUT_AWAY = "survey_put_away", _("The survey that it asks was put away: nobody is asked any more")
    CUSTOMER_BUSY = "customer_busy", _("The customer was just being changed")
    UNCHECKED = "unchecked", _("The conditions of the campaign took too long to check")
    EXPIRED = "expired", _("It could not be sent in time")
    EXIT = "exit", _("The exit condition was met")
    GOAL = "goal", _("The goal was reached")
    LEFT = "left", _("The customer left the stage or segment")
    MERGED = "merged", _("The customer was merged into another")
    RUN_ENDED = "run_ended", _("The customer's run had ended")
    CAMPAIGN_FINISHED = "campaign_finished", _("The campaign was finished")
    SKIPPED = "skipped", _("Skipped when the campaign was resumed")
    PERSON = "person", _("A colleague cancelled it")
    UNREADABLE = "unreadable", _("The text could not be filled in for this customer")
    PUT_OFF = "put_off", _("The mail server put it off")
    REFUSED = "refused", _("The mail server refused it")
    NO_ANSWER = "no_answer", _("The mail server did not answer after it was handed over")
    CRASHED = "crashed", _("The sending process ended while handing it over")


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, as_of: datetime) -> "MessageQuerySet":
        """Waiting, and may be tried now."""
        return self.filter(state__in=WAITING, not_before__lte=as_of)

    def unsettled(self) -> "MessageQuerySet":
        """Not yet in a final state; in doubt is for a person to settle, so it is not waited for."""
        return self.filter(state__in=[*WAITING, *LEASED])

    def in_doubt(self) -> "MessageQuerySet":
        return self.filter(state=MessageState.IN_DOUBT)

    def stranded(self, as_of: datetime) -> "MessageQuerySet":
        """Whose sender is gone: its lease has run out."""
        return self.filter(state__in=LEASED, lease_until__lte=as_of)


class Message(CustomerFact):
    """One mail to one customer: the outbox. `campaigns.delivery` moves it from state to state, docs/sending.md says how.

    `dedupe_key` is (kind, subject, customer, occurrence): what was decided on twice is one row. `message_id` is the
    mail's own, the same however often it is tried. `words` are the mail server's last ones.
    """

    kind = models.CharField(max_length=10, choices=MessageKind, default=MessageKind.CAMPAIGN)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="messages", db_index=False
    )
    enrollment = models.ForeignKey(
        Enrollment, models.PROTECT, null=True, blank=True, related_name="messages", db_index=False
    )
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    text = models.ForeignKey(
        TemplateVersion, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    address = models.CharField(max_length=254, blank=True)
    purpose = models.CharField(max_length=20, choices=Purpose, default=Purpose.MARKETING)
    priority = models.PositiveSmallIntegerField(default=5)
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.QUEUED)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    words = models.TextField(blank=True)
    dedupe_key = models.CharField(max_length=200, unique=True)
    message_id = models.CharField(max_length=200)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(db_default=ClockTimestamp())
    not_before = models.DateTimeField(db_default=ClockTimestamp())
    expires_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    claim_token = models.UUIDField(null=True, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=MessageState.values), name="campaigns_message_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=LEASED, lease_until__isnull=False, claim_token__isnull=False)
                | (~Q(state__in=LEASED) & Q(lease_until=None)),
                name="campaigns_message_leased_while_worked_on",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=COUNTED) | Q(handed_at__isnull=False),
                name="campaigns_message_handed_before_sent",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="campaigns_message_sent_at",
            ),
            models.CheckConstraint(
                condition=Q(state__in=SETTLED, settled_at__isnull=False)
                | (~Q(state__in=SETTLED) & Q(settled_at=None)),
                name="campaigns_message_settled_at",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "claimed", "handing", "sent"]) | ~Q(reason=""),
                name="campaigns_message_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(kind="campaign")
                | Q(campaign__isnull=False, enrollment__isnull=False, step__isnull=False),
                name="campaigns_message_of_a_step",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before", "id"],
                condition=Q(state__in=["queued", "held"]),
                name="campaigns_message_due",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=["claimed", "handing"]),
                name="campaigns_message_leased",
            ),
            models.Index(fields=["id"], condition=Q(state="in_doubt"), name="campaigns_message_in_doubt"),
            models.Index(
                fields=["customer", "handed_at"],
                condition=Q(state__in=["handing", "sent", "in_doubt"]),
                name="campaigns_message_counted",
            ),
            models.Index(fields=["customer", "-queued_at"], name="campaigns_message_of"),
            models.Index(fields=["campaign", "state", "id"], name="campaigns_message_by_state"),
            models.Index(
                fields=["enrollment", "step"],
                condition=Q(enrollment__isnull=False),
                name="campaigns_message_of_run",
            ),
            models.Index(
                fields=["campaign", "-settled_at"],
                condition=Q(state__in=["sent", "failed"]),
                name="campaigns_message_tried",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.customer_id}: {self.state}"
