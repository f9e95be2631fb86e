"""The rules for all sending: how much, when, how long it is tried; and the switch that stops it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import limiting
from campaigns.forms import SendingRulesForm
from campaigns.models import SendingRules
from campaigns.views.posting import posted
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CAMPAIGNS)
def sending_rules(request: HttpRequest) -> HttpResponse:
    rules = SendingRules.objects.current()
    form = SendingRulesForm(posted(request), instance=SendingRules.objects.current())
    if request.method == "POST" and form.is_valid():
        limiting.change_rules(by=me(request), **form.values())
        messages.success(request, _("Saved. It holds from the next message on."))
        return redirect("sending-rules")
    context = {"form": form, "rules": rules}
    return render(request, "campaigns/sending_rules.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def sending_stop(request: HttpRequest) -> HttpResponse:
    """With `go_on` in the form it starts again."""
    if "go_on" in request.POST:
        limiting.go_on(by=me(request))
        messages.success(request, _("Messages leave again."))
    else:
        limiting.stop_all(by=me(request))
        messages.success(request, _("Stopped. No message leaves until you let them."))
    return redirect("sending-rules")
