from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Team


class Owned(models.Model):
    """What a rep works on, and their team. Neither has an index of its own: lists have one that begins with the owner."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("owner"),
    )
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("team")
    )

    class Meta:
        abstract = True
