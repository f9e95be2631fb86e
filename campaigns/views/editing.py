"""Putting a campaign's draft together: who enters, what happens step by step, what ends it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import drafting
from campaigns.forms import STEP_FORMS, CampaignForm, EndsForm, StepForm, TriggerForm
from campaigns.models import Campaign, CampaignVersion, Step, StepKind, VersionStatus
from campaigns.publishing import Flaw, flaws
from campaigns.telling import ICONS, ends_of, entry_of, step_sentence
from campaigns.views.campaigns import frame, step_lines
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from clm.base.conditions.fields import is_being_built

BOTH = ["GET", "HEAD", "POST"]


def _draft(request: HttpRequest, pk: int) -> CampaignVersion:
    """404 for a finished campaign: nothing of it is edited any more."""
    try:
        return drafting.draft_of(get_object_or_404(Campaign, pk=pk), by=me(request))
    except drafting.CannotEdit as error:
        raise Http404 from error


def _shown(campaign: Campaign) -> CampaignVersion:
    found = campaign.draft() or campaign.published()
    if found is None:
        raise Http404
    return found


@require_safe
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_edit(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    version = _shown(campaign)
    found = list(flaws(version))
    context = frame(request, campaign, "edit") | {
        "version": version,
        "is_draft": version.status == VersionStatus.DRAFT,
        "is_changed": campaign.published() is not None and version.status == VersionStatus.DRAFT,
        "entry": entry_of(version),
        "steps": step_lines(version, {}, _by_step(found)),
        "ends": list(ends_of(version)),
        "flaws": found,
        "kinds": [(kind, label, ICONS[StepKind(kind)]) for kind, label in StepKind.choices],
    }
    return render(request, "campaigns/campaign_edit.html", context)


def _by_step(found: list[Flaw]) -> dict[int, list[str]]:
    by_step: dict[int, list[str]] = {}
    for flaw in found:
        if flaw.step:
            by_step.setdefault(flaw.step.pk, []).append(flaw.message)
    return by_step


@require_http_methods(BOTH)
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_settings(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    form = CampaignForm(request.POST or None, instance=Campaign.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        try:
            drafting.set_up(campaign, by=me(request), **form.values())
        except drafting.CannotEdit as refusal:
            messages.error(request, str(refusal))
        return redirect("campaign-edit", pk=pk)
    return _form_page(request, campaign, form, "campaigns/campaign_settings.html")


@require_http_methods(BOTH)
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_entry(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    form = TriggerForm(request.POST or None, trigger=_shown(campaign).trigger)
    if request.method == "POST" and form.is_valid():
        _draft(request, pk)
        drafting.shape(campaign, by=me(request), trigger=form.trigger())
        return redirect("campaign-edit", pk=pk)
    return _form_page(request, campaign, form, "campaigns/campaign_entry.html")


@require_http_methods(BOTH)
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_ends(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    if request.method != "POST":
        return _form_page(request, campaign, EndsForm.of(_shown(campaign)), "campaigns/campaign_ends.html")
    form = EndsForm(request.POST)
    if not is_being_built(request.POST, "exit_condition") and form.is_valid():
        _draft(request, pk)
        drafting.shape(campaign, by=me(request), **form.values())
        return redirect("campaign-edit", pk=pk)
    return _form_page(request, campaign, form, "campaigns/campaign_ends.html")


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_step_new(request: HttpRequest, pk: int) -> HttpResponse:
    kind = request.POST.get("kind", "")
    if kind not in StepKind.values:
        raise Http404
    _draft(request, pk)
    try:
        step = drafting.add_step(get_object_or_404(Campaign, pk=pk), kind, by=me(request))
    except drafting.CannotEdit as refusal:
        messages.error(request, str(refusal))
        return redirect("campaign-edit", pk=pk)
    return redirect("campaign-step", pk=pk, position=step.position)


@require_http_methods(BOTH)
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_step(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """The step that the editor shows at this place; saving it begins a draft where there is none."""
    campaign = get_object_or_404(Campaign, pk=pk)
    step = get_object_or_404(_shown(campaign).steps.select_related("template"), position=position)
    form: StepForm = STEP_FORMS[step.kind](request.POST or None, step=step)
    is_built = request.method == "POST" and is_being_built(request.POST, "condition")
    if request.method == "POST" and not is_built and form.is_valid():
        drafting.change_step(_draft_step(request, pk, position), by=me(request), **form.values())
        return redirect("campaign-edit", pk=pk)
    context = {"step": step, "sentence": step_sentence(step), "number": position + 1}
    return _form_page(request, campaign, form, "campaigns/campaign_step.html", **context)


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_step_move(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    drafting.move_step(
        _draft_step(request, pk, position), down=request.POST.get("to") == "down", by=me(request)
    )
    return redirect("campaign-edit", pk=pk)


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_step_removal(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    drafting.delete_step(_draft_step(request, pk, position), by=me(request))
    return redirect("campaign-edit", pk=pk)


def _draft_step(request: HttpRequest, pk: int, position: int) -> Step:
    return get_object_or_404(Step, version=_draft(request, pk), position=position)


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_draft_removal(request: HttpRequest, pk: int) -> HttpResponse:
    drafting.discard(get_object_or_404(Campaign, pk=pk), by=me(request))
    return redirect("campaign", pk=pk)


def _form_page(
    request: HttpRequest, campaign: Campaign, form: Any, name: str, **context: Any
) -> HttpResponse:
    is_refused = form.is_bound and not any(key.endswith("-do") for key in request.POST)
    return render(
        request, name, {"campaign": campaign, "form": form, **context}, status=422 if is_refused else 200
    )
