"""One customer's page, and making and changing them by hand."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.signed_in import me
from clm.base import panels, timeline
from customers import profiles, registering
from customers.forms import CustomerForm, differences, read_anew
from customers.leads.matching import Match, matches
from customers.models import Customer
from customers.panels import in_short

PERSON = ("name", "first_name", "last_name", "email", "phone", "company", "country")
PLACES = ("header", "top", "main", "side")


def _visible(user: User, pk: int) -> Customer:
    return get_object_or_404(_rows(user), pk=pk)


def _present(user: User, pk: int) -> Customer:
    """Not one that was merged: its addresses lead on (`customers.moved_on`)."""
    return get_object_or_404(Customer.objects.visible_to(user).present(), pk=pk)


def _rows(user: User) -> QuerySet[Customer]:
    return Customer.objects.visible_to(user).select_related("company", "owner", "team", "purchases", "score")


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; the address of a customer that was merged leads to the one it became."""
    shown = get_object_or_404(in_short(_rows(me(request))), pk=pk)
    if shown.merged_into_id:
        return redirect("customer", pk=shown.merged_into_id)
    context = {f"{place}_panels": panels.shown("customer", place, request, shown) for place in PLACES}
    return render(
        request,
        "customers/customer.html",
        context | {"customer": shown, "may_edit": may(me(request), Capability.EDIT_CUSTOMERS)},
    )


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def customer_more(request: HttpRequest, pk: int) -> HttpResponse:
    """The late panels, for the page that asks for them; a page of their own without htmx."""
    shown = _present(me(request), pk)
    context = {"customer": shown, "more_panels": panels.shown("customer", "side", request, shown, late=True)}
    is_part = request.headers.get("HX-Request")
    return render(request, f"customers/{'_more' if is_part else 'more'}.html", context)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def customer_timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """A stretch of the timeline, for the page that asks for it; a page of its own without htmx."""
    shown = _present(me(request), pk)
    sources, only = timeline.sources("customer"), request.GET.get("only", "")
    if only and only not in sources:
        raise BadRequest(_("There is no such kind of entry."))
    before = instant(request.GET.get("before", ""))
    stretch = timeline.read("customer", shown, before=before, only=only)
    context = {
        "customer": shown,
        "stretch": stretch,
        "next_before": stretch.next.isoformat() if stretch.next else "",
        "is_first": before is None,
        "only": only,
        "sources": sources.values(),
    }
    is_part = request.headers.get("HX-Request")
    return render(request, f"customers/{'_stretch' if is_part else 'timeline'}.html", context)


def instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(_("“before” is not an instant.")) from error
    if instant.tzinfo is None or not 1 < instant.year < 9999:
        raise BadRequest(_("“before” is not an instant with a time zone."))
    return instant


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def customer_new(request: HttpRequest) -> HttpResponse:
    user = me(request)
    form = CustomerForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        token = str(form.cleaned_data["token"] or "")
        asked: dict[str, Any] = {"values": form.values(), "company": form.cleaned_data["company"]}
        is_decided = form.cleaned_data["is_new"] or registering.is_registered(token, by=user, **asked)
        if not is_decided and (offered := _who_it_may_be(form, user)):
            return _form(request, form, matches=offered)
        try:
            made = registering.register_once(token, by=user, **asked)
        except (ValidationError, profiles.IdentityTaken) as refusal:
            return _refused(request, form, refusal)
        messages.success(request, _("%(customer)s was added.") % {"customer": made})
        return _after(user, made)
    return _form(request, form, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def customer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user, edited = me(request), _visible(me(request), pk)
    if edited.merged_into_id:
        return redirect("customer-edit", pk=edited.merged_into_id)
    form = CustomerForm(request.POST if request.method == "POST" else None, customer=edited, user=user)
    if not form.is_valid():
        return _form(request, form, customer=edited, status=422 if form.is_bound else 200)
    if form.read_at() is None:
        return _stale(request, form, edited)
    given = {"values": form.values(), "company": form.cleaned_data["company"], "expected": form.read_at()}
    try:
        registering.change(edited, by=user, **given)
    except (ValidationError, profiles.IdentityTaken) as refusal:
        return _refused(request, form, refusal, customer=edited)
    except profiles.StaleProfile as stale:
        return _stale(request, form, stale.current)
    messages.success(request, _("Saved."))
    return _after(user, edited)


def _who_it_may_be(form: CustomerForm, user: User) -> list[Match]:
    """An address that names somebody is refused by itself; the others are asked about."""
    person = {name: str(form.cleaned_data[name] or "") for name in PERSON}
    return [
        match for match in matches(person, seen_by=user) if match.by in ("phone", "name_and_company", "name")
    ]


def _after(user: User, saved: Customer) -> HttpResponse:
    """Their page; the list for those who gave the customer away and see it no longer."""
    is_seen = Customer.objects.visible_to(user).filter(pk=saved.pk).exists()
    return redirect("customer", pk=saved.pk) if is_seen else redirect("customers")


def _form(request: HttpRequest, form: CustomerForm, *, status: int = 200, **context: Any) -> HttpResponse:
    return render(
        request, "customers/customer_form.html", {"form": form, "status": status} | context, status=status
    )


def _refused(request: HttpRequest, form: CustomerForm, refusal: Exception, **context: Any) -> HttpResponse:
    if isinstance(refusal, profiles.IdentityTaken):
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        holder = Customer.objects.visible_to(me(request)).filter(pk=refusal.holder.pk).first()
        return _form(request, form, status=409, holder=holder, **context)
    if isinstance(refusal, ValidationError):
        form.take(refusal)
    return _form(request, form, status=422, **context)


def _stale(request: HttpRequest, form: CustomerForm, current: Customer) -> HttpResponse:
    """Both values side by side; saving again then replaces what is there now, knowingly."""
    told = list(differences(form, current))
    read_anew(form, current)
    return _form(request, form, status=409, customer=current, conflicts=told)
