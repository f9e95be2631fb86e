from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from functools import cache, cached_property
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.base.days import zones
from clm.base.db import Written
from clm.base.money import CurrencyField


def validate_zone(name: str) -> None:
    if name not in zones():
        raise ValidationError(
            _("“%(zone)s” is not a time zone. Use an IANA name, such as Europe/Copenhagen."),
            params={"zone": name},
        )


def default_languages() -> list[str]:
    return ["en"]


_known: "ContextVar[Organisation | None]" = ContextVar("organisation", default=None)
# Another with each change of the row: the transaction that wrote it, and where it wrote.
VERSION = Written(
    "(SELECT xmin::text || ctid::text FROM accounts_organisation)", output_field=models.TextField()
)
_kept: "dict[str, Organisation]" = {}


@cache
def _one_row() -> tuple[str, tuple[object, ...]]:
    sql, params = Organisation.objects.filter(pk=1).query.sql_with_params()
    return sql, tuple(params)


class OrganisationManager(models.Manager["Organisation"]):
    def current(self) -> "Organisation":
        """The one organisation of this installation, made with defaults at first sight."""
        return _known.get() or self._as_it_is() or self.get_or_create(pk=1)[0]

    def _as_it_is(self) -> "Organisation | None":
        """Asked for on every request: by SQL that is written once, which halves the time."""
        sql, params = _one_row()
        return next(iter(self.raw(sql, params)), None)

    @contextmanager
    def read_once(self, version: str | None = None) -> Iterator["Organisation"]:
        """Let `current` give the row as it is now: for a request that does not change it.

        `version` is what `VERSION` told just now; a row of that version that was read before is not read again.
        """
        token = _known.set(self._of_version(version) if version else self.current())
        try:
            yield self.current()
        finally:
            _known.reset(token)

    def _of_version(self, version: str) -> "Organisation":
        kept = _kept.get(version)
        if kept is None:
            kept = self.current()
            _kept.clear()
            _kept[version] = kept
        return copy(kept)


class Organisation(models.Model):
    name = models.CharField(_("name"), max_length=200, default="My company")
    zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_zone],
        help_text=_("Days, weeks and local hours are counted in this zone."),
    )
    currency = CurrencyField(
        _("reporting currency"),
        default="EUR",
        help_text=_("Amounts in other currencies are converted to it."),
    )
    margin = models.DecimalField(
        _("default margin"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_(
            "Share of net revenue that is gross margin, 0 to 1. Without it CLV is shown as revenue to date."
        ),
    )
    inactive_after_days = models.PositiveIntegerField(
        _("inactive after days"),
        null=True,
        blank=True,
        help_text=_(
            "Without a subscription, a customer counts as active for so many days after an order. Empty: worked out from the gaps between orders."
        ),
    )
    administrators_need_two_factor = models.BooleanField(
        _("administrators must use two-factor sign-in"), default=False
    )
    # Role: {"given": [...], "taken": [...]} against the usual; see `clm.accounts.roles`.
    role_changes = models.JSONField(default=dict, blank=True)
    languages = ArrayField(models.CharField(max_length=10), default=default_languages)

    # Name of what is kept: how long, null for ever; see `clm.accounts.keeping`.
    kept_for = models.JSONField(default=dict, blank=True)
    bookkeeping_years = models.PositiveSmallIntegerField(
        _("years of bookkeeping"), default=10, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )

    # Changes with every change of the company's own fields, so that processes read them anew.
    fields_stamp = models.CharField(max_length=32, blank=True, editable=False)

    objects = OrganisationManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="accounts_organisation_is_one_row")]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)
