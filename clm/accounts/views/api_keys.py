from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clm.accounts.forms import ApiKeyForm
from clm.accounts.models import ApiKey
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import confirmed_lately, me


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def api_keys(request: HttpRequest) -> HttpResponseBase:
    form = ApiKeyForm(request.POST or None, initial={"owner": request.user})
    if request.method == "POST" and form.is_valid():
        return _issue(request, form)
    context = {"form": form, "keys": ApiKey.objects.select_related("user")}
    return render(request, "accounts/api_keys.html", context, status=422 if form.errors else 200)


@confirmed_lately
def _issue(request: HttpRequest, form: ApiKeyForm) -> HttpResponse:
    key, text = ApiKey.objects.issue(**form.cleaned_data, by=me(request))
    return render(request, "accounts/api_key.html", {"key": key, "text": text})


@require_POST
@requires(Capability.ADMINISTER)
def api_key_revocation(request: HttpRequest, pk: str) -> HttpResponse:
    if "\x00" in pk:  # not even a question for the database
        raise Http404
    key = get_object_or_404(ApiKey, pk=pk)
    key.revoke(by=me(request))
    messages.success(request, _("The key %(name)s no longer works.") % {"name": key.name})
    return redirect("api-keys")
