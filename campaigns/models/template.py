import hashlib
import json

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.base import clock
from clm.base.db import ClockTimestamp


class MessageClass(models.TextChoices):
    """What a message gives its reader; a good campaign sends more value than promotion."""

    VALUE = "value", _("Value: helps or informs")
    PROMO = "promo", _("Promotion: sells")
    SERVICE = "service", _("Service: about what was bought")


class TemplateQuerySet(models.QuerySet["Template"]):
    def usable(self) -> "TemplateQuerySet":
        return self.filter(archived_at=None)


class Template(models.Model):
    """What a message says, in several languages. Campaigns use a frozen copy of it (`TemplateVersion`)."""

    name = models.CharField(_("name"), max_length=200)
    message_class = models.CharField(
        _("kind of message"), max_length=10, choices=MessageClass, default=MessageClass.VALUE
    )
    preset = models.CharField(max_length=50, blank=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["preset"], condition=~Q(preset=""), name="campaigns_template_preset_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def freeze(self, *, by: User | None) -> "TemplateVersion":
        """The texts as they are now, immutable; the newest version again when nothing was changed since."""
        Template.objects.select_for_update().get(pk=self.pk)
        texts = list(self.texts.order_by("language"))
        digest = _digest(texts)
        newest = self.versions.order_by("-number").first()
        if newest is not None and newest.digest == digest:
            return newest
        number = newest.number + 1 if newest else 1
        version = self.versions.create(number=number, digest=digest, frozen_at=clock.now(), frozen_by=by)
        FrozenText.objects.bulk_create(FrozenText.copy_of(text, version) for text in texts)
        return version


class MailText(models.Model):
    """A mail in one language: Liquid texts; `blocks` as in `campaigns.rendering.blocks`."""

    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=300)
    preheader = models.CharField(_("preview text"), max_length=300, blank=True)
    blocks = models.JSONField(_("content"), default=list)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.language}: {self.subject}"


class TemplateText(MailText):
    """As it is being edited."""

    template = models.ForeignKey(Template, models.CASCADE, related_name="texts")
    changed_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["template", "language"], name="campaigns_template_one_text_a_language"
            )
        ]


class TemplateVersion(models.Model):
    """The texts of a template as a published campaign uses them; never changed."""

    template = models.ForeignKey(Template, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    frozen_at = models.DateTimeField(db_default=ClockTimestamp())
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["template", "number"], name="campaigns_template_version_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} v{self.number}"


class FrozenText(MailText):
    """As it is sent. Its id never stands for another text, so that what is compiled from it can be kept by id."""

    version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="texts")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "language"], name="campaigns_frozen_one_text_a_language"
            )
        ]

    @classmethod
    def copy_of(cls, text: TemplateText, version: TemplateVersion) -> "FrozenText":
        return cls(
            version=version,
            language=text.language,
            subject=text.subject,
            preheader=text.preheader,
            blocks=text.blocks,
        )


def _digest(texts: list[TemplateText]) -> str:
    content = [[text.language, text.subject, text.preheader, text.blocks] for text in texts]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
