"""How soon tickets are to be answered and solved."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from customers.tickets.forms import TargetsForm
from customers.tickets.targets import read_targets, set_targets


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def ticket_targets(request: HttpRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = TargetsForm(data, initial=TargetsForm.initial_of(read_targets()))
    if form.is_valid():
        try:
            set_targets(form.targets(), by=me(request))
        except ValidationError as refusal:
            form.take(refusal)
        else:
            messages.success(request, _("Saved. Open tickets go by it from now on."))
            return redirect("ticket-targets")
    return render(request, "tickets/targets.html", {"form": form}, status=422 if form.is_bound else 200)
