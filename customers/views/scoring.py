"""Scores: the matrix, ideal profiles, what shows interest, and why a customer has theirs."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from clm.base.conditions import InvalidCondition
from clm.base.days import end_of
from customers.conditions.event_names import in_words
from customers.conditions.events import lately_named
from customers.models import Customer, IdealProfile, Score, Scoring
from customers.scoring import computing, keeping
from customers.scoring.explaining import explain
from customers.scoring.forms import AsOfForm, InterestForm, ProfileForm, is_under_way
from customers.scoring.matrix import matrix_for
from customers.taking_out import matrix_lines


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
@also_as_file("scores", lambda request: matrix_lines(matrix_for(me(request))))
def scores(request: HttpRequest) -> HttpResponse:
    context = {
        "matrix": matrix_for(me(request)),
        "scoring": Scoring.objects.current(),
        "is_set_up": computing.is_set_up(),
        "may_edit": may(me(request), Capability.EDIT_SCORING),
        "may_see_best": may(me(request), Capability.VIEW_METRICS),
    }
    return render(request, "customers/scoring/matrix.html", context)


@require_POST
@requires(Capability.EDIT_SCORING)
def scores_refresh(request: HttpRequest) -> HttpResponse:
    """Everybody anew, now."""
    job = keeping.work_out_anew(by=me(request))
    if job:
        messages.info(request, _("The scores are being worked out."))
        return redirect("job", pk=job.pk)
    messages.success(request, _("The scores were worked out anew."))
    return redirect("scores")


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def ideal_profiles(request: HttpRequest) -> HttpResponse:
    profiles = IdealProfile.objects.order_by("-is_active", "name")
    context = {
        "lines": [(profile, tests_in_words(profile)) for profile in profiles],
        "best_for": {} if me(request).is_restricted else _best_for(),
        "may_edit": may(me(request), Capability.EDIT_SCORING),
        "may_see_best": may(me(request), Capability.VIEW_METRICS),
    }
    return render(request, "customers/scoring/profiles.html", context)


def _best_for() -> dict[int | None, int]:
    """For how many customers each profile is the one that fits best."""
    counted = Score.objects.filter(fit__gt=0).order_by().values_list("profile").annotate(n=Count("pk"))
    return dict(counted)


def tests_in_words(profile: IdealProfile) -> list[tuple[int, str]]:
    try:
        return [(weight, tree.sentence()) for weight, tree in profile.weighed]
    except InvalidCondition as error:
        return [(0, str(error))]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_SCORING)
def ideal_profile_new(request: HttpRequest) -> HttpResponse:
    form = _profile_form(request, None)
    if form.is_bound and form.is_valid():
        try:
            keeping.create_profile(by=me(request), **form.values())
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, told())
            return redirect("ideal-profiles")
    return _show(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_SCORING)
def ideal_profile(request: HttpRequest, pk: int) -> HttpResponse:
    profile = get_object_or_404(IdealProfile, pk=pk)
    form = _profile_form(request, profile)
    if form.is_bound and form.is_valid():
        try:
            keeping.change_profile(profile, by=me(request), values=form.values(), expected=form.expected())
        except ValidationError as error:
            form.refuse(error)
        except keeping.StaleScoring as stale:
            messages.error(request, str(stale))
            return _show(request, ProfileForm.of(stale.current), profile, status=409)
        else:
            messages.success(request, told())
            return redirect("ideal-profiles")
    return _show(request, form, profile)


@require_POST
@requires(Capability.EDIT_SCORING)
def ideal_profile_removal(request: HttpRequest, pk: int) -> HttpResponse:
    keeping.remove_profile(get_object_or_404(IdealProfile, pk=pk), by=me(request))
    messages.success(request, _("The profile was deleted."))
    return redirect("ideal-profiles")


def _profile_form(request: HttpRequest, profile: IdealProfile | None) -> ProfileForm:
    data = request.POST if request.method == "POST" else None
    if data is not None and is_under_way(data):
        return ProfileForm.under_way(data)
    return ProfileForm.of(profile, data) if profile else ProfileForm(data)


def _show(
    request: HttpRequest, form: ProfileForm, profile: IdealProfile | None = None, *, status: int = 200
) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else status
    return render(
        request, "customers/scoring/profile.html", {"form": form, "profile": profile}, status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_SCORING)
def interest(request: HttpRequest) -> HttpResponse:
    form = InterestForm(Scoring.objects.current(), request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            keeping.change_scoring(by=me(request), values=form.values(), expected=form.expected())
        except ValidationError as error:
            form.refuse(error)
        except keeping.StaleScoring as stale:
            messages.error(request, str(stale))
            form, status = InterestForm(stale.current), 409
        else:
            messages.success(request, told())
            return redirect("interest")
    status = 422 if form.is_bound and form.errors else status
    context = {
        "form": form,
        "event_names": [(one, in_words(one)) for one in lately_named()],
        "may_see_best": may(me(request), Capability.VIEW_METRICS),
    }
    return render(request, "customers/scoring/interest.html", context, status=status)


def told() -> str:
    if Scoring.objects.current().status == "queued":
        return _("Saved. The scores are being worked out; this may take a few minutes.")
    return _("Saved. The scores were worked out anew.")


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def customer_score(request: HttpRequest, pk: int) -> HttpResponse:
    """Why, point by point: for the pages that ask for it, and as a page of its own as of any day."""
    customer = get_object_or_404(Customer.objects.visible_to(me(request)).present(), pk=pk)
    form = AsOfForm(request.GET)
    day = form.cleaned_data["day"] if form.is_valid() else None
    as_of = end_of(day, Organisation.objects.current().tz) if day else None
    context: dict[str, Any] = {
        "customer": customer,
        "why": explain(customer, as_of=as_of),
        "is_set_up": computing.is_set_up(),
        "form": form,
        "day": day,
    }
    is_part = request.headers.get("HX-Request")
    return render(request, f"customers/scoring/{'_why' if is_part else 'why'}.html", context)
