"""Putting a campaign's draft together: who enters, what happens step by step, what ends it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import drafting
from campaigns.forms import STEP_FORMS, CampaignForm, EndsForm, StepForm, TriggerForm
from campaigns.models import Campaign, CampaignVersion, Step, StepKind
from campaigns.publishing import flaws
from campaigns.telling import ICONS, ends_of, entry_of, step_sentence
from campaigns.views.campaigns import Versions, frame, step_line, steps_of
from campaigns.views.posting import posted
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
    return Versions.of(campaign).in_work


@require_safe
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_edit(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    versions = Versions.of(campaign)
    context = frame(request, campaign, "edit") | {
        "version": versions.in_work,
        "is_draft": versions.draft is not None,
        "is_changed": versions.draft is not None and versions.published is not None,
        "entry": entry_of(versions.in_work),
        "steps": [step_line(step) for step in steps_of(versions.in_work)],
        "ends": list(ends_of(versions.in_work)),
        "kinds": [(kind, label, ICONS[StepKind(kind)]) for kind, label in StepKind.choices],
    }
    return render(request, "campaigns/campaign_edit.html", context)


@require_safe
@requires(Capability.VIEW_CAMPAIGNS)
def campaign_flaws(request: HttpRequest, pk: int) -> HttpResponse:
    """What is still missing in the draft: every text is tried out, so pages ask for it when they are shown."""
    campaign = get_object_or_404(Campaign, pk=pk)
    draft = Versions.of(campaign).draft
    context = frame(request, campaign, request.GET.get("tab", "")) | {
        "flaws": list(flaws(draft)) if draft else [],
        "is_complete": draft is not None,
    }
    return render(request, "campaigns/_flaws.html", context)


@require_http_methods(BOTH)
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_settings(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    form = CampaignForm(posted(request), instance=Campaign.objects.get(pk=pk))
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
    form = TriggerForm(posted(request), trigger=_shown(campaign).trigger)
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
    form: StepForm = STEP_FORMS[step.kind](posted(request), step=step)
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
