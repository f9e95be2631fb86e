import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.sending import SendingRules
from clm.base.db import ClockTimestamp
from customers.identities import NotAnIdentity, normalise_email

HASHED = "sha256:"


class SuppressionReason(models.TextChoices):
    BOUNCED = "bounced", _("The mail server says that the address does not work")
    COMPLAINED = "complained", _("The reader reported a message as spam")
    ASKED = "asked", _("The reader asked never to be written to")
    ERASED = "erased", _("The person asked to be forgotten")
    PERSON = "person", _("A colleague stopped it")


def address_key(address: str) -> str:
    """The one spelling that suppressions are kept and compared in: lower case, ASCII domain, no +tag.

    Empty for what is no address.
    """
    try:
        local, _at, domain = normalise_email(address).rpartition("@")
    except NotAnIdentity:
        return ""
    return f"{local.partition('+')[0] or local}@{domain}"


def hashed(key: str) -> str:
    """What is kept of an address whose person was forgotten. As `statements.MARK` works it out."""
    salted = SendingRules.objects.current().salt + key
    return HASHED + hashlib.sha256(salted.encode()).hexdigest()


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def live(self) -> "SuppressionQuerySet":
        return self.filter(lifted_at=None)

    def unasked(self) -> "SuppressionQuerySet":
        """Those that only a merge of two customers brought about."""
        return self.filter(suppressed_by=None, message=None)

    def barring(self, addresses: Iterable[str]) -> "SuppressionQuerySet":
        """The live ones of these addresses, in whatever spelling."""
        return self.live().filter(spelled(addresses))


def spelled(addresses: Iterable[str]) -> Q:
    """Over suppressions: those of these addresses, in whatever spelling, and of forgotten ones."""
    keys = {address_key(address) for address in addresses} - {""}
    return Q(address__in=keys | {hashed(key) for key in keys})


class Suppression(models.Model):
    """An address that must not be written to, whoever has it. `address` is `address_key` of it.

    Verbs: `campaigns.suppressing`.
    """

    address = models.CharField(_("e-mail"), max_length=254)
    reason = models.CharField(_("reason"), max_length=20, choices=SuppressionReason)
    words = models.TextField(blank=True)
    message = models.ForeignKey(
        "campaigns.Message", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    suppressed_at = models.DateTimeField(db_default=ClockTimestamp())
    suppressed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address"], condition=Q(lifted_at=None), name="campaigns_suppression_one_live"
            )
        ]

    def __str__(self) -> str:
        return self.address
