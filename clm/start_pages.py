"""The first minutes: what is to be done, and what there is to see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.signed_in import me
from clm.demo.requesting import reason_against_loading
from clm.starting import Start, put_away, tour


def start_or_work(request: HttpRequest) -> HttpResponse:
    """The first steps until they are over; then where this person works."""
    found = Start.of(me(request))
    return redirect(_work_of(request)) if found.is_over else _shown(request, found)


@require_safe
@requires(Capability.USE)
def start(request: HttpRequest) -> HttpResponse:
    return _shown(request, Start.of(me(request)))


@require_POST
@requires(Capability.USE)
def start_dismissal(request: HttpRequest) -> HttpResponse:
    put_away(me(request))
    return redirect(_work_of(request))


def _work_of(request: HttpRequest) -> str:
    return "dashboard" if may(me(request), Capability.VIEW_METRICS) else "customers"


def _shown(request: HttpRequest, found: Start) -> HttpResponse:
    administers = may(me(request), Capability.ADMINISTER)
    context = {
        "start": found,
        "tour": tour(me(request)),
        "can_put_away": administers and found.user.started_at is None,
        "may_remove_demo": administers and found.demo is not None and not found.demo.is_busy,
        "may_load_demo": administers and found.demo is None and not reason_against_loading(),
    }
    return render(request, "home/home.html", context)
