from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from lifecycle.comparing import compare
from lifecycle.forms import ComparisonForm
from lifecycle.models import LifecycleModel


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def comparison(request: HttpRequest) -> HttpResponse:
    """`?first=`, `?second=` name two running models, else the primary one and the next; `?as_of=` a day, else now."""
    running = list(LifecycleModel.objects.running().order_by("-is_primary", "pk"))
    if len(running) < 2:
        return render(request, "lifecycle/comparison.html")
    form = ComparisonForm(running, request.GET)
    day = form.day()
    found = compare(*form.pair, as_of=form.instant() if day else None, day=day, seen_by=me(request))
    context = {"form": form, "comparison": found}
    return render(request, "lifecycle/comparison.html", context, status=200 if form.is_valid() else 422)
