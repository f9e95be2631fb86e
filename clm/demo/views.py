from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from clm.demo.models import Demo
from clm.demo.requesting import CannotLoad, reason_against_loading, request_load, request_removal


@require_safe
@requires(Capability.ADMINISTER)
def demo(request: HttpRequest) -> HttpResponse:
    """What is here of the demo company, and what may be done with it; for htmx the part that moves."""
    found = Demo.objects.select_related("job").first()
    context = {"demo": found, "reason": "" if found else reason_against_loading()}
    template = "demo/_state.html" if request.headers.get("HX-Request") else "demo/demo.html"
    return render(request, template, context)


@require_POST
@requires(Capability.ADMINISTER)
def demo_loading(request: HttpRequest) -> HttpResponse:
    try:
        request_load(by=me(request))
    except CannotLoad as refusal:
        messages.error(request, str(refusal))
    return redirect("demo")


@require_POST
@requires(Capability.ADMINISTER)
def demo_removal(request: HttpRequest) -> HttpResponse:
    if request_removal(by=me(request)) is None:
        messages.info(request, _("There is no demo company here."))
    return redirect("demo")
