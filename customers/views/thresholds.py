"""Thresholds of scores, and what came of them."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.signed_in import me
from clm.base import clock
from customers.models import Customer, Threshold, ThresholdCrossing
from customers.scoring.forms import ThresholdForm
from customers.scoring.keeping import StaleScoring
from customers.scoring.thresholds import change_threshold, remove_threshold, set_threshold

RECENT = timedelta(days=30)
SHOWN = 20


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def thresholds(request: HttpRequest) -> HttpResponse:
    user = me(request)
    crossings = ThresholdCrossing.objects.exclude(acted_at=None).select_related(
        "threshold", "customer", "lead", "task"
    )
    if user.is_restricted:
        crossings = crossings.filter(customer__in=Customer.objects.visible_to(user).values("pk"))
    recent = Q(acted_at__gte=clock.now() - RECENT)
    counts = crossings.filter(recent).order_by().values_list("threshold").annotate(n=Count("pk"))
    context = {
        "thresholds": Threshold.objects.select_related("owner").order_by("-is_active", "name"),
        "counts": dict(counts) or {0: 0},
        "crossings": crossings.order_by("-acted_at", "-pk")[:SHOWN],
        "may_edit": may(user, Capability.EDIT_SCORING),
        "may_see_best": may(user, Capability.VIEW_METRICS),
    }
    return render(request, "customers/scoring/thresholds.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_SCORING)
def threshold_new(request: HttpRequest) -> HttpResponse:
    form = ThresholdForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            set_threshold(by=me(request), values=form.values())
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. It acts on who comes to it from now on."))
            return redirect("thresholds")
    return _show(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_SCORING)
def threshold(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Threshold, pk=pk)
    form, status = ThresholdForm.of(shown, request.POST or None), 200
    if form.is_bound and form.is_valid():
        try:
            change_threshold(shown, by=me(request), values=form.values(), expected=form.expected())
        except ValidationError as error:
            form.refuse(error)
        except StaleScoring as stale:
            messages.error(request, str(stale))
            form, status = ThresholdForm.of(stale.current), 409
        else:
            messages.success(request, _("Saved."))
            return redirect("thresholds")
    return _show(request, form, shown, status=status)


@require_POST
@requires(Capability.EDIT_SCORING)
def threshold_removal(request: HttpRequest, pk: int) -> HttpResponse:
    remove_threshold(get_object_or_404(Threshold, pk=pk), by=me(request))
    messages.success(request, _("The threshold was deleted. Leads and tasks that came of it stay."))
    return redirect("thresholds")


def _show(
    request: HttpRequest, form: ThresholdForm, shown: Threshold | None, *, status: int = 200
) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else status
    return render(
        request, "customers/scoring/threshold.html", {"form": form, "threshold": shown}, status=status
    )
