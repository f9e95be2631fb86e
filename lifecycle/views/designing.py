"""The designer's pages: what the draft says of stages, rules, components, moves and names, each changed by a step."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from clm.base.conditions.fields import is_being_built
from lifecycle.designing import steps
from lifecycle.designing.blueprint import SOURCES, Blueprint, ComponentPlan, blueprint_of
from lifecycle.designing.chases import chases
from lifecycle.designing.checking import BadBlueprint, Faulty, faulty
from lifecycle.designing.difference import Change, difference, sentence_in, sentence_of, source_label
from lifecycle.designing.editing import (
    DraftChanged,
    Meanwhile,
    Step,
    edit,
    fingerprint_of,
)
from lifecycle.designing.forms import (
    ComponentForm,
    ModelNamesForm,
    MovesForm,
    NamedForm,
    RuleForm,
    StageForm,
    slug_for,
)
from lifecycle.designing.versions import Versions, read_whole
from lifecycle.models import LifecycleModel, ModelVersion, VersionStatus

ONE_PLACE = {"up": -1, "down": 1}
DRAGGED = re.compile(r"-?[0-9]{1,3}")


def versions_or_404(slug: str) -> Versions:
    try:
        return Versions.of(slug)
    except LifecycleModel.DoesNotExist as error:
        raise Http404 from error


@dataclass
class Desk:
    """A model on the designer's table: what is in work, and the fingerprint that a change has to bring along.

    `published` is the version in force, or of a retired model the last that was.
    """

    model: LifecycleModel
    version: ModelVersion
    published: ModelVersion | None
    is_retired: bool
    plan: Blueprint
    read: str

    @classmethod
    def of(cls, slug: str) -> "Desk":
        versions = versions_or_404(slug)
        version, published = versions.in_work, versions.last_in_force
        read_whole(version, *([published] if published else []))
        plan = blueprint_of(version)
        return cls(versions.model, version, published, versions.is_retired, plan, fingerprint_of(plan))

    @property
    def draft(self) -> ModelVersion | None:
        return self.version if self.version.status == VersionStatus.DRAFT else None

    @cached_property
    def changes(self) -> list[Change]:
        """What publishing would change; nothing where nothing was ever in force."""
        return difference(blueprint_of(self.published), self.plan) if self.draft and self.published else []

    @cached_property
    def faulty(self) -> list[Faulty]:
        return faulty(self.plan)

    def context(self, tab: str, **more: Any) -> dict[str, Any]:
        changes = len(self.changes)
        shown = {"model": self.model, "plan": self.plan, "read": self.read, "draft": self.draft}
        warnings = chases(self.plan) if self.draft else []
        return shown | {"tab": tab, "number_of_changes": changes, "warnings": warnings} | more


def act(request: HttpRequest, desk: Desk, step: Step, *, read: str | None = None) -> list[Meanwhile] | None:
    """Do it, and say so. None when done, else what came between. Raises BadBlueprint."""
    try:
        read = request.POST.get("read", "") if read is None else read
        draft = edit(desk.model, step, read=read, by=me(request))
    except DraftChanged as refusal:
        return refusal.since
    messages.success(
        request,
        _("Saved as a draft. Nothing changes for customers until you publish it.")
        if draft
        else _("Nothing has changed."),
    )
    return None


def _rule_lines(desk: Desk) -> list[dict[str, Any]]:
    plan, faults = desk.plan, {one.rule: one.reason for one in desk.faulty}
    return [
        {
            "fault": faults.get(rule.key, ""),
            "rule": rule,
            "place": place,
            "name": plan.rule_name(rule),
            "stage": plan.stage(rule.stage),
            "sentence": sentence_in(plan, rule.condition),
        }
        for place, rule in enumerate(plan.rules, start=1)
    ]


def _component_lines(desk: Desk) -> list[tuple[ComponentPlan, str, str]]:
    faults = {one.component: one.reason for one in desk.faulty}
    return [(one, sentence_of(one.condition), faults.get(one.slug, "")) for one in desk.plan.components]


# Stages need no more than the plan tells of them.
_LINES: dict[str, Callable[[Desk], list[Any]]] = {"rules": _rule_lines, "components": _component_lines}


def _list(request: HttpRequest, slug: str, tab: str, *, status: int = 200, **more: Any) -> HttpResponse:
    desk = Desk.of(slug)
    if tab in _LINES:
        more["lines"] = _LINES[tab](desk)
    return render(request, f"lifecycle/design/{tab}.html", desk.context(tab, **more), status=status)


@require_safe
@requires(Capability.EDIT_MODELS)
def draft_stages(request: HttpRequest, slug: str) -> HttpResponse:
    return _list(request, slug, "stages")


@require_safe
@requires(Capability.EDIT_MODELS)
def draft_rules(request: HttpRequest, slug: str) -> HttpResponse:
    return _list(request, slug, "rules")


@require_safe
@requires(Capability.EDIT_MODELS)
def draft_components(request: HttpRequest, slug: str) -> HttpResponse:
    return _list(request, slug, "components")


def _button(
    tab: str, step: Callable[..., Blueprint], *, moves: bool = False
) -> Callable[..., HttpResponseBase]:
    """A button of a list: done and back to the list, or the list with why not.

    `step` takes the plan, the one that the route names and, when it moves that, by how much. One place up or down is
    done to whatever order there is: it may be pressed faster than answers come, and the list shows what became of it.
    What was dragged was put between those whom its reader saw.
    """

    @require_POST
    @requires(Capability.EDIT_MODELS)
    def pressed(request: HttpRequest, slug: str, **one: str | int) -> HttpResponse:
        by = [_places(request.POST.get("by", ""))] if moves else []
        read = "*" if moves and request.POST.get("by") in ONE_PLACE else None
        try:
            since = act(request, Desk.of(slug), lambda plan: step(plan, *one.values(), *by), read=read)
        except BadBlueprint as refusal:
            return _list(request, slug, tab, refusal=str(refusal), status=422)
        if since is not None:
            return _list(request, slug, tab, since=since, is_stale=True, status=409)
        return redirect(f"draft-{tab}", slug=slug)

    return pressed


def _places(by: str) -> int:
    """Up (negative) or down: one place by its word, else so many as were dragged over. Nonsense moves nothing."""
    if by in ONE_PLACE:
        return ONE_PLACE[by]
    return int(by) if DRAGGED.fullmatch(by) else 0


draft_stage_place = _button("stages", steps.move_stage, moves=True)
draft_stage_retirement = _button("stages", steps.retire_stage)
draft_rule_place = _button("rules", steps.move_rule, moves=True)
draft_rule_removal = _button("rules", steps.remove_rule)
draft_component_place = _button("components", steps.move_component, moves=True)
draft_component_removal = _button("components", steps.remove_component)


def _fill(
    request: HttpRequest, desk: Desk, form: NamedForm, step: Callable[[], Step]
) -> tuple[int, dict[str, Any]]:
    """Save a form. 302 when done, else the status and what else the page shows."""
    if isinstance(form, RuleForm | ComponentForm) and is_being_built(request.POST):
        return 200, {"form": form.under_way()}
    if not form.is_valid():
        return 422, {}
    try:
        since = act(request, desk, step())
    except BadBlueprint as refusal:
        form.refuse(refusal)
        return 422, {}
    if since is not None:
        return 409, {"since": since, "is_stale": True, "form": form.with_read(desk.read)}
    return 302, {}


def _form(
    request: HttpRequest, desk: Desk, tab: str, form: NamedForm, step: Callable[[], Step], **one: Any
) -> HttpResponse:
    """The page of a form: of the one thing that it is about, whose name is its template's too, else of the tab."""
    status, more = _fill(request, desk, form, step) if form.is_bound else (200, {})
    if status == 302:
        return redirect(f"draft-{tab}", slug=desk.model.slug)
    context = desk.context(tab, **({"form": form} | one | more))
    return render(request, f"lifecycle/design/{next(iter(one), tab)}.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def draft_stage(request: HttpRequest, slug: str, stage: str = "") -> HttpResponse:
    """One stage of the draft; a new one when none is named."""
    desk = Desk.of(slug)
    before = desk.plan.stage(stage)
    if stage and before is None:
        raise Http404
    form = StageForm.of(desk.plan, before, desk.read, request.POST or None)

    def step() -> Step:
        if before:
            return lambda plan: steps.change_stage(plan, stage, form.stage(stage, before))
        taken = set(desk.model.stages.values_list("slug", flat=True))
        name = next(iter(form.labels().values()))
        return lambda plan: steps.add_stage(plan, form.stage(slug_for(name, taken, otherwise="stage"), None))

    return _form(request, desk, "stages", form, step, stage=before)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def draft_rule(request: HttpRequest, slug: str, key: int = 0) -> HttpResponse:
    """One rule of the draft; a new one, the last in order, when none is named."""
    desk = Desk.of(slug)
    before = desk.plan.rule(key)
    if key and before is None:
        raise Http404
    form = RuleForm.of(desk.plan, before, desk.read, request.POST or None)

    def step() -> Step:
        if before:
            return lambda plan: steps.change_rule(plan, key, form.rule())
        return lambda plan: steps.add_rule(plan, form.rule())

    return _form(request, desk, "rules", form, step, rule=before)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def draft_component(request: HttpRequest, slug: str, component: str = "") -> HttpResponse:
    desk = Desk.of(slug)
    before = desk.plan.component(component)
    if component and before is None:
        raise Http404
    form = ComponentForm.of(desk.plan, before, desk.read, request.POST or None)

    def step() -> Step:
        taken = set(desk.model.components.values_list("slug", flat=True))
        key = component or slug_for(next(iter(form.labels().values())), taken, otherwise="component")
        made = ComponentPlan(key, form.labels(), form.cleaned_data["conditions"])
        return lambda plan: steps.put_component(plan, made)

    return _form(request, desk, "components", form, step, component=before)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def draft_names(request: HttpRequest, slug: str) -> HttpResponse:
    desk = Desk.of(slug)
    form = ModelNamesForm.of(desk.plan, desk.read, request.POST or None)

    def step() -> Step:
        return lambda plan: replace(plan, labels=form.labels(), description=form.description())

    return _form(request, desk, "names", form, step)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def draft_moves(request: HttpRequest, slug: str) -> HttpResponse:
    """`?source=` one of rule, person, api, import: who makes the moves that the matrix allows or not."""
    desk = Desk.of(slug)
    asked = request.GET.get("source", "")
    source = asked if asked in SOURCES else "person"
    form = MovesForm(desk.plan, source, desk.read, request.POST or None)
    status, more = 200, dict[str, Any]()
    if form.is_bound:
        status, more = _set_moves(request, desk, form)
    if status == 302:
        return redirect(f"{request.path}?source={source}")
    if status == 409:
        form = MovesForm(desk.plan, source, desk.read)
    sources = [(one, source_label(one)) for one in SOURCES]
    context = desk.context("moves", form=form, source=source, sources=sources, **more)
    return render(request, "lifecycle/design/moves.html", context, status=status)


def _set_moves(request: HttpRequest, desk: Desk, form: MovesForm) -> tuple[int, dict[str, Any]]:
    if not form.is_valid():
        return 422, {}
    policies = form.policies()
    try:
        since = act(request, desk, lambda plan: steps.set_moves(plan, form.source, policies))
    except BadBlueprint as refusal:
        return 422, {"refusal": str(refusal)}
    return (302, {}) if since is None else (409, {"since": since, "is_stale": True})
