from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.message import Message
from clm.base.db import ClockTimestamp


class DeliveryKind(models.TextChoices):
    SENT = "sent", _("Taken over by the mail server")
    DEFERRED = "deferred", _("Put off by the mail server")
    FAILED = "failed", _("Refused by the mail server")
    NO_ANSWER = "no_answer", _("No answer after handing over")
    BOUNCED = "bounced", _("Bounced")
    COMPLAINED = "complained", _("Reported as spam")
    OPENED = "opened", _("Opened")
    CLICKED = "clicked", _("Clicked")
    SEND_AGAIN = "send_again", _("A person chose to send it again")
    COUNTED_AS_SENT = "counted_as_sent", _("A person chose to count it as sent")


class Delivery(models.Model):
    """What happened to a message, append-only. `words` are the mail server's own."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="deliveries", db_index=False)
    kind = models.CharField(max_length=20, choices=DeliveryKind)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=ClockTimestamp())
    code = models.PositiveSmallIntegerField(null=True, blank=True)
    words = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["message", "occurred_at"], name="campaigns_delivery_of")]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.kind}"
