from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from lifecycle.clocks import ComparisonForm
from lifecycle.comparing import Comparison, compare
from lifecycle.models import LifecycleModel
from lifecycle.taking_out import comparison_lines


def _lines(request: HttpRequest) -> Iterable[list[object]] | None:
    running = _running()
    form = ComparisonForm(running, request.GET) if len(running) > 1 else None
    if form is None or not form.is_valid():
        return None
    return comparison_lines(_compared(request, form))


def _running() -> list[LifecycleModel]:
    return list(LifecycleModel.objects.running().order_by("-is_primary", "pk"))


def _compared(request: HttpRequest, form: ComparisonForm) -> Comparison:
    return compare(
        *form.pair, lens=form.lens(), seen_by=me(request), day=form.day(), known_day=form.known_day()
    )


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
@also_as_file("comparison", _lines)
def comparison(request: HttpRequest) -> HttpResponse:
    """`?first=`, `?second=` name two running models, else the primary one and the next; `?as_of=`, `?known_at=` days."""
    running = _running()
    if len(running) < 2:
        return render(request, "lifecycle/comparison.html")
    form = ComparisonForm(running, request.GET)
    context = {"form": form, "comparison": _compared(request, form)}
    return render(request, "lifecycle/comparison.html", context, status=200 if form.is_valid() else 422)
