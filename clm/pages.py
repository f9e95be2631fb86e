"""The page that crosses apps: where one starts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from clm.accounts.house import holds_amounts
from clm.accounts.models import Role
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from clm.base import clock
from clm.start_pages import start_or_work
from customers.leads.agenda import agenda_of
from customers.models import Order, Refund
from customers.tasks_listing import day_of
from metrics.models import Spend

for amounts in (Order, Refund, Spend):
    holds_amounts(amounts._default_manager.exists)


@require_safe
@requires(Capability.USE)
def home(request: HttpRequest) -> HttpResponse:
    """A rep's leads; for others the first steps until they are over, then where this person works."""
    if me(request).role == Role.REP:
        return _my_day(request)
    return start_or_work(request)


def _my_day(request: HttpRequest) -> HttpResponse:
    """A sales rep starts with the own leads: what is late, what today brings, what comes."""
    today = localdate()
    now = clock.now()
    context = {"agenda": agenda_of(me(request), today=today), "today": today, "now": now}
    context["tasks"] = day_of(me(request), as_of=now)
    return render(request, "home/my_day.html", context)
