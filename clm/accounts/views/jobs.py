from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clm.accounts.models import Job
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me

SHOWN = 100


@require_safe
@requires(Capability.USE)
def jobs(request: HttpRequest) -> HttpResponse:
    shown = Job.objects.visible_to(me(request)).select_related("owner")[:SHOWN]
    return render(request, "accounts/jobs.html", {"jobs": shown})


@require_safe
@requires(Capability.USE)
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, or for htmx the part that moves."""
    job = get_object_or_404(Job.objects.visible_to(me(request)), pk=pk)
    template = "accounts/_job.html" if request.headers.get("HX-Request") else "accounts/job.html"
    return render(request, template, {"job": job})


@require_POST
@requires(Capability.USE)
def job_cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(me(request)), pk=pk)
    if job.cancel(by=me(request)):
        messages.success(request, _("Cancelled. What was done until now stays."))
    else:
        messages.info(request, _("It had already ended."))
    return redirect("job", pk=pk)
