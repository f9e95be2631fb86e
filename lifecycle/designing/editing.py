"""Changing a draft: one way for pages, programs and files. A stale change is refused and told what came between."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from lifecycle.designing.blueprint import Blueprint, blueprint_of
from lifecycle.designing.checking import check
from lifecycle.designing.difference import Change, difference
from lifecycle.designing.versions import Versions
from lifecycle.designing.writing import write
from lifecycle.models import LifecycleModel, ModelVersion
from lifecycle.publishing import open_draft

MOST_TOLD = 20
Step = Callable[[Blueprint], Blueprint]


class DraftChanged(Exception):
    """Somebody else changed the model since it was read; `since` tells who did what, the latest first."""

    def __init__(self, since: "list[Meanwhile] | None" = None) -> None:
        self.since = since or []

    def __str__(self) -> str:
        return _(
            "Somebody changed these rules meanwhile. Here they are as they stand now; change them again."
        )


class Meanwhile:
    """What somebody did to the draft after it was read."""

    def __init__(self, entry: AuditEntry) -> None:
        self.at: datetime = entry.at
        self.who = str(entry.actor) if entry.actor else ""
        self.changes: list[str] = entry.details.get("changes", []) or [_meaning(entry.action)]


def _meaning(action: str) -> str:
    told = {
        "version.drafted": _("Opened a draft."),
        "version.restored": _("Opened a draft that says what an earlier version said."),
        "version.discarded": _("Discarded the draft."),
        "version.published": _("Published the draft."),
    }
    return told.get(action, action)


def in_work(model: LifecycleModel) -> ModelVersion:
    return Versions.of_model(model).in_work


def fingerprint(version: ModelVersion) -> str:
    """Changes when anything the version says does: tells a form that was read from one that is stale."""
    return fingerprint_of(blueprint_of(version))


def fingerprint_of(plan: Blueprint) -> str:
    return hashlib.sha256(json.dumps(asdict(plan), sort_keys=True).encode()).hexdigest()[:16]


@transaction.atomic
def edit(
    model: LifecycleModel, step: Step, *, read: str, by: User | None, action: str = "version.revised"
) -> ModelVersion | None:
    """Change what is in work by `step`, and open a draft when there is none. None when nothing differs.

    `read` is the fingerprint of what the change was made to, or "*" for whatever is there. Raises DraftChanged,
    BadBlueprint for what the change says; a rule that can't be asked any more since before is in nobody's way.
    """
    LifecycleModel.objects.select_for_update().get(pk=model.pk)
    before = blueprint_of(in_work(model))
    was = fingerprint_of(before)
    if read not in ("*", was):
        raise DraftChanged(changes_after(model, read))
    after = step(before)
    check(after, before)
    changes = difference(before, after)
    if not changes:
        return None
    draft = open_draft(model, by=by)
    write(draft, after)
    AuditEntry.objects.record(
        action,
        model,
        by=by,
        version=draft.number,
        changes=[str(change) for change in changes],
        read=was,
        left=fingerprint(draft),
    )
    return draft


def changes_after(model: LifecycleModel, read: str) -> list[Meanwhile]:
    """What was done to the model since somebody read it so; nothing when that can't be told any more."""
    entries = AuditEntry.objects.filter(
        subject_type=model._meta.label_lower, subject_id=model.pk, action__startswith="version."
    )
    latest = list(entries.select_related("actor").order_by("-pk")[: 2 * MOST_TOLD])
    for place, entry in enumerate(latest):
        if entry.details.get("left") == read:
            return [Meanwhile(one) for one in latest[:place] if one.action != "version.drafted"]
        if entry.details.get("read") == read:
            return [Meanwhile(one) for one in latest[: place + 1] if one.action != "version.drafted"]
    return []


def changes_in(draft: ModelVersion) -> list[Change]:
    """What publishing the draft would change; everything it says while nothing is in force."""
    published = draft.model.published()
    if published is None:
        return []
    return difference(blueprint_of(published), blueprint_of(draft))
