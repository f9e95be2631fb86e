from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Team
from clm.base.db import ClockTimestamp
from customers.models.channel import Channel


class AssignmentWay(models.TextChoices):
    ROUND_ROBIN = "round_robin", _("In turn")
    LEAST_OPEN = "least_open", _("Whoever has the fewest open leads")


class LeadAssignmentRule(models.Model):
    """Who gets a new lead that has no owner: the first active rule that fits decides. Empty countries: any.

    `conditions` is a tree over the customer; empty: anybody.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", verbose_name=_("team"))
    way = models.CharField(
        _("given to"), max_length=20, choices=AssignmentWay, default=AssignmentWay.ROUND_ROBIN
    )
    countries = models.JSONField(_("countries"), default=list, blank=True)
    channels = models.ManyToManyField(Channel, related_name="+", blank=True, verbose_name=_("sources"))
    conditions = models.JSONField(_("conditions"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    last_given_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name
