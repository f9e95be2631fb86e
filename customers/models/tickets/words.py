from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TicketType(models.TextChoices):
    QUESTION = "question", _("Question")
    PROBLEM = "problem", _("Problem")
    COMPLAINT = "complaint", _("Complaint")


class Priority(models.TextChoices):
    """The least pressing first."""

    LOW = "low", pgettext_lazy("priority", "Low")
    NORMAL = "normal", pgettext_lazy("priority", "Normal")
    HIGH = "high", pgettext_lazy("priority", "High")
    URGENT = "urgent", pgettext_lazy("priority", "Urgent")


class TicketStatus(models.TextChoices):
    """Waiting: for the customer, so that no time of ours runs."""

    OPEN = "open", pgettext_lazy("ticket", "Open")
    WAITING = "waiting", pgettext_lazy("ticket", "Waiting for the customer")
    SOLVED = "solved", pgettext_lazy("ticket", "Solved")
    CLOSED = "closed", pgettext_lazy("ticket", "Closed")


OPEN = (TicketStatus.OPEN, TicketStatus.WAITING)
IS_OPEN = Q(status__in=OPEN)
