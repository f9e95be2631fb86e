"""The last look before a campaign starts: who would enter, who would not get it and why, and every mail."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import running
from campaigns.models import Campaign, CampaignStatus, CampaignVersion, Step, StepKind, TemplateText
from campaigns.preflight import Preflight, preflight
from campaigns.previewing import filled
from campaigns.publishing import CannotPublish, flaws, publish
from campaigns.rendering import CannotRender
from campaigns.telling import entry_of
from campaigns.views.campaigns import frame
from campaigns.views.framing import is_framed, mail_document, shows_frames
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me


@shows_frames
@require_safe
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_review(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    version = campaign.draft()
    if version is None:
        return redirect("campaign", pk=pk)
    found = list(flaws(version))
    context = frame(request, campaign, "edit") | {
        "version": version,
        "flaws": found,
        "facts": None if found else preflight(campaign, version),
        "entry": entry_of(version),
        "mails": _mails(version),
        "is_first": campaign.status == CampaignStatus.DRAFT,
    }
    return render(request, "campaigns/campaign_review.html", context)


def _mails(version: CampaignVersion) -> list[tuple[Step, list[tuple[str, str]]]]:
    """Every message with the languages it is written in, the reader's own first."""
    steps = version.steps.filter(kind=StepKind.MESSAGE, template__isnull=False).order_by("position")
    found = steps.select_related("template").prefetch_related("template__texts")
    return [
        (
            step,
            sorted(
                ((text.language, text.get_language_display()) for text in step.template.texts.all()),
                key=lambda each: (each[0] != get_language(), each[1]),
            ),
        )
        for step in found
        if step.template
    ]


@is_framed
@require_safe
@requires(Capability.VIEW_CAMPAIGNS)
def template_mail(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """A template's mail as saved, for nobody in particular: a document for a frame."""
    text = get_object_or_404(TemplateText, template=pk, language=language)
    try:
        return mail_document(filled(text, None).html)
    except CannotRender as error:
        raise Http404 from error


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def campaign_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the draft in force. The first time the campaign starts; `whom` is "present" or "newcomers"."""
    campaign = get_object_or_404(Campaign, pk=pk)
    includes_present = request.POST.get("whom") == "present"
    try:
        draft = campaign.draft()
        if draft and includes_present and not list(flaws(draft)):
            sentence = _unconfirmed(preflight(campaign, draft), request.POST.get("typed", ""))
            if sentence:
                messages.error(request, sentence)
                return redirect("campaign-review", pk=pk)
        with transaction.atomic():
            publish(campaign, by=me(request))
            if campaign.status == CampaignStatus.DRAFT:
                running.launch(campaign, by=me(request), includes_present=includes_present)
    except (CannotPublish, running.CannotRun) as refusal:
        messages.error(request, str(refusal))
        return redirect("campaign-review", pk=pk)
    messages.success(request, _("It is in force. Whoever enters from now on gets this."))
    return redirect("campaign", pk=pk)


def _unconfirmed(facts: Preflight, typed: str) -> str:
    """More than a thousand at once are to be named by their number."""
    digits = "".join(character for character in typed if character.isdigit())
    if not facts.needs_confirmation or digits == str(facts.enter):
        return ""
    return _("Nothing was started. Type the number of customers, %(number)s, to confirm.") % {
        "number": facts.enter
    }
