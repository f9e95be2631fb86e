from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken, get_digest_token
from knox.settings import CONSTANTS

from clm.accounts.models.audit import AuditEntry
from clm.accounts.models.organisation import Organisation
from clm.accounts.models.user import User
from clm.base import clock
from clm.base.db import ClockTimestamp

USE_IS_NOTED_EVERY = timedelta(minutes=1)


class Scope(models.TextChoices):
    READ = "read", _("Read")
    WRITE = "write", _("Read and write")


def read_only() -> list[str]:
    return [Scope.READ]


class ApiKeyManager(models.Manager["ApiKey"]):
    def usable(self) -> "models.QuerySet[ApiKey]":
        """Neither revoked nor expired, of a user who may sign in; with that user.

        Annotated with all that a request with a key asks first, so that it asks once: `noted_lately`, whether its
        use has been noted within the last minute, and `zone`, the organisation's.
        """
        unexpired = Q(expiry=None) | Q(expiry__gt=ClockTimestamp())
        lately = Q(last_used_at__gt=ClockTimestamp() - USE_IS_NOTED_EVERY)
        keys: models.QuerySet[ApiKey] = self.select_related("user").filter(
            unexpired, revoked_at=None, user__is_active=True
        )
        annotated: models.QuerySet[ApiKey] = keys.annotate(
            noted_lately=models.ExpressionWrapper(lately, models.BooleanField(null=True)),
            zone=models.Subquery(Organisation.objects.values("zone")[:1]),
        )
        return annotated

    @transaction.atomic
    def issue(self, *, name: str, scope: Scope, owner: User, by: User) -> "tuple[ApiKey, str]":
        """A new key and its text, which nobody can read again."""
        scopes = [Scope.READ, Scope.WRITE] if scope == Scope.WRITE else [Scope.READ]
        digest, text = get_digest_token()
        token_key = text[: CONSTANTS.TOKEN_KEY_LENGTH]
        key = self.create(user=owner, name=name, scopes=scopes, digest=digest, token_key=token_key)
        AuditEntry.objects.record("api_key.issued", by=by, key=name, scope=scope, owner=owner.email)
        return key, text


class ApiKey(AbstractAuthToken):  # type: ignore[misc]
    """A hashed key for a REST client, with the rights of its user; the key itself is shown once, when made."""

    name = models.CharField(_("name"), max_length=100)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), default=read_only)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyManager()

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return self.name

    def may_write(self) -> bool:
        return Scope.WRITE in self.scopes

    @transaction.atomic
    def revoke(self, *, by: User) -> None:
        """From the next request on the key answers 401. Revoking it again changes nothing."""
        revoked = ApiKey.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=clock.now())
        self.refresh_from_db(fields=["revoked_at"])
        if revoked:
            AuditEntry.objects.record("api_key.revoked", by=by, key=self.name, owner=self.user.email)

    def note_use(self) -> None:
        """Remember that it is in use. Not on every call: busy clients would rewrite the row all the time."""
        ApiKey.objects.filter(pk=self.pk).update(last_used_at=ClockTimestamp())
