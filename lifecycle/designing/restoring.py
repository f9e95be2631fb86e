"""An earlier version used again: a draft that says what it said. So a retired model comes back as it was."""

from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from lifecycle.designing.blueprint import blueprint_of, keyed
from lifecycle.designing.difference import difference
from lifecycle.designing.editing import fingerprint, fingerprint_of, in_work
from lifecycle.designing.writing import write
from lifecycle.models import LifecycleModel, ModelVersion, VersionStatus
from lifecycle.publishing import open_draft


class CannotRestore(ValueError):
    """The version is in force or a draft itself, or a draft is in the way; the message says which, and the cure."""


@transaction.atomic
def restore(version: ModelVersion, *, by: User | None) -> ModelVersion:
    """Open a draft that says what a retired version said. Nobody's stage changes until it is published.

    Rules that can't be asked any more come along; publishing names them. Raises CannotRestore.
    """
    model = LifecycleModel.objects.select_for_update().get(pk=version.model_id)
    version = ModelVersion.objects.select_related("model").get(pk=version.pk)
    if version.status == VersionStatus.PUBLISHED:
        raise CannotRestore(_("%(version)s is in force.") % {"version": version})
    if model.versions.filter(status=VersionStatus.DRAFT).exists():
        raise CannotRestore(
            _("There is a draft of %(model)s already. Publish or discard it first.") % {"model": model}
        )
    before = blueprint_of(in_work(model))
    plan = keyed(blueprint_of(version), before)
    draft = open_draft(model, by=by)
    write(draft, plan)
    AuditEntry.objects.record(
        "version.restored",
        model,
        by=by,
        version=draft.number,
        restored=version.number,
        changes=[str(change) for change in difference(before, plan)],
        read=fingerprint_of(before),
        left=fingerprint(draft),
    )
    return draft
