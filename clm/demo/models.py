from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Job
from clm.base.db import ClockTimestamp

# In the cache while no demo company comes or goes.
IDLE = "demo-idle"


class MadeQuerySet(models.QuerySet["Made"]):
    def note(self, model: type[models.Model], ids: Iterable[int]) -> None:
        """Remember that the demo made these, in the transaction that made them."""
        table = model._meta.label_lower
        self.bulk_create([Made(table=table, object_id=pk) for pk in ids], ignore_conflicts=True)

    def ids(self, model: type[models.Model]) -> list[int]:
        return list(self.filter(table=model._meta.label_lower).values_list("object_id", flat=True))


class Made(models.Model):
    """Something other than a customer's fact that the demo made: a user, a channel, a campaign.

    Facts and customers are known by their source. What is not noted here is not the demo's to remove.
    """

    table = models.CharField(max_length=100)
    object_id = models.BigIntegerField()

    objects = MadeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "object_id"], name="demo_made_once")]

    def __str__(self) -> str:
        return f"{self.table} {self.object_id}"


class DemoState(models.TextChoices):
    LOADING = "loading", _("Being loaded")
    LOADED = "loaded", _("Loaded")
    REMOVING = "removing", _("Being removed")


class Demo(models.Model):
    """One row while a demo company is here: how it was made, and what the organisation's settings were before."""

    state = models.CharField(max_length=10, choices=DemoState, default=DemoState.LOADING)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    seed = models.IntegerField()
    size = models.PositiveIntegerField()
    last_day = models.DateField()
    was = models.JSONField(default=dict)
    became = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="demo_is_one_row")]

    def __str__(self) -> str:
        return self.get_state_display()

    @property
    def is_busy(self) -> bool:
        """Somebody works at it, or will."""
        return self.job is not None and self.job.is_open

    @property
    def share(self) -> float:
        """How much of the work at hand is done."""
        return min(1.0, self.job.done / self.job.total) if self.job and self.job.total else 0.0

    @property
    def has_stopped(self) -> bool:
        """Half in or half out, and nobody works at it any more."""
        return self.state != DemoState.LOADED and not self.is_busy
