from typing import TypedDict

from django.db import models
from django.utils.translation import gettext_lazy as _

from lifecycle.models.stage import Stage


class Asset(TypedDict):
    """`href` is empty, or an http or https address."""

    title: str
    href: str


class Playbook(models.Model):
    """What to do with a customer in a stage, for whoever has one before them."""

    stage = models.OneToOneField(Stage, models.CASCADE, related_name="playbook")
    text = models.TextField(_("playbook"), blank=True)
    assets = models.JSONField(_("assets"), default=list)

    def __str__(self) -> str:
        return str(self.stage)
