"""A model that is no longer wanted: its rules decide no more, its history stays."""

from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from lifecycle.models import LifecycleModel, ModelVersion, NextDue, VersionStatus
from lifecycle.walking.everybody import walks_of


class CannotRetire(ValueError):
    """The model has to stay in force; the message says why, and the cure."""


@transaction.atomic
def retire(model: LifecycleModel, *, by: User | None) -> ModelVersion:
    """Take the version in force out of force, without another. Everybody keeps the stage they have.

    Publishing a draft brings the model back, and works its history out with that. Raises CannotRetire.
    """
    held = LifecycleModel.objects.select_for_update().get(pk=model.pk)
    version = held.published()
    if version is None:
        raise CannotRetire(_("%(model)s is not in force.") % {"model": held})
    if held.is_primary:
        raise CannotRetire(
            _("%(model)s is the primary model. Make another one primary first.") % {"model": held}
        )
    if walks_of(held.versions.all()).open().exists():
        raise CannotRetire(
            _("The history of %(model)s is being worked out. Wait for it to end, or cancel it.")
            % {"model": held}
        )
    version.status = VersionStatus.RETIRED
    version.save(update_fields=["status"])
    NextDue.objects.filter(model=held).delete()  # nothing comes due any more
    AuditEntry.objects.record("model.retired", held, by=by, version=version.number)
    return version
