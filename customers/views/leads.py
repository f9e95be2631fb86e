"""The list of leads, one lead's page, opening and editing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clm.accounts import bulk
from clm.accounts.models import Organisation, User
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.saved_views import Views
from clm.accounts.views.signed_in import me
from clm.base import panels
from customers import profiles
from customers.leads import pursuing
from customers.leads.board import LeadBoard
from customers.leads.converting import filling_of
from customers.leads.forms import LeadForm, OpenLeadForm, differences, read_anew
from customers.leads.history import history_of
from customers.leads.listing import LeadListing
from customers.leads.matching import Match, matches
from customers.leads.opening import open_lead, open_once
from customers.leads.pipelines import Pipelines
from customers.leads.stepping import StaleLead
from customers.models import Customer, Lead

ALL_OF_IT = 2_000


def visible_lead(user: User, pk: int) -> Lead:
    related = ("customer", "customer__company", "customer__owner", "owner", "team", "channel", "converted_by")
    return get_object_or_404(Lead.objects.visible_to(user).select_related(*related), pk=pk)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def leads(request: HttpRequest) -> HttpResponse:
    user, listing = me(request), LeadListing(request.GET, me(request))
    views = Views("leads", request, user)
    if begun := views.beginning():
        return begun
    listing.pipelines.mark(listing.page.rows)
    is_bare = not listing.page.rows and not listing.is_narrowed
    context = {
        "listing": listing,
        "is_new_here": is_bare and not listing.seen.exists(),
        "is_bare": is_bare,
        "may_edit": may(user, Capability.EDIT_CUSTOMERS),
        "may_export": may(user, Capability.EXPORT),
        "bulk": _bar(listing),
        "views": views,
        "whole": views.whole,
    }
    return render(request, "leads/leads.html", context)


def _bar(listing: LeadListing) -> bulk.Bar:
    """What can be done to the leads that are ticked. Its rows are those of the tab one sees."""
    query = listing.query.copy()
    query.pop("after", None)
    query["tab"] = listing.tab
    has_more = bool(listing.page.next or listing.page.previous)
    return bulk.bar_for("leads", listing.user, query=query.urlencode(), has_more=has_more)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def leads_filters(request: HttpRequest) -> HttpResponse:
    """Every filter there is, set as in the address: for the drawer, or a page of its own without htmx."""
    is_part = request.headers.get("HX-Request")
    kind = LeadBoard if "board" in request.GET else LeadListing
    context = {"listing": kind(request.GET, me(request))}
    return render(request, f"leads/{'_filters' if is_part else 'filters'}.html", context)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def leads_count(request: HttpRequest) -> HttpResponse:
    """How many the list holds, for a page that came before its count."""
    context = {"listing": LeadListing(request.GET, me(request)), "is_asked_now": True}
    return render(request, "leads/_count.html", context)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def lead(request: HttpRequest, pk: int) -> HttpResponse:
    user, shown = me(request), visible_lead(me(request), pk)
    pipelines = Pipelines.read()
    pipelines.mark([shown])
    path = pipelines.way_of(shown)
    others = (
        Lead.objects.filter(customer=shown.customer)
        .exclude(pk=pk)
        .select_related("customer")
        .order_by("-opened_at")
    )
    context = {
        "lead": shown,
        "is_overdue": shown.is_overdue(localdate()),
        "path": path,
        "reached": path.index(shown.shown_in) if shown.shown_in in path else -1,
        "header_panels": panels.shown("customer", "header", request, shown.customer),
        "main_panels": panels.shown("lead", "main", request, shown),
        "side_panels": panels.shown("lead", "side", request, shown),
        "history": history_of(shown, most=ALL_OF_IT if "history" in request.GET else None),
        "has_more_history": "history" not in request.GET,
        "others": others[:10],
        "opened_on": _opened_on(user, shown),
        "given": _given(shown) if shown.outcome != "won" else [],
        "may_edit": may(user, Capability.EDIT_CUSTOMERS),
        "is_mine": shown.owner_id == user.pk,
        "currency": Organisation.objects.current().currency,
    }
    return render(request, "leads/lead.html", context)


def _opened_on(user: User, lead: Lead) -> Customer | None:
    """The customer it was opened on, where it was won for another."""
    if lead.original_customer_id == lead.customer_id:
        return None
    return Customer.objects.visible_to(user).present().filter(pk=lead.original_customer_id).first()


def _given(lead: Lead) -> list[tuple[str, str]]:
    """What came with the lead and is not so with the customer."""
    filling = filling_of(lead, lead.customer)
    return [*filling.filled.items(), *((one.field, one.given) for one in filling.conflicts)]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def lead_new(request: HttpRequest) -> HttpResponse:
    """On the customer of `?customer=`, or for a person: then those they may be are shown first."""
    user, customer = me(request), _asked_customer(request)
    form = OpenLeadForm(request.POST if request.method == "POST" else None, customer=customer, user=user)
    if not form.is_valid():
        return _form(request, form, status=422 if form.is_bound else 200, customer=customer)
    offered = [] if customer else matches(form.person(), seen_by=user)
    whose = customer or form.chosen(offered)
    if offered and not whose and not form.is_new:
        return _form(request, form, status=200, matches=offered, new_is_possible=_may_be_new(offered))
    return _open(request, form, whose)


def _asked_customer(request: HttpRequest) -> Customer | None:
    text = request.GET.get("customer", "")
    if not text:
        return None
    pk = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    return get_object_or_404(Customer.objects.visible_to(me(request)).present(), pk=pk)


def _may_be_new(offered: list[Match]) -> bool:
    """An e-mail address names one customer."""
    return all(match.by != "email" for match in offered)


def _open(request: HttpRequest, form: OpenLeadForm, whose: Customer | None) -> HttpResponse:
    user, values, person = me(request), form.opened_with(), form.person()
    note = form.cleaned_data["note"]

    def make() -> Lead:
        return open_lead(by=user, customer=whose, person=person, values=values, note=note)

    asked = {"whose": whose, "values": values, "person": person, "note": note}
    try:
        opened = open_once(str(form.cleaned_data["token"] or ""), by=user, asked=asked, make=make)
    except profiles.IdentityTaken as taken:
        form.add_error(taken.field if taken.field in form.fields else None, _taken())
        return _form(request, form, status=409, customer=form.customer)
    except ValidationError as refusal:
        form.take(refusal)
        return _form(request, form, status=422, customer=form.customer)
    messages.success(request, _("The lead on %(customer)s is open.") % {"customer": opened.customer})
    return after(user, opened)


def _taken() -> str:
    return _(
        "This already names a customer whom you don't see. Ask a manager to open the lead and give it to you."
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def lead_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user, edited = me(request), visible_lead(me(request), pk)
    form = LeadForm(request.POST if request.method == "POST" else None, lead=edited, user=user)
    if not form.is_valid():
        return _form(request, form, status=422 if form.is_bound else 200, lead=edited)
    if form.read_at() is None:
        return _stale(request, form, edited)
    try:
        pursuing.change(edited, by=user, values=form.values(), expected=form.read_at())
    except ValidationError as refusal:
        form.take(refusal)
        return _form(request, form, status=422, lead=edited)
    except StaleLead as stale:
        return _stale(request, form, stale.current)
    messages.success(request, _("Saved."))
    return after(user, edited)


def after(user: User, lead: Lead) -> HttpResponse:
    """Its page; the list for those who gave it away and see it no longer."""
    is_seen = Lead.objects.visible_to(user).filter(pk=lead.pk).exists()
    return redirect("lead", pk=lead.pk) if is_seen else redirect("leads")


def _form(request: HttpRequest, form: LeadForm, *, status: int, **context: Any) -> HttpResponse:
    return render(request, "leads/lead_form.html", {"form": form} | context, status=status)


def _stale(request: HttpRequest, form: LeadForm, current: Lead) -> HttpResponse:
    """Both values side by side; saving again then replaces what is there now, knowingly."""
    told = list(differences(form, current))
    read_anew(form, current)
    return _form(request, form, status=409, lead=current, conflicts=told)
