from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clm.accounts.forms import RoleForm
from clm.accounts.models import Organisation, Role
from clm.accounts.permissions import CAPABILITIES, Capability, allowed_to, requires
from clm.accounts.roles import IN_WORDS, RoleRefused, change_role, changeable
from clm.accounts.stale import Stale
from clm.accounts.views.signed_in import confirmed_lately, me


@dataclass(frozen=True)
class Cell:
    role: Role
    is_allowed: bool
    is_changed: bool


@dataclass(frozen=True)
class Line:
    words: Promise
    cells: list[Cell]


@require_safe
@requires(Capability.ADMINISTER)
def roles(request: HttpRequest) -> HttpResponse:
    organisation = Organisation.objects.current()
    allowed = {role: allowed_to(role, organisation) for role in Role}
    lines = [Line(IN_WORDS[one], [_cell(role, one, allowed[role]) for role in Role]) for one in Capability]
    context = {"lines": lines, "roles": [(role, bool(changeable(role))) for role in Role]}
    return render(request, "accounts/roles.html", context)


def _cell(role: Role, one: Capability, allowed: set[Capability]) -> Cell:
    return Cell(role, one in allowed, (one in allowed) != (one in CAPABILITIES[role]))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def role(request: HttpRequest, role: str) -> HttpResponseBase:
    if role not in Role.values or not changeable(role):
        raise Http404
    return _changed(request, Role(role)) if request.method == "POST" else _shown(request, Role(role))


@confirmed_lately
def _changed(request: HttpRequest, role: Role) -> HttpResponse:
    form = _form(request, role)
    if not form.is_valid():
        return _shown(request, role, form)
    try:
        change_role(role, form.cleaned_data["may"], by=me(request), read=form.read())
    except RoleRefused as error:
        form.add_error("may", str(error))
        return _shown(request, role, form)
    except Stale:
        text = _("Somebody changed roles after you opened this page. This is how it is now; choose anew.")
        messages.warning(request, text)
        return redirect("role", role)
    messages.success(request, _("Saved."))
    return redirect("roles")


def _form(request: HttpRequest, role: Role) -> RoleForm:
    organisation, free = Organisation.objects.current(), changeable(role)
    present = [one for one in free if one in allowed_to(role, organisation)]
    choices = [(str(one), IN_WORDS[one]) for one in free]
    data = request.POST if request.method == "POST" else None
    return RoleForm(data, organisation=organisation, choices=choices, initial={"may": present})


def _shown(request: HttpRequest, role: Role, form: RoleForm | None = None) -> HttpResponse:
    usual = [IN_WORDS[one] for one in changeable(role) if one in CAPABILITIES[role]]
    context = {"form": form or _form(request, role), "role": role, "usual": usual}
    return render(request, "accounts/role.html", context, status=422 if form else 200)
