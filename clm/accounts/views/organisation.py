from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clm.accounts.forms import OrganisationForm, ProfileForm
from clm.accounts.house import CurrencyInUse, change_organisation
from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability, requires
from clm.accounts.staff import prefer
from clm.accounts.stale import Stale
from clm.accounts.views.signed_in import me
from clm.accounts.views.stale import told_stale


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def organisation(request: HttpRequest) -> HttpResponse:
    form = OrganisationForm(request.POST or None, row=Organisation.objects.current())
    if request.method == "POST" and form.is_valid():
        try:
            change_organisation(me(request), read=form.read(), **form.values())
        except CurrencyInUse as error:
            form.add_error("currency", str(error))
        except Stale as stale:
            return told_stale(request, "accounts/organisation.html", form, stale)
        else:
            messages.success(request, _("Saved."))
            return redirect("organisation")
    return render(request, "accounts/organisation.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.USE)
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, row=me(request))
    if request.method == "POST" and form.is_valid():
        try:
            prefer(me(request), read=form.read(), **form.values())
        except Stale as stale:
            return told_stale(request, "accounts/profile.html", form, stale)
        with translation.override(form.cleaned_data["language"] or translation.get_language()):
            messages.success(request, _("Saved."))
        answer = redirect("profile")
        answer.delete_cookie("theme")  # the browser's own choice would hide the one made here
        return answer
    return render(request, "accounts/profile.html", {"form": form}, status=422 if form.errors else 200)
