"""Who is in a campaign and why they are where they are, its messages, and those in doubt."""

from typing import Any

from django.contrib import messages as notes
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from campaigns import doubt, running
from campaigns.models import Campaign, Enrollment, Message, MessageState, Outcome
from campaigns.taking_out import message_lines, people_lines
from campaigns.telling import step_sentence
from campaigns.views.campaigns import frame, may_edit
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from clm.base import keyset
from customers.models import Customer


def _runs(request: HttpRequest, campaign: Campaign) -> "QuerySet[Enrollment]":
    """`?outcome=` is "active", one of the outcomes, or nothing for all."""
    asked = request.GET.get("outcome", "")
    if asked not in ("", "active", *Outcome.values):
        raise Http404
    runs = Enrollment.objects.filter(campaign=campaign).select_related("customer", "version")
    if asked:
        runs = runs.active() if asked == "active" else runs.filter(outcome=asked)
    return _seen(request, runs)


@require_safe
@requires(Capability.VIEW_CAMPAIGNS)
@also_as_file(
    "campaign-people", lambda request, pk: people_lines(_runs(request, get_object_or_404(Campaign, pk=pk)))
)
def campaign_people(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=pk)
    page = keyset.page(_runs(request, found), sort="-entered_at", cursor=request.GET.get("after", ""))
    context = frame(request, found, "people") | {
        "page": page,
        "lines": [(run, _where(run, steps)) for steps in [_steps(page.rows)] for run in page.rows],
        "asked": request.GET.get("outcome", ""),
        "outcomes": [("active", _("In it now")), *Outcome.choices],
    }
    return render(request, "campaigns/campaign_people.html", context)


def _steps(runs: Any) -> dict[tuple[int, int], str]:
    """The sentence of each step of the versions these runs are on."""
    versions = {run.version_id: run.version for run in runs}
    return {
        (version.pk, step.position): step_sentence(step)
        for version in versions.values()
        for step in version.steps.select_related("template")
    }


def _where(run: Enrollment, steps: dict[tuple[int, int], str]) -> str:
    if run.finished_at:
        return ": ".join(filter(None, [run.get_outcome_display(), run.reason]))
    following = steps.get((run.version_id, run.position))
    return _("Next: %(step)s") % {"step": following} if following else _("After the last step")


def _seen(request: HttpRequest, rows: "QuerySet[Any]") -> "QuerySet[Any]":
    user = me(request)
    if not user.is_restricted:
        return rows
    return rows.filter(customer__in=Customer.objects.visible_to(user).values("pk"))


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_person_removal(request: HttpRequest, pk: int, enrollment: int) -> HttpResponse:
    run = get_object_or_404(Enrollment, pk=enrollment, campaign=pk)
    if running.remove(run, by=me(request)):
        notes.success(request, _("%(customer)s is out of the campaign.") % {"customer": run.customer})
    return redirect("campaign-people", pk=pk)


@require_safe
@requires(Capability.VIEW_CAMPAIGNS)
@also_as_file("campaign-messages", lambda request, pk: message_lines(_messages(request, _of_campaign(pk))))
def campaign_messages(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=pk)
    context = frame(request, found, "messages") | _page(request, _of_campaign(pk))
    return render(request, "campaigns/campaign_messages.html", context)


def _of_campaign(pk: int) -> "QuerySet[Message]":
    return Message.objects.filter(campaign=get_object_or_404(Campaign, pk=pk))


@require_safe
@requires(Capability.VIEW_CAMPAIGNS)
@also_as_file(
    "messages-in-doubt", lambda request: message_lines(_messages(request, Message.objects.in_doubt()))
)
def messages_in_doubt(request: HttpRequest) -> HttpResponse:
    context = {"may_edit": may_edit(request)} | _page(request, Message.objects.in_doubt())
    return render(request, "campaigns/messages_in_doubt.html", context)


def _messages(request: HttpRequest, rows: "QuerySet[Message]") -> "QuerySet[Message]":
    """Those whom the reader sees, in the asked state."""
    state = request.GET.get("state", "")
    if state not in ("", *MessageState.values):
        raise Http404
    if state:
        rows = rows.filter(state=state)
    return _seen(request, rows).select_related("customer", "campaign", "step__template")


def _page(request: HttpRequest, rows: "QuerySet[Message]") -> dict[str, Any]:
    found = _messages(request, rows)
    page = keyset.page(found, sort="-queued_at", cursor=request.GET.get("after", ""))
    return {"page": page, "asked": request.GET.get("state", ""), "states": MessageState.choices}


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def messages_decision(request: HttpRequest) -> HttpResponse:
    """For the chosen messages in doubt (`pk`), or all of them: `again` or `sent`."""
    ids = [
        int(text)
        for text in request.POST.getlist("pk")
        if text.isascii() and text.isdigit() and len(text) < 19
    ]
    chosen = Message.objects.filter(pk__in=ids)
    if request.POST.get("decision") == "again":
        number = doubt.send_again(chosen, by=me(request))
        notes.success(
            request,
            ngettext("%(count)d message is sent again.", "%(count)d messages are sent again.", number)
            % {"count": number},
        )
    elif request.POST.get("decision") == "sent":
        number = doubt.count_as_sent(chosen, by=me(request))
        notes.success(
            request,
            ngettext("%(count)d message counts as sent.", "%(count)d messages count as sent.", number)
            % {"count": number},
        )
    else:
        raise Http404
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if is_ours and back.startswith("/") else "messages-in-doubt")
