from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Role, User
from clm.base.db import ClockTimestamp

PREFIX = "fields."
KEY = r"[A-Za-z0-9_ -]{1,60}"


class FieldKind(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    CHOICE = "choice", _("One of a list")
    CHOICES = "choices", _("Several of a list")
    YES_NO = "yes_no", _("Yes or no")


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    def in_use(self) -> "CustomFieldQuerySet":
        return self.filter(archived_at=None)

    def lock(self) -> None:
        """Let nobody else define a field until this transaction ends."""
        list(self.order_by("pk").select_for_update().values_list("pk", flat=True))


class CustomField(models.Model):
    """What a field of the company's own is called, and what may stand in it. Its values are in `Customer.fields`.

    `key` and `kind` never change: conditions, imports and programs rest on them.
    """

    key = models.CharField(
        _("key"),
        max_length=60,
        unique=True,
        validators=[RegexValidator(f"^{KEY}$", _("Use letters, digits, spaces, hyphens and underscores."))],
    )
    kind = models.CharField(_("kind"), max_length=10, choices=FieldKind)
    labels = models.JSONField(default=dict)  # language code -> name; English always
    choices = models.JSONField(default=list, blank=True)
    is_required = models.BooleanField(_("required"), default=False)
    is_sensitive = models.BooleanField(_("hidden from sales reps"), default=False)
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    changed_at = models.DateTimeField(db_default=ClockTimestamp())

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=FieldKind.values), name="customers_customfield_kind_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """In the reader's language, else English, else the key."""
        language = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
        return str(self.labels.get(language) or self.labels.get("en") or self.key)

    @property
    def name(self) -> str:
        """As conditions, columns, filters and profile changes call it."""
        return f"{PREFIX}{self.key}"

    def is_seen_by(self, user: User | None) -> bool:
        return not self.is_sensitive or user is None or user.role != Role.REP
