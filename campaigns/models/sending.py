"""What holds for all sending: the rules that a person sets, and how the mail server is doing. One row each."""

import secrets
from datetime import time

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def new_salt() -> str:
    """Kept with the hashes of addresses that must not be written to: who has a list of addresses can't look them up
    in tables made beforehand.
    """
    return secrets.token_hex(32)


class SendingRulesManager(models.Manager["SendingRules"]):
    def current(self) -> "SendingRules":
        """The rules of this installation, made with defaults at first sight."""
        return self.get_or_create(pk=1)[0]


class SendingRules(models.Model):
    cap_messages = models.PositiveSmallIntegerField(
        _("at most so many messages"),
        default=3,
        validators=[MinValueValidator(1)],
        help_text=_("Each customer gets no more in the given days, from all campaigns together."),
    )
    cap_days = models.PositiveSmallIntegerField(
        _("in so many days"), default=7, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    quiet_from = models.TimeField(
        _("quiet from"),
        default=time(21),
        help_text=_("In the customer's time zone. The same time twice: no quiet hours."),
    )
    quiet_until = models.TimeField(_("quiet until"), default=time(8))
    expires_after_hours = models.PositiveIntegerField(
        _("give up after hours"),
        default=72,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 90)],
        help_text=_("A message that could not be sent by then is no longer worth sending."),
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    stop_reason = models.CharField(max_length=500, blank=True)

    salt = models.CharField(max_length=64, default=new_salt, editable=False)

    objects = SendingRulesManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="campaigns_sending_rules_is_one_row"),
            models.CheckConstraint(
                condition=Q(cap_messages__gte=1, cap_days__gte=1, expires_after_hours__gte=1),
                name="campaigns_sending_rules_are_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cap_messages} in {self.cap_days} days"


class MailServerManager(models.Manager["MailServer"]):
    def current(self) -> "MailServer":
        return self.get_or_create(pk=1)[0]


class MailServer(models.Model):
    """How the mail server is doing. While it does not answer, one probe at `probe_at` decides for all messages."""

    waiting_since = models.DateTimeField(null=True)
    words = models.TextField(blank=True)
    probes = models.PositiveIntegerField(default=0)
    probe_at = models.DateTimeField(null=True)

    objects = MailServerManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="campaigns_mail_server_is_one_row"),
        ]

    def __str__(self) -> str:
        return self.words or "answers"
