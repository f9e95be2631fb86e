"""The list of companies, one company's page, making and changing them, and their names while one types."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.saved_views import Views
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from clm.base import keyset, panels, timeline
from clm.base.columns import offered
from customers import companies as verbs
from customers.companies import CompanyForeign, CompanyTaken, StaleCompany
from customers.company_forms import CompanyForm
from customers.company_pages import CompanyListing, leads_of, named_like, people_of, sums_of
from customers.company_timeline import Firm
from customers.models import Company
from customers.once_called import now_at
from customers.taking_out import company_lines
from customers.views.profile import instant

PEOPLE_SHOWN = 25
LEADS_SHOWN = 10


def _visible(request: HttpRequest, pk: int) -> Company:
    rows = Company.objects.visible_to(me(request)).select_related("owner", "team")
    return get_object_or_404(rows, pk=pk)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
@also_as_file("companies", lambda request: company_lines(CompanyListing(request.GET, me(request))))
def companies(request: HttpRequest) -> HttpResponse:
    listing, views = CompanyListing(request.GET, me(request)), Views("companies", request, me(request))
    if begun := views.beginning():
        return begun
    context = {
        "listing": listing,
        "may_edit": may(me(request), Capability.EDIT_CUSTOMERS),
        "views": views,
        "whole": views.whole,
    }
    return render(request, "companies/companies.html", context)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def companies_named(request: HttpRequest) -> HttpResponse:
    """Options for the field in which a company is typed."""
    text = request.GET.get("company", "").replace("\x00", "").strip()[:200]
    return render(request, "companies/_named.html", {"names": named_like(text, me(request))})


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def company(request: HttpRequest, pk: int) -> HttpResponse:
    user = me(request)
    if not Company.objects.filter(pk=pk).exists() and (kept := now_at(pk)):
        return redirect("company", pk=kept, permanent=True)
    shown = _visible(request, pk)
    stage = offered("customers").get("stage")
    people = people_of(shown, user).select_related("owner", "purchases")
    context = {
        "company": shown,
        "sums": sums_of(shown, user),
        "stage_column": stage,
        "main_panels": panels.shown("company", "main", request, shown),
        "people": keyset.page(
            stage.annotate(people) if stage else people,
            sort="name",
            cursor=request.GET.get("after", ""),
            size=PEOPLE_SHOWN,
        ),
        "leads": leads_of(shown, user, most=LEADS_SHOWN),
        "sources": timeline.sources("company").values(),
        "currency": Organisation.objects.current().currency,
        "may_edit": may(user, Capability.EDIT_CUSTOMERS),
    }
    return render(request, "companies/company.html", context)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def company_timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """A stretch of the timeline, for the page that asks for it; a page of its own without htmx."""
    shown = _visible(request, pk)
    sources, only = timeline.sources("company"), request.GET.get("only", "")
    if only and only not in sources:
        raise BadRequest(_("There is no such kind of entry."))
    before = instant(request.GET.get("before", ""))
    stretch = timeline.read("company", Firm(shown, me(request)), before=before, only=only)
    context = {
        "company": shown,
        "stretch": stretch,
        "next_before": stretch.next.isoformat() if stretch.next else "",
        "is_first": before is None,
        "only": only,
        "sources": sources.values(),
    }
    is_part = request.headers.get("HX-Request")
    return render(request, f"companies/{'_stretch' if is_part else 'timeline'}.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def company_new(request: HttpRequest) -> HttpResponse:
    form = CompanyForm(request.POST if request.method == "POST" else None, user=me(request))
    if not form.is_valid():
        return _form(request, form, status=422 if form.is_bound else 200)
    try:
        made = verbs.create(by=me(request), values=form.values())
    except (ValidationError, CompanyTaken) as refusal:
        return _refused(request, form, refusal)
    messages.success(request, _("%(company)s was added.") % {"company": made})
    return _after(request, made)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def company_edit(request: HttpRequest, pk: int) -> HttpResponse:
    edited = _visible(request, pk)
    form = CompanyForm(request.POST if request.method == "POST" else None, user=me(request), company=edited)
    if not form.is_valid():
        return _form(request, form, status=422 if form.is_bound else 200, company=edited)
    try:
        verbs.change(edited, by=me(request), values=form.values(), expected=form.read_at())
    except StaleCompany as stale:
        form.take_stale(stale.current)
        return _form(request, form, status=409, company=edited)
    except (ValidationError, CompanyTaken, CompanyForeign) as refusal:
        return _refused(request, form, refusal, company=edited)
    messages.success(request, _("Saved."))
    return _after(request, edited)


def _after(request: HttpRequest, saved: Company) -> HttpResponse:
    """Its page; the list for those who gave it away and see it no longer."""
    is_seen = Company.objects.visible_to(me(request)).filter(pk=saved.pk).exists()
    return redirect("company", pk=saved.pk) if is_seen else redirect("companies")


def _form(request: HttpRequest, form: CompanyForm, *, status: int, **context: Any) -> HttpResponse:
    return render(request, "companies/company_form.html", {"form": form} | context, status=status)


def _refused(request: HttpRequest, form: CompanyForm, refusal: Exception, **context: Any) -> HttpResponse:
    if isinstance(refusal, CompanyTaken):
        form.add_error("name", str(refusal))
        holder = Company.objects.visible_to(me(request)).filter(pk=refusal.holder.pk).first()
        return _form(request, form, status=409, holder=holder, **context)
    if isinstance(refusal, ValidationError):
        form.take(refusal)
    if isinstance(refusal, CompanyForeign):
        form.add_error(None, str(refusal))
        return _form(request, form, status=409, **context)
    return _form(request, form, status=422, **context)
