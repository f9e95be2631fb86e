"""New models: of one empty stage, a copy of a ready-made one or of one in use, or a file. In force only when published."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from lifecycle.designing.blueprint import (
    Blueprint,
    StagePlan,
    blueprint_of,
    blueprint_of_preset,
    for_model,
)
from lifecycle.designing.checking import BadBlueprint, Fault, check
from lifecycle.designing.editing import in_work
from lifecycle.designing.writing import write
from lifecycle.mapping import suggest
from lifecycle.models import Kind, LifecycleModel, ModelVersion
from lifecycle.models.labels import Labels
from lifecycle.presets import shipped


def empty(slug: str) -> Blueprint:
    """One stage, where everybody enters."""
    labels = {"en": "New", "da": "Ny", "sv": "Ny", "nl": "Nieuw", "de": "Neu"}
    return Blueprint(slug, {}, {}, (StagePlan("new", labels, Kind.AWARE.value, is_initial=True),))


def start_of(start: str, slug: str) -> Blueprint:
    """What a new model begins with: "" (one stage), "preset:<slug>" or "model:<slug>". Raises BadBlueprint."""
    kind, __, name = start.partition(":")
    if kind == "preset" and name in shipped():
        return blueprint_of_preset(shipped()[name])
    model = LifecycleModel.objects.filter(slug=name).first() if kind == "model" else None
    if model:
        return blueprint_of(in_work(model))
    if start:
        raise BadBlueprint([Fault(("start",), _no_such(name))])
    return empty(slug)


def _no_such(name: str) -> str:
    return _("There is no model “%(name)s” to begin with.") % {"name": name[:50]}


@transaction.atomic
def begin(slug: str, start: str, *, by: User | None, labels: Labels) -> ModelVersion:
    """A new model with a draft: see `start_of`. The journey map of a ready-made one is filled with what is usual.

    Raises BadBlueprint; the key must be free.
    """
    draft = found(slug, start_of(start, slug), by=by, labels=labels)
    if start.startswith("preset:"):
        suggest(draft.model, by=by)
    return draft


@transaction.atomic
def found(slug: str, plan: Blueprint, *, by: User | None, labels: Labels | None = None) -> ModelVersion:
    """A new model with a draft that says what the plan says. Raises BadBlueprint; the key must be free."""
    named = replace(plan, labels=labels or plan.labels)
    check(for_model(named, LifecycleModel(slug=slug)))
    model = LifecycleModel.objects.create(
        slug=slug,
        labels=named.labels,
        description=named.description,
        is_primary=False,
    )
    draft = ModelVersion.objects.create(model=model, number=1)
    write(draft, for_model(named, model))
    AuditEntry.objects.record("model.founded", model, by=by, copied_from=plan.slug)
    return draft
