"""Campaigns: the list, one campaign and how it is doing, and its life."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import counting, running
from campaigns.drafting import establish
from campaigns.forms import CampaignNameForm
from campaigns.models import Campaign, CampaignVersion, Message, Outcome, Step, StepKind, VersionStatus
from campaigns.presets import CannotInstall, cards, install
from campaigns.taking_out import campaign_lines
from campaigns.telling import ICONS, StepLine, ends_of, entries_of, entry_of, needs_of, step_sentence
from campaigns.views.posting import posted
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from clm.base import keyset

TONES = {"draft": "", "running": "success", "paused": "warning", "finished": ""}


def may_edit(request: HttpRequest) -> bool:
    return may(me(request), Capability.EDIT_CAMPAIGNS)


@require_safe
@requires(Capability.VIEW_CAMPAIGNS)
@also_as_file("campaigns", lambda _request: campaign_lines())
def campaigns(request: HttpRequest) -> HttpResponse:
    page = keyset.page(
        counting.for_list(Campaign.objects.all()), sort="-created_at", cursor=request.GET.get("after", "")
    )
    newest = counting.newest_versions([campaign.pk for campaign in page.rows])
    entries = entries_of(newest.values())
    context = {
        "page": page,
        "lines": [
            (campaign, entries[newest[campaign.pk].pk], TONES[campaign.status]) for campaign in page.rows
        ],
        "presets": cards(),
        "doubtful": Message.objects.in_doubt().count(),
        "may_edit": may_edit(request),
    }
    return render(request, "campaigns/campaigns.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_new(request: HttpRequest) -> HttpResponse:
    form = CampaignNameForm(posted(request))
    if request.method == "POST" and form.is_valid():
        made = establish(name=form.cleaned_data["name"], by=me(request))
        return redirect("campaign-edit", pk=made.pk)
    return render(
        request, "campaigns/campaign_new.html", {"form": form}, status=422 if form.is_bound else 200
    )


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_choice(request: HttpRequest, preset: str) -> HttpResponse:
    """A ready-made campaign, as a draft with its texts."""
    try:
        made = install(preset, by=me(request))
    except KeyError as error:
        raise Http404 from error
    except CannotInstall as refusal:
        messages.error(request, str(refusal))
        return redirect("campaigns")
    return redirect("campaign", pk=made.pk)


@require_safe
@requires(Capability.VIEW_CAMPAIGNS)
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=pk)
    versions = Versions.of(found)
    steps = list(steps_of(versions.in_force))
    standing = counting.standing(found, versions.in_force)
    counts = counting.by_step(found, standing, steps)
    total = counting.total(counts.values())
    context = frame(request, found, "overview", doubtful=total.in_doubt) | {
        "version": versions.in_force,
        "draft": versions.draft,
        "entry": entry_of(versions.in_force),
        "steps": [step_line(step, counts.get(step.pk)) for step in steps],
        "ends": list(ends_of(versions.in_force)),
        "standing": standing,
        "total": total,
        "outcomes": Outcome.choices,
        "overdue": running.Overdue.choices,
    }
    return render(request, "campaigns/campaign.html", context)


@dataclass(frozen=True)
class Versions:
    """Of one campaign. `in_force` is the draft while nothing else is; `in_work` what the editor shows."""

    in_force: CampaignVersion
    in_work: CampaignVersion
    draft: CampaignVersion | None
    published: CampaignVersion | None

    @classmethod
    def of(cls, campaign: Campaign) -> "Versions":
        """One query. Raises Http404 for a campaign without any."""
        rows = list(campaign.versions.order_by("-number"))
        if not rows:
            raise Http404
        by_status = {version.status: version for version in rows if version.status != VersionStatus.RETIRED}
        draft, published = by_status.get(VersionStatus.DRAFT), by_status.get(VersionStatus.PUBLISHED)
        for version in rows:
            version.campaign = campaign
        return cls(published or draft or rows[0], draft or published or rows[0], draft, published)


def steps_of(version: CampaignVersion) -> "QuerySet[Step]":
    return version.steps.select_related("template").order_by("position")


def step_line(step: Step, counts: counting.Counts | None = None) -> StepLine:
    is_empty = step.kind == StepKind.MESSAGE and step.template is None
    return StepLine(
        step,
        ICONS[StepKind(step.kind)],
        step_sentence(step),
        needs_of(step),
        [_("Choose the template that it sends.")] if is_empty else [],
        counts or counting.Counts(),
    )


def frame(request: HttpRequest, found: Campaign, tab: str, *, doubtful: int = 0) -> dict[str, Any]:
    """What every page of one campaign shows."""
    return {
        "campaign": found,
        "tone": TONES[found.status],
        "tab": tab,
        "may_edit": may_edit(request),
        "doubtful": doubtful,
    }


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_pause(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=pk)
    if running.pause(found, by=me(request)):
        messages.success(request, _("Paused. Everybody stays where they are."))
    return redirect("campaign", pk=pk)


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_resumption(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=pk)
    skips = request.POST.get("overdue") == running.Overdue.SKIP
    try:
        running.resume(found, by=me(request), overdue=running.Overdue.SKIP if skips else running.Overdue.SEND)
    except running.CannotRun as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It runs again."))
    return redirect("campaign", pk=pk)


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_finish(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=pk)
    try:
        running.finish(found, by=me(request))
    except running.CannotRun as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Finished. Nobody gets another message from it."))
    return redirect("campaign", pk=pk)
