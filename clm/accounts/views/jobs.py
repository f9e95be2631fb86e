from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST, require_safe

from clm.accounts.jobs import left_by_cancelling
from clm.accounts.models import Job
from clm.accounts.models.job import JobQuerySet
from clm.accounts.permissions import Capability, requires
from clm.accounts.taking_out import job_lines
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

SHOWN = 100
# What runners leave in a job's result, in the words of the page.
TOLD = {
    "rows": _lazy("Rows read"),
    "added": _lazy("Added"),
    "amended": _lazy("Amended"),
    "unchanged": _lazy("Unchanged"),
    "customers_added": _lazy("Customers added"),
    "unconverted": _lazy("Without an exchange rate"),
    "problems": _lazy("Rows left out"),
    "customers": _lazy("Customers looked at"),
    "moved": _lazy("Moves"),
    "seconds": _lazy("Seconds"),
}


@require_safe
@requires(Capability.USE)
@also_as_file("jobs", lambda request: job_lines(_seen(request)))
def jobs(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/jobs.html", {"jobs": _seen(request)[:SHOWN]})


def _seen(request: HttpRequest) -> JobQuerySet:
    return Job.objects.visible_to(me(request)).select_related("owner")


@require_safe
@requires(Capability.USE)
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, or for htmx the part that moves."""
    job = get_object_or_404(Job.objects.visible_to(me(request)), pk=pk)
    template = "accounts/_job.html" if request.headers.get("HX-Request") else "accounts/job.html"
    return render(request, template, {"job": job, "told": _told(job), "left": left_by_cancelling(job)})


def _told(job: Job) -> "list[tuple[StrPromise, object]]":
    """The result's numbers in the order above; what has no words yet stays with the API."""
    found = {**job.result, **job.result.get("counts", {})}
    return [(label, found[name]) for name, label in TOLD.items() if isinstance(found.get(name), int | float)]


@require_POST
@requires(Capability.USE)
def job_cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(me(request)), pk=pk)
    if job.cancel(by=me(request)):
        messages.success(request, _("Cancelled. %(left)s") % {"left": left_by_cancelling(job)})
    else:
        messages.info(request, _("It had already ended."))
    return redirect("job", pk=pk)
