"""Changing the numbers of a model: tests' days and counts and the stages' minimum stays, on a draft.

A draft is opened by the first change; what it says and how it differs from what is in force can be asked.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, get_type_hints

from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base.conditions import offered
from lifecycle.conditions import KnownStages
from lifecycle.designing.blueprint import Blueprint
from lifecycle.designing.difference import sentence_of
from lifecycle.designing.editing import DraftChanged, changes_after, changes_in, edit, fingerprint, in_work
from lifecycle.models import LifecycleModel, ModelVersion, Stage, VersionStage, VersionStatus
from lifecycle.publishing import publish

__all__ = ["DraftChanged", "changes_in", "fingerprint", "in_work", "sentence_of"]
MOST = 1_000_000
Number = int | Decimal
Path = tuple[str | int, ...]


class NoDraft(Exception):
    def __str__(self) -> str:
        return _("There is no draft to publish: it was published or discarded meanwhile.")


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


def tests_of(condition: Any, known: KnownStages | None) -> list[Test]:
    """The leaves of a stored condition in order, each with the numbers it has."""
    return [_test(path, leaf, known) for path, leaf in _leaves(condition, ())]


def _leaves(tree: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for word in ("all", "any"):
        for index, part in enumerate(tree.get(word, ())):
            yield from _leaves(part, (*path, word, index))
    if "not" in tree:
        yield from _leaves(tree["not"], (*path, "not"))
    if "condition" in tree:
        yield path, tree


def _test(path: Path, leaf: dict[str, Any], known: KnownStages | None) -> Test:
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
    return Test(path, sentence_of(leaf, known), settings)


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
    change was made to. None when nothing differs. Raises DraftChanged, BadBlueprint.
    """
    slugs = dict(model.stages.filter(pk__in=stays).values_list("pk", "slug"))
    by_slug = {slugs[pk]: days for pk, days in stays.items()}

    def step(plan: Blueprint) -> Blueprint:
        rules = (replace(one, condition=conditions.get(one.key, one.condition)) for one in plan.rules)
        stages = (replace(one, minimum_stay=by_slug.get(one.slug, one.minimum_stay)) for one in plan.stages)
        return replace(plan, rules=tuple(rules), stages=tuple(stages))

    return edit(model, step, read=read, by=by)


@transaction.atomic
def publish_as_read(
    model: LifecycleModel,
    *,
    read: str,
    by: User | None,
    replay: bool,
    heirs: Mapping[str, str] | None = None,
) -> ModelVersion:
    """Publish the draft that somebody looked at: `read` is its fingerprint, or "*" for whatever it says.

    A first version is worked out over all history in any case: nobody has a stage of the model yet. Of two at once one publishes; the other is told by NoDraft. Raises also DraftChanged, CannotPublish.
    """
    LifecycleModel.objects.select_for_update().get(pk=model.pk)
    draft = model.versions.select_related("model").filter(status=VersionStatus.DRAFT).first()
    if draft is None:
        raise NoDraft
    if read not in ("*", fingerprint(draft)):
        raise DraftChanged(changes_after(model, read))
    is_first = not model.versions.filter(governs_from__isnull=False).exists()
    publish(draft, by=by, replay=replay or is_first, heirs=heirs)
    return draft


@transaction.atomic
def discard(model: LifecycleModel, *, by: User | None) -> bool:
    """Throw the draft away. False when there is none."""
    LifecycleModel.objects.select_for_update().get(pk=model.pk)
    draft = model.versions.filter(status=VersionStatus.DRAFT).first()
    if draft is None:
        return False
    AuditEntry.objects.record("version.discarded", model, by=by, version=draft.number)
    is_first = model.versions.count() == 1
    draft.delete()
    Stage.objects.filter(model=model, is_drafted=True).exclude(
        pk__in=VersionStage.objects.filter(version__model=model).values("stage")
    ).delete()
    if is_first:
        _forget(model)
    return True


def _forget(model: LifecycleModel) -> None:
    """A model that was never in force goes with its only draft: nobody was ever in it."""
    model.components.all().delete()
    model.delete()
