from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts import staff
from clm.accounts.forms import NewUserForm, UserForm
from clm.accounts.models import Role, User
from clm.accounts.permissions import Capability, requires
from clm.accounts.stale import Stale
from clm.accounts.taking_out import user_lines
from clm.accounts.two_factor import is_set_up, with_two_factor
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import confirmed_lately, me
from clm.accounts.views.stale import told_stale


@require_safe
@requires(Capability.ADMINISTER)
@also_as_file("users", lambda _request: user_lines(_everybody()))
def users(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/users.html", {"users": _everybody()})


def _everybody() -> QuerySet[User]:
    return with_two_factor(User.objects.select_related("team"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def user_new(request: HttpRequest) -> HttpResponseBase:
    form = NewUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _take_on(request, form)
    return render(request, "accounts/user_new.html", {"form": form}, status=422 if form.errors else 200)


@confirmed_lately
def _take_on(request: HttpRequest, form: NewUserForm) -> HttpResponse:
    try:
        user, password = staff.take_on(**form.cleaned_data, by=me(request))
    except (IntegrityError, ValidationError):  # a double click: the first made the user
        form.add_error("email", _("There is already a user with this e-mail."))
        return render(request, "accounts/user_new.html", {"form": form}, status=422)
    return render(request, "accounts/user_password.html", {"person": user, "password": password})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def user(request: HttpRequest, pk: int) -> HttpResponseBase:
    person = get_object_or_404(User, pk=pk)
    form = UserForm(request.POST or None, row=person)
    if request.method != "POST" or not form.is_valid():
        return _shown(request, person, form)
    change = confirmed_lately(_change) if _opens_all(person, form) else _change
    return change(request, person, form)


def _opens_all(person: User, form: UserForm) -> bool:
    """Whether this makes an administrator of somebody who is none, or may not sign in."""
    wanted = form.cleaned_data["role"] == Role.ADMINISTRATOR and form.cleaned_data["is_active"]
    return wanted and not (person.role == Role.ADMINISTRATOR and person.is_active)


def _change(request: HttpRequest, person: User, form: UserForm) -> HttpResponse:
    try:
        staff.change(person, by=me(request), read=form.read(), **form.values())
    except staff.NoAdministratorLeft as error:
        form.add_error(None, str(error))
        return _shown(request, person, form)
    except Stale as stale:
        return told_stale(
            request, "accounts/user.html", form, stale, person=person, has_two_factor=is_set_up(person)
        )
    messages.success(request, _("Saved."))
    return redirect("users")


def _shown(request: HttpRequest, person: User, form: UserForm) -> HttpResponse:
    context = {"form": form, "person": person, "has_two_factor": is_set_up(person)}
    return render(request, "accounts/user.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Capability.ADMINISTER)
@confirmed_lately
def user_password(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    password = staff.reset_password(person, by=me(request))
    return render(request, "accounts/user_password.html", {"person": person, "password": password})
