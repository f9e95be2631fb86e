"""The pieces of a customer's page that are asked apart: what is missing, moving by hand, releasing."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from customers.models import Customer
from lifecycle.admission import Admitted, MoveSet, StageUnknown, admit
from lifecycle.clocks import ClocksForm
from lifecycle.forms import MoveForm
from lifecycle.glance import glance
from lifecycle.missing import nearest_of, what_is_missing
from lifecycle.models import Cause, CurrentStage, LifecycleModel, ModelVersion
from lifecycle.parking import release


def _customer(request: HttpRequest, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(me(request)), pk=pk)


def _present_customer(request: HttpRequest, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(me(request)).present(), pk=pk)


def _running(slug: str) -> tuple[LifecycleModel, ModelVersion]:
    model = get_object_or_404(LifecycleModel, slug=slug)
    version = model.published()
    if version is None:
        raise Http404
    return model, version


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def customer_why(request: HttpRequest, pk: int) -> HttpResponse:
    """Why here, in the primary model, as the customer list shows it beside a stage; by the list's two clocks."""
    form = ClocksForm(request.GET)
    found = glance(
        _customer(request, pk),
        as_of=form.instant(),
        known_at=form.known(),
        zone=ZoneInfo(get_current_timezone_name()),
        is_now=not (form.day() or form.known_day()),
    )
    return render(request, "lifecycle/_glance.html", {"glance": found})


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def customer_missing(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    customer, model = _customer(request, pk), get_object_or_404(LifecycleModel, slug=slug)
    form = ClocksForm(request.GET)
    lines = what_is_missing(customer, model, as_of=form.instant(), known_at=form.known())
    context = {"lines": lines, "nearest": nearest_of(lines), "customer": customer, "model": model}
    return render(request, "lifecycle/_missing.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def customer_move(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """The form for a drawer; a refused move comes back in it with the reason, 409."""
    customer, (model, version) = _present_customer(request, pk), _running(slug)
    current = CurrentStage.objects.filter(customer=customer, model=model).select_related("stage").first()
    form = MoveForm(version, request.POST or None, away_from=current.stage if current else None)
    status = 200
    if request.method == "POST":
        status = _move(request, customer, form)
        if status == 200:
            return HttpResponse(headers={"HX-Redirect": reverse("customer", args=[customer.pk])})
    context = {"form": form, "customer": customer, "model": model, "current": current}
    return render(request, "lifecycle/_move.html", context, status=status)


def _move(request: HttpRequest, customer: Customer, form: MoveForm) -> int:
    if not form.is_valid():
        return 422
    wanted = form.cleaned_data
    moves = MoveSet([customer.pk], wanted["stage"], reason=wanted["reason"], hold=form.hold_time())
    try:
        admitted = admit(moves, source=Cause.PERSON, actor=me(request))
    except StageUnknown as refusal:
        form.add_error("stage", str(refusal))
        return 409
    return _answer(request, admitted, form)


def _answer(request: HttpRequest, admitted: Admitted, form: MoveForm) -> int:
    for refused in admitted.refused:
        form.add_error("stage", refused.reason)
    if admitted.refused:
        return 409
    stage = form.cleaned_data["stage"]
    text = _("Moved to %(stage)s.") if admitted.moved else _("The customer is in %(stage)s already.")
    messages.success(request, text % {"stage": stage})
    return 200


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def customer_release(request: HttpRequest, pk: int, parking: int) -> HttpResponse:
    customer = _present_customer(request, pk)
    if release(customer, parking, by=me(request)):
        messages.success(request, _("Released: rules decide again, within a minute."))
    else:
        messages.info(request, _("Somebody released this customer already."))
    return redirect("customer", customer.pk)
