"""Drafts and publishing: a published version is immutable; a change is a new version."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clm.accounts.jobs import Progress, enqueue
from clm.accounts.models import AuditEntry, Job, User
from clm.base import clock
from clm.base.facts import BEGINNING
from customers.models import Customer
from lifecycle.circles import circle_of
from lifecycle.designing.blueprint import blueprint_of
from lifecycle.designing.checking import Faulty, faulty
from lifecycle.evaluation import customer_chunks, walk_each
from lifecycle.models import (
    EdgePolicy,
    LifecycleModel,
    ModelVersion,
    Rule,
    VersionStatus,
)
from lifecycle.naming import take_over_names
from lifecycle.replay import replay_under_way, request_replay
from lifecycle.resettling import Homeless, heirs_of, resettle


class CannotPublish(ValueError):
    """The version is not fit to be published; the message names all rules that are at fault, and the cure."""

    def __init__(self, message: str, faulty: Sequence[Faulty] = ()) -> None:
        super().__init__(message)
        self.faulty = list(faulty)


@transaction.atomic
def open_draft(model: LifecycleModel, *, by: User | None) -> ModelVersion:
    """The model's draft: the one there is, or a copy of the version in force, or of the last that was."""
    LifecycleModel.objects.select_for_update().get(pk=model.pk)
    draft = model.versions.filter(status=VersionStatus.DRAFT).first()
    if draft:
        return draft
    last = model.versions.order_by("-number").first()
    draft = ModelVersion.objects.create(
        model=model,
        number=last.number + 1 if last else 1,
        labels=model.labels,
        description=model.description,
    )
    source = model.published() or last
    if source:
        _copy(source, draft)
    AuditEntry.objects.record("version.drafted", model, by=by, version=draft.number)
    return draft


def _copy(source: ModelVersion, target: ModelVersion) -> None:
    target.labels, target.description, target.heirs = source.labels, source.description, source.heirs
    target.save(update_fields=["labels", "description", "heirs"])
    for use in source.stage_uses.all():
        use.pk, use.version = None, target
        use.save(force_insert=True)
    for rule in source.rules.all():
        Rule.objects.create(
            version=target,
            stage_id=rule.stage_id,
            priority=rule.priority,
            labels=rule.labels,
            condition=rule.condition,
            origin=rule,
        )
    for edge in source.edge_policies.all():
        edge.pk, edge.version = None, target
        edge.save(force_insert=True)
    for component_rule in source.component_rules.all():
        component_rule.pk, component_rule.version = None, target
        component_rule.save(force_insert=True)


@transaction.atomic
def publish(
    draft: ModelVersion, *, by: User | None, replay: bool = False, heirs: Mapping[str, str] | None = None
) -> Job | None:
    """Put a draft in force from now on, and walk everybody into it as a job; with `replay` over all history.

    `heirs` says for each stage that the draft has no more (`vanished`) which of its stages, both by slug, gets those
    of its people whom no rule claims. The first version of a model governs its whole history; that is for a replay to work out, so no job then.
    A model that was retired comes back with a replay: nothing says how its rules decided meanwhile.
    Raises CannotPublish, also while a replay with the version before is under way.
    """
    model = LifecycleModel.objects.select_for_update().get(pk=draft.model_id)
    draft = ModelVersion.objects.select_for_update().get(pk=draft.pk)
    check(draft)
    try:
        draft.heirs = heirs_of(draft, heirs or {})
    except Homeless as error:
        raise CannotPublish(str(error)) from error
    if replay_under_way(model):
        raise CannotPublish(
            _("The history is being worked out with the version before. Wait for it to end, or cancel it.")
        )
    is_first = not model.versions.filter(governs_from__isnull=False).exists()
    was_in_force = model.versions.filter(status=VersionStatus.PUBLISHED).update(status=VersionStatus.RETIRED)
    now = clock.now()
    draft.status, draft.published_at, draft.published_by = VersionStatus.PUBLISHED, now, by
    draft.governs_from = BEGINNING if is_first else now
    draft.save(update_fields=["status", "published_at", "published_by", "governs_from", "heirs"])
    take_over_names(draft)
    AuditEntry.objects.record("version.published", model, by=by, version=draft.number, heirs=draft.heirs)
    if replay or not (is_first or was_in_force):
        return request_replay(model, by=by)
    if is_first:
        return None
    return enqueue(
        "lifecycle.takeover",
        title=gettext_noop("Publishing %(draft)s"),
        owner=by,
        draft=str(draft),
        version=draft.pk,
    )


def check(draft: ModelVersion) -> None:
    """Raise CannotPublish unless the version can govern."""
    if draft.status != VersionStatus.DRAFT:
        raise CannotPublish(_("%(version)s is not a draft.") % {"version": draft})
    used = set(draft.stage_uses.values_list("stage_id", flat=True))
    if not draft.stage_uses.filter(is_initial=True).exists():
        raise CannotPublish(_("The first stage must be in use: everybody enters there."))
    for rule in draft.rules.select_related("stage"):
        if rule.stage_id not in used:
            raise CannotPublish(
                _("The rule “%(rule)s” leads to %(stage)s, which is not in use.")
                % {"rule": rule, "stage": rule.stage}
            )
    found = faulty(blueprint_of(draft))
    if found:
        raise CannotPublish(" ".join(one.told for one in found), found)
    _check_edges(draft, used)
    circle = circle_of(draft)
    if circle:
        raise CannotPublish(
            _(
                "These models would ask for one another in a circle: %(circle)s. Take such a test out of one of them."
            )
            % {"circle": " → ".join(circle)}
        )


def _check_edges(draft: ModelVersion, used: set[int]) -> None:
    for edge in EdgePolicy.objects.filter(version=draft).select_related("from_stage", "to_stage"):
        if not {edge.from_stage_id, edge.to_stage_id} <= used:
            raise CannotPublish(_("The move %(edge)s names a stage that is not in use.") % {"edge": edge})


def takeover_job(job: Job) -> Iterator[Progress]:
    """Walk everybody over the instant at which the new version took over."""
    version = ModelVersion.objects.select_related("model").get(pk=job.parameters["version"])
    total, done, moved = Customer.objects.present().count(), job.done, job.result.get("moved", 0)
    yield Progress(done, total)
    for ids in customer_chunks(after=job.cursor.get("after", 0)):
        written = walk_each(version.model, ids, since=version.governs_from)
        done, moved = done + len(ids), moved + written.moved
        result: dict[str, Any] = {"customers": done, "moved": moved}
        yield Progress(done, total, {"after": ids[-1]}, result)
    resettle(version)
