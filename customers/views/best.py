"""Your best 20 %: what they bring, and an ideal profile of what they have in common."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from customers.scoring.best import WINDOWS, best_customers, suggest_profile
from customers.taking_out import trait_lines


def _days(text: str | None) -> int:
    return next((days for days in WINDOWS if str(days) == text), 365)


@require_safe
@requires(Capability.VIEW_METRICS)
@also_as_file(
    "best-customers", lambda request: trait_lines(best_customers(days=_days(request.GET.get("days"))))
)
def best(request: HttpRequest) -> HttpResponse:
    days, user = _days(request.GET.get("days")), me(request)
    may_edit = may(user, Capability.EDIT_SCORING)
    context = {"best": best_customers(days=days), "days": days, "windows": WINDOWS, "may_edit": may_edit}
    return render(request, "customers/scoring/best.html", context)


@require_POST
@requires(Capability.EDIT_SCORING)
def best_profile(request: HttpRequest) -> HttpResponse:
    """An ideal profile of the traits that were chosen."""
    days, keys = _days(request.POST.get("days")), request.POST.getlist("trait")
    name = request.POST.get("name", "").strip()[:100] or _("Like the best customers")
    try:
        made = suggest_profile(by=me(request), name=name, keys=keys, days=days)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("best-customers")
    messages.success(request, _("The profile was made. Look at its weights."))
    return redirect("ideal-profile", pk=made.pk)
