"""Pages about surveys: which there are, what they ask, and what customers answered."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.models import Invitation, Survey
from campaigns.surveys import archiving, links
from campaigns.surveys.asking import invite_by_link, why_not
from campaigns.surveys.forms import SurveyForm
from campaigns.surveys.responses import (
    ResponseFilters,
    Spread,
    lines,
    responses_of,
    surveys_for_list,
    with_stage,
)
from campaigns.surveys.wording import USUAL
from campaigns.taking_out import survey_lines
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.exports import also_as_file, exported
from clm.accounts.views.signed_in import me
from clm.base import clock, keyset, panels
from customers.models import Customer
from lifecycle.models import Stage

PAGE = 25


def _listed(request: HttpRequest) -> "QuerySet[Survey]":
    return surveys_for_list(me(request), archived=request.GET.get("show") == "archived")


@require_safe
@requires(Capability.VIEW_CAMPAIGNS)
@also_as_file("surveys", lambda request: survey_lines(_listed(request)))
def surveys(request: HttpRequest) -> HttpResponse:
    is_archive = request.GET.get("show") == "archived"
    context = {
        "surveys": _listed(request),
        "is_archive": is_archive,
        "has_archived": is_archive or Survey.objects.exclude(archived_at=None).exists(),
        "may_edit": may(me(request), Capability.EDIT_CAMPAIGNS),
        "may_import": may(me(request), Capability.IMPORT),
    }
    return render(request, "campaigns/surveys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CAMPAIGNS)
def survey_new(request: HttpRequest) -> HttpResponse:
    form = SurveyForm(request.POST or None, initial={"name": _("NPS")})
    if form.is_valid():
        made = Survey.objects.establish(by=me(request), **form.values())
        messages.success(request, _("%(survey)s was added.") % {"survey": made})
        return redirect("survey", pk=made.pk)
    return _form(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CAMPAIGNS)
def survey_edit(request: HttpRequest, pk: int) -> HttpResponse:
    survey = get_object_or_404(Survey, pk=pk)
    form = SurveyForm(request.POST or None, instance=get_object_or_404(Survey, pk=pk))
    if form.is_valid():
        survey.change(by=me(request), **form.values())
        messages.success(request, _("Saved."))
        return redirect("survey", pk=pk)
    return _form(request, form, survey)


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def survey_archiving(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Survey.objects.usable(), pk=pk)
    try:
        archiving.archive(found, by=me(request))
    except archiving.StillAsks as refusal:
        messages.error(request, str(refusal))
        return redirect("survey", pk=pk)
    messages.success(request, _("“%(name)s” is put away.") % {"name": found})
    return redirect("surveys")


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def survey_return(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Survey, pk=pk)
    archiving.bring_back(found, by=me(request))
    messages.success(request, _("“%(name)s” is back.") % {"name": found})
    return redirect("survey", pk=pk)


def _form(request: HttpRequest, form: SurveyForm, survey: Survey | None = None) -> HttpResponse:
    context = {"form": form, "survey": survey, "previews": _previews(survey) if survey else {}}
    return render(request, "campaigns/survey_form.html", context, status=422 if form.is_bound else 200)


def _previews(survey: Survey) -> dict[str, str]:
    return {language: links.preview_path(survey, language) for language in USUAL}


@require_safe
@requires(Capability.VIEW_CAMPAIGNS)
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Survey, pk=pk)
    filters, stages = _filtered(request, shown)
    rows = filters.narrowed()
    page = keyset.page(
        rows.select_related("customer"), sort="-occurred_at", cursor=request.GET.get("after", ""), size=PAGE
    )
    by_id = {stage.pk: stage for stage in stages}
    context = {
        "survey": shown,
        "words": shown.wording(get_language() or "", company=_("your company")),
        "filters": filters,
        "spread": Spread.of(rows),
        "page": page,
        "rows": [(row, by_id.get(row.stage_then)) for row in page.rows],
        "top_panels": panels.shown("survey", "top", request, shown),
        "previews": _previews(shown),
        "may_edit": may(me(request), Capability.EDIT_CAMPAIGNS),
        "may_export": may(me(request), Capability.EXPORT),
    }
    return render(request, "campaigns/survey.html", context)


@require_safe
@requires(Capability.EXPORT)
def survey_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The answers as the page shows them, all of them."""
    shown = get_object_or_404(Survey, pk=pk)
    filters, stages = _filtered(request, shown)
    if not filters.is_valid():
        return redirect("survey", pk=pk)
    rows = lines(filters.narrowed(), {stage.pk: stage for stage in stages})
    name = f"{shown.slug}-responses"
    return exported(request, rows, name=name, action="responses.exported", subject=shown)


def _filtered(request: HttpRequest, shown: Survey) -> tuple[ResponseFilters, list[Stage]]:
    stages = list(Stage.objects.settled().filter(model__is_primary=True).in_order())
    rows = with_stage(responses_of(shown, me(request)))
    return ResponseFilters(request.GET, queryset=rows, stages=stages), stages


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def survey_link(request: HttpRequest, pk: int, survey: int) -> HttpResponse:
    """A link for one customer, to hand over by whatever means."""
    customer = get_object_or_404(Customer.objects.visible_to(me(request)).present(), pk=pk)
    asked = get_object_or_404(Survey.objects.usable(), pk=survey)
    at = clock.now()
    reason = why_not(asked, customer, at)
    invitation = invite_by_link(asked, customer, by=me(request))
    if reason and invitation.occurred_at >= at:  # a link that is still open asks nothing new
        messages.warning(request, reason)
    return redirect("survey-invitation", pk=pk, invitation=invitation.pk)


@require_safe
@requires(Capability.EDIT_CUSTOMERS)
def survey_invitation(request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
    """The link, to copy."""
    customer = get_object_or_404(Customer.objects.visible_to(me(request)), pk=pk)
    found = get_object_or_404(
        Invitation.objects.live().select_related("survey", "customer"), pk=invitation, customer=customer
    )
    context = {
        "customer": customer,
        "invitation": found,
        "address": links.address_of(found),
        "words": found.survey.wording(customer.language or get_language() or ""),
    }
    return render(request, "campaigns/survey_link.html", context)
