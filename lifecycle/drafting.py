"""Changing the numbers of a model: tests' days and counts and the stages' minimum stays, on a draft.

A draft is opened by the first change; what it says and how it differs from what is in force can be asked.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_type_hints

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clm.accounts.models import AuditEntry, User
from clm.base.conditions import InvalidCondition, offered, parse
from lifecycle.models import LifecycleModel, ModelVersion, Rule, Stage, VersionStage, VersionStatus
from lifecycle.publishing import open_draft, publish

MOST = 1_000_000
Number = int | Decimal
Path = tuple[str | int, ...]


class DraftChanged(Exception):
    """Somebody else changed the rules since they were read."""

    def __str__(self) -> str:
        return _(
            "Somebody changed these rules meanwhile. Here they are as they stand now; change them again."
        )


@dataclass(frozen=True)
class Setting:
    """A number in a test: what it is called, what it is, and what it may be."""

    name: str
    label: str
    value: Number
    minimum: int | None
    maximum: int
    is_decimal: bool


@dataclass(frozen=True)
class Test:
    """A leaf of a rule's condition, by its path in the stored tree."""

    path: Path
    sentence: str
    settings: list[Setting]


def tests_of(condition: Any) -> list[Test]:
    """The leaves of a stored condition in order, each with the numbers it has."""
    return [_test(path, leaf) for path, leaf in _leaves(condition, ())]


def _leaves(tree: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for word in ("all", "any"):
        for index, part in enumerate(tree.get(word, ())):
            yield from _leaves(part, (*path, word, index))
    if "not" in tree:
        yield from _leaves(tree["not"], (*path, "not"))
    if "condition" in tree:
        yield path, tree


def _test(path: Path, leaf: dict[str, Any]) -> Test:
    condition = offered().get(leaf["condition"])
    if condition is None:
        return Test(path, leaf["condition"], [])
    hints, present = get_type_hints(condition), leaf.get("parameters") or {}
    settings = [
        _setting(
            field, present.get(field.name, field.default), is_decimal="Decimal" in str(hints[field.name])
        )
        for field in dataclasses.fields(condition)  # type: ignore[arg-type]
        if _is_number(str(hints[field.name])) and present.get(field.name, field.default) is not None
    ]
    return Test(path, sentence_of(leaf), settings)


def _is_number(hint: str) -> bool:
    return ("int" in hint or "Decimal" in hint) and "tuple" not in hint


def _setting(field: "dataclasses.Field[Any]", value: Any, *, is_decimal: bool) -> Setting:
    return Setting(
        field.name,
        str(field.metadata["label"]),
        Decimal(str(value)) if is_decimal else int(value),
        field.metadata["minimum"],
        MOST if field.metadata["maximum"] is None else field.metadata["maximum"],
        is_decimal,
    )


def with_numbers(condition: Any, path: Path, numbers: Mapping[str, Number]) -> Any:
    """The stored condition with other numbers in one of its leaves."""
    changed = deepcopy(condition)
    leaf = changed
    for step in path:
        leaf = leaf[step]
    written = {
        name: str(number) if isinstance(number, Decimal) else number for name, number in numbers.items()
    }
    leaf["parameters"] = (leaf.get("parameters") or {}) | written
    return changed


def sentence_of(condition: Any) -> str:
    """A stored condition in words; what is wrong with it, when it can't be read any more."""
    try:
        return parse(condition).sentence()
    except InvalidCondition as error:
        return str(error)


def in_work(model: LifecycleModel) -> ModelVersion:
    """What an editor shows: the draft, else what is in force."""
    order = {VersionStatus.DRAFT: 0, VersionStatus.PUBLISHED: 1}
    versions = model.versions.filter(status__in=order)
    return min(versions, key=lambda version: order[VersionStatus(version.status)])


def fingerprint(version: ModelVersion) -> str:
    """Changes when any rule or stay of the version does: tells a form that was read from one that is stale."""
    rules = [[rule.origin_id or rule.pk, rule.condition] for rule in version.rules.all()]
    stays = [[use.stage_id, use.minimum_stay_days] for use in version.stage_uses.all()]
    return hashlib.sha256(json.dumps([rules, stays], sort_keys=True).encode()).hexdigest()[:16]


@transaction.atomic
def revise(
    model: LifecycleModel,
    *,
    conditions: Mapping[int, Any],
    stays: Mapping[int, int],
    read: str,
    by: User | None,
) -> ModelVersion | None:
    """Write other conditions and minimum stays into the draft, and open one when there is none.

    `conditions` are keyed by the rule's key (`key_of`), `stays` by stage; `read` is the fingerprint of what the
    change was made to. None when nothing differs. Raises DraftChanged, InvalidCondition.
    """
    LifecycleModel.objects.select_for_update().get(pk=model.pk)
    if fingerprint(in_work(model)) != read:
        raise DraftChanged
    for condition in conditions.values():
        parse(condition)
    if not _differs(in_work(model), conditions, stays):
        return None
    draft = open_draft(model, by=by)
    _write(draft, conditions, stays)
    AuditEntry.objects.record(
        "version.revised",
        model,
        by=by,
        version=draft.number,
        changes=[str(change) for change in changes_in(draft)],
    )
    return draft


def key_of(rule: Rule) -> int:
    """The same for a rule in force and for its copy in the draft."""
    return rule.origin_id or rule.pk if rule.version.status == VersionStatus.DRAFT else rule.pk


def _differs(version: ModelVersion, conditions: Mapping[int, Any], stays: Mapping[int, int]) -> bool:
    rules = version.rules.select_related("version")
    return any(conditions.get(key_of(rule), rule.condition) != rule.condition for rule in rules) or any(
        stays.get(use.stage_id, use.minimum_stay_days) != use.minimum_stay_days
        for use in version.stage_uses.all()
    )


def _write(draft: ModelVersion, conditions: Mapping[int, Any], stays: Mapping[int, int]) -> None:
    for rule in draft.rules.select_related("version"):
        rule.condition = conditions.get(key_of(rule), rule.condition)
        rule.save(update_fields=["condition"])
    for use in draft.stage_uses.all():
        use.minimum_stay_days = stays.get(use.stage_id, use.minimum_stay_days)
        use.save(update_fields=["minimum_stay_days"])


@transaction.atomic
def publish_as_read(draft: ModelVersion, *, read: str, by: User | None, replay: bool) -> None:
    """Publish the draft that somebody looked at: `read` is its fingerprint. Raises DraftChanged, CannotPublish."""
    LifecycleModel.objects.select_for_update().get(pk=draft.model_id)
    if fingerprint(draft) != read:
        raise DraftChanged
    publish(draft, by=by, replay=replay)


@transaction.atomic
def discard(model: LifecycleModel, *, by: User | None) -> bool:
    """Throw the draft away. False when there is none."""
    LifecycleModel.objects.select_for_update().get(pk=model.pk)
    draft = model.versions.filter(status=VersionStatus.DRAFT).first()
    if draft is None:
        return False
    AuditEntry.objects.record("version.discarded", model, by=by, version=draft.number)
    draft.delete()
    return True


@dataclass(frozen=True)
class Change:
    """One difference between a draft and what is in force, in words."""

    stage: Stage
    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.name}: {self.before} → {self.after}"


def changes_in(draft: ModelVersion) -> list[Change]:
    """What publishing the draft would change: rules first, then minimum stays."""
    rules = draft.rules.select_related("stage", "origin").order_by("priority", "pk")
    changed = [
        Change(rule.stage, str(rule), sentence_of(rule.origin.condition), sentence_of(rule.condition))
        for rule in rules
        if rule.origin and rule.origin.condition != rule.condition
    ]
    return changed + list(_changed_stays(draft))


def _changed_stays(draft: ModelVersion) -> Iterator[Change]:
    in_force = VersionStage.objects.filter(
        version__model=draft.model_id, version__status=VersionStatus.PUBLISHED
    )
    before = dict(in_force.values_list("stage_id", "minimum_stay_days"))
    for use in draft.stage_uses.select_related("stage"):
        was = before.get(use.stage_id, 0)
        if was != use.minimum_stay_days:
            name = _("Minimum stay in %(stage)s") % {"stage": use.stage}
            yield Change(use.stage, name, in_days(was), in_days(use.minimum_stay_days))


def in_days(days: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days} if days else _("none")
