from typing import TYPE_CHECKING

from django.db import connection, models, transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models import AuditEntry, User
from clm.base.db import ClockTimestamp
from lifecycle.models.labels import label_of

if TYPE_CHECKING:
    from lifecycle.models.version import ModelVersion


class NotInForce(ValueError):
    """The model has no published version; the message names it."""


class LifecycleModelQuerySet(models.QuerySet["LifecycleModel"]):
    def running(self) -> "LifecycleModelQuerySet":
        """With a published version, so that customers have a stage in them."""
        return self.filter(versions__status="published")

    def for_list(self) -> "LifecycleModelQuerySet":
        """The primary one first; each with the number of its published version and how many drafts it has."""
        published = Max("versions__number", filter=Q(versions__status="published"))
        drafts = Count("versions", filter=Q(versions__status="draft"))
        return self.annotate(published_number=published, drafts=drafts).order_by("-is_primary", "pk")

    def primary(self) -> "LifecycleModel | None":
        return self.filter(is_primary=True).first()


class LifecycleModel(models.Model):
    """A named, ordered set of stages. Several run side by side; one is primary."""

    slug = models.SlugField(max_length=50, unique=True)
    labels = models.JSONField(gettext_lazy("names"), default=dict)
    description = models.JSONField(default=dict, blank=True)
    preset = models.CharField(max_length=50, blank=True)
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=ClockTimestamp())

    objects = LifecycleModelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_primary"], condition=Q(is_primary=True), name="lifecycle_model_one_primary"
            )
        ]

    def __str__(self) -> str:
        return label_of(self.labels) or self.slug

    @property
    def about(self) -> str:
        return label_of(self.description)

    @transaction.atomic
    def make_primary(self, *, by: User | None) -> None:
        """The one that lists, dashboards and the API take when none is named. Nothing happens when it is already.

        Raises NotInForce.
        """
        concerned = LifecycleModel.objects.filter(Q(is_primary=True) | Q(pk=self.pk)).order_by("pk")
        before = next((one for one in concerned.select_for_update() if one.is_primary), None)
        if before == self:
            return
        if self.published() is None:
            raise NotInForce(_("%(model)s is not in force.") % {"model": self})
        LifecycleModel.objects.filter(is_primary=True).update(is_primary=False)
        self.is_primary = True
        self.save(update_fields=["is_primary"])
        AuditEntry.objects.record("model.made_primary", self, by=by, before=before.slug if before else None)

    def hold(self) -> None:
        """Until the transaction ends no version is published or retired. Take the locks of customers first."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM lifecycle_lifecyclemodel WHERE id = %s FOR SHARE", [self.pk])

    def published(self) -> "ModelVersion | None":
        return self.versions.filter(status="published").first()
