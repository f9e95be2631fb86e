"""The designer's pages: what the draft says of stages, rules, components, moves and names, each changed by a step."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from clm.base.conditions.fields import is_being_built
from lifecycle.designing import steps
from lifecycle.designing.blueprint import SOURCES, Blueprint, ComponentPlan, blueprint_of
from lifecycle.designing.checking import BadBlueprint
from lifecycle.designing.difference import Change, difference, sentence_of, source_label
from lifecycle.designing.editing import (
    DraftChanged,
    Meanwhile,
    Step,
    edit,
    fingerprint_of,
    versions_at_hand,
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
from lifecycle.models import LifecycleModel, ModelVersion, VersionStatus


@dataclass
class Desk:
    """A model on the designer's table: what is in work, and the fingerprint that a change has to bring along."""

    model: LifecycleModel
    version: ModelVersion
    published: ModelVersion | None
    plan: Blueprint
    read: str

    @classmethod
    def of(cls, slug: str) -> "Desk":
        model = get_object_or_404(LifecycleModel, slug=slug)
        version, published = versions_at_hand(model)
        plan = blueprint_of(version)
        return cls(model, version, published, plan, fingerprint_of(plan))

    @property
    def draft(self) -> ModelVersion | None:
        return self.version if self.version.status == VersionStatus.DRAFT else None

    @cached_property
    def changes(self) -> list[Change]:
        """What publishing would change; nothing while nothing is in force."""
        return difference(blueprint_of(self.published), self.plan) if self.draft and self.published else []

    def context(self, tab: str, **more: Any) -> dict[str, Any]:
        changes = len(self.changes)
        shown = {"model": self.model, "plan": self.plan, "read": self.read, "draft": self.draft}
        return shown | {"tab": tab, "number_of_changes": changes} | more


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


def _press(
    request: HttpRequest, slug: str, tab: str, listed: Callable[..., HttpResponse], step: Step
) -> HttpResponse:
    """A button of a list: done and back to the list, or the list with why not.

    One place up or down is done to whatever order there is: it may be pressed faster than answers come, and the list
    shows what became of it.
    """
    desk = Desk.of(slug)
    try:
        since = act(request, desk, step, read="*" if "by" in request.POST else None)
    except BadBlueprint as refusal:
        return listed(request, slug, refusal=str(refusal), status=422)
    if since is not None:
        return listed(request, slug, since=since, is_stale=True, status=409)
    return redirect(f"draft-{tab}", slug=slug)


def _fill(
    request: HttpRequest, desk: Desk, form: NamedForm, step: Callable[[], Step]
) -> tuple[int, dict[str, Any]]:
    """Save a form. 302 when done, else the status and what else the page shows."""
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


def _list(request: HttpRequest, slug: str, tab: str, *, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, f"lifecycle/design/{tab}.html", Desk.of(slug).context(tab, **more), status=status)


def _stages(request: HttpRequest, slug: str, *, status: int = 200, **more: Any) -> HttpResponse:
    return _list(request, slug, "stages", status=status, **more)


def _rules(request: HttpRequest, slug: str, *, status: int = 200, **more: Any) -> HttpResponse:
    desk = Desk.of(slug)
    lines = [
        {
            "rule": rule,
            "place": place,
            "name": desk.plan.rule_name(rule),
            "stage": desk.plan.stage(rule.stage),
            "sentence": sentence_of(rule.condition),
        }
        for place, rule in enumerate(desk.plan.rules, start=1)
    ]
    context = desk.context("rules", lines=lines, **more)
    return render(request, "lifecycle/design/rules.html", context, status=status)


def _components(request: HttpRequest, slug: str, *, status: int = 200, **more: Any) -> HttpResponse:
    desk = Desk.of(slug)
    lines = [(one, sentence_of(one.condition)) for one in desk.plan.components]
    context = desk.context("components", lines=lines, **more)
    return render(request, "lifecycle/design/components.html", context, status=status)


@require_safe
@requires(Capability.EDIT_MODELS)
def draft_stages(request: HttpRequest, slug: str) -> HttpResponse:
    return _stages(request, slug)


@require_safe
@requires(Capability.EDIT_MODELS)
def draft_rules(request: HttpRequest, slug: str) -> HttpResponse:
    return _rules(request, slug)


@require_safe
@requires(Capability.EDIT_MODELS)
def draft_components(request: HttpRequest, slug: str) -> HttpResponse:
    return _components(request, slug)


def _by(request: HttpRequest) -> int:
    return -1 if request.POST.get("by") == "up" else 1


@require_POST
@requires(Capability.EDIT_MODELS)
def draft_stage_place(request: HttpRequest, slug: str, stage: str) -> HttpResponse:
    by = _by(request)
    return _press(request, slug, "stages", _stages, lambda plan: steps.move_stage(plan, stage, by))


@require_POST
@requires(Capability.EDIT_MODELS)
def draft_stage_retirement(request: HttpRequest, slug: str, stage: str) -> HttpResponse:
    return _press(request, slug, "stages", _stages, lambda plan: steps.retire_stage(plan, stage))


@require_POST
@requires(Capability.EDIT_MODELS)
def draft_rule_place(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    by = _by(request)
    return _press(request, slug, "rules", _rules, lambda plan: steps.move_rule(plan, key, by))


@require_POST
@requires(Capability.EDIT_MODELS)
def draft_rule_removal(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    return _press(request, slug, "rules", _rules, lambda plan: steps.remove_rule(plan, key))


@require_POST
@requires(Capability.EDIT_MODELS)
def draft_component_place(request: HttpRequest, slug: str, component: str) -> HttpResponse:
    by = _by(request)
    return _press(
        request, slug, "components", _components, lambda plan: steps.move_component(plan, component, by)
    )


@require_POST
@requires(Capability.EDIT_MODELS)
def draft_component_removal(request: HttpRequest, slug: str, component: str) -> HttpResponse:
    return _press(
        request, slug, "components", _components, lambda plan: steps.remove_component(plan, component)
    )


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

    status, more = _fill(request, desk, form, step) if form.is_bound else (200, {})
    if status == 302:
        return redirect("draft-stages", slug=slug)
    context = desk.context("stages", **({"form": form, "stage": before} | more))
    return render(request, "lifecycle/design/stage.html", context, status=status)


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

    status, more = 200, dict[str, Any]()
    if form.is_bound and is_being_built(request.POST):
        form = form.under_way()
    elif form.is_bound:
        status, more = _fill(request, desk, form, step)
    if status == 302:
        return redirect("draft-rules", slug=slug)
    context = desk.context("rules", **({"form": form, "rule": before} | more))
    return render(request, "lifecycle/design/rule.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def draft_component(request: HttpRequest, slug: str, component: str = "") -> HttpResponse:
    desk = Desk.of(slug)
    before = desk.plan.component(component)
    if component and before is None:
        raise Http404
    form = ComponentForm.of(before, desk.read, request.POST or None)

    def step() -> Step:
        taken = set(desk.model.components.values_list("slug", flat=True))
        key = component or slug_for(next(iter(form.labels().values())), taken, otherwise="component")
        made = ComponentPlan(key, form.labels(), form.cleaned_data["conditions"])
        return lambda plan: steps.put_component(plan, made)

    status, more = 200, dict[str, Any]()
    if form.is_bound and is_being_built(request.POST):
        form = form.under_way()
    elif form.is_bound:
        status, more = _fill(request, desk, form, step)
    if status == 302:
        return redirect("draft-components", slug=slug)
    context = desk.context("components", **({"form": form, "component": before} | more))
    return render(request, "lifecycle/design/component.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def draft_names(request: HttpRequest, slug: str) -> HttpResponse:
    desk = Desk.of(slug)
    form = ModelNamesForm.of(desk.plan, desk.read, request.POST or None)

    def step() -> Step:
        return lambda plan: replace(plan, labels=form.labels(), description=form.description())

    status, more = _fill(request, desk, form, step) if form.is_bound else (200, {})
    if status == 302:
        return redirect("draft-names", slug=slug)
    context = desk.context("names", **({"form": form} | more))
    return render(request, "lifecycle/design/names.html", context, status=status)


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
