from typing import TypedDict

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Team
from clm.base.db import ClockTimestamp
from lifecycle.models.stage import Stage


class Touchpoint(TypedDict):
    channel: str
    what: str


class JourneyMap(models.Model):
    """What customers go through in a stage, as the company pictures it, and which team looks after it.

    `wordings` has the company's own words by language and field, as {"da": {"thoughts": "…"}}; the other texts are said
    where a language has none (`lifecycle.wording`). `changed_at` is the version of the column as a whole, its playbook
    included.
    """

    stage = models.OneToOneField(Stage, models.CASCADE, related_name="journey_map")
    thoughts = models.TextField(_("thoughts"), blank=True)
    feelings = models.TextField(_("feelings"), blank=True)
    pain_points = models.TextField(_("pain points"), blank=True)
    touchpoints = models.JSONField(_("touchpoints"), default=list)
    owner_team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    actions = models.TextField(_("our actions"), blank=True)
    wordings = models.JSONField(_("texts by language"), default=dict)
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.stage)
