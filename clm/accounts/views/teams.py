from django.contrib import messages
from django.db import IntegrityError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clm.accounts import staff
from clm.accounts.forms import TeamForm
from clm.accounts.models import Team
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def teams(request: HttpRequest) -> HttpResponse:
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            team = staff.found_team(**form.cleaned_data, by=me(request))
        except IntegrityError:  # somebody was quicker, or a double click
            form.refuse_namesake()
        else:
            messages.success(request, _("%(team)s was added.") % {"team": team})
            return redirect("teams")
    context = {"form": form, "teams": Team.objects.annotate(members=Count("user"))}
    return render(request, "accounts/teams.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def team(request: HttpRequest, pk: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=pk)
    form = TeamForm(request.POST or None, team=team, initial={"name": team.name})
    if request.method == "POST" and form.is_valid():
        try:
            staff.rename_team(team, **form.cleaned_data, by=me(request))
        except IntegrityError:
            form.refuse_namesake()
        else:
            messages.success(request, _("Saved."))
            return redirect("teams")
    return render(
        request, "accounts/team.html", {"form": form, "team": team}, status=422 if form.errors else 200
    )


@require_POST
@requires(Capability.ADMINISTER)
def team_dissolution(request: HttpRequest, pk: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=pk)
    try:
        staff.dissolve(team, by=me(request))
    except staff.TeamInUse as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(team)s was dissolved.") % {"team": team.name})
    return redirect("teams")
