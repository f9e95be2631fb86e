"""How leads are handled: the steps of each team, and what it expects of itself."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.models import Team
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from customers.leads.pipeline_editing import (
    MOST_STEPS,
    StalePipeline,
    drop_pipeline,
    mark_of,
    save_pipeline,
)
from customers.leads.pipeline_forms import ExpectationsForm, StepRows
from customers.leads.pipelines import Pipelines
from customers.models import LeadAssignmentRule, LeadPipeline
from customers.models.lead_pipeline import OTHERS


@require_safe
@requires(Capability.ADMINISTER)
def lead_settings(request: HttpRequest) -> HttpResponse:
    pipelines = Pipelines.read()
    teams = [(team, pipelines.by_team.get(team.pk)) for team in Team.objects.all()]
    rules = LeadAssignmentRule.objects.select_related("team").prefetch_related("channels")
    context = {"teams": teams, "others": pipelines.of(None), "rules": rules}
    return render(request, "leads/settings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def lead_pipeline(request: HttpRequest, key: str) -> HttpResponse:
    """The steps of a team; every button but Save only changes what is shown."""
    team = _team(key)
    pipeline = Pipelines.read().of(team.pk if team else None)
    read = request.POST.get("read") or mark_of(pipeline)
    if request.method != "POST":
        return _page(
            request,
            team,
            pipeline=pipeline,
            rows=StepRows.of(_own(pipeline, team)),
            form=_form(pipeline),
            read=read,
            status=200,
        )
    rows, form = StepRows.typed(request.POST), ExpectationsForm(request.POST)
    if rows.act(request.POST.get("do", "")):
        return _page(request, team, pipeline=pipeline, rows=rows, form=form, read=read, status=200)
    status = 422
    if form.is_valid():
        try:
            save_pipeline(team, rows.rows, form.expectations(), by=me(request), expected=read)
        except StalePipeline as stale:
            form.add_error(None, str(stale))
            read, status = mark_of(stale.current), 409
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            messages.success(request, _("Saved."))
            return redirect("lead-settings")
    return _page(request, team, pipeline=pipeline, rows=rows, form=form, read=read, status=status)


@require_POST
@requires(Capability.ADMINISTER)
def lead_pipeline_removal(request: HttpRequest, key: str) -> HttpResponse:
    drop_pipeline(_team(key), by=me(request))
    messages.success(request, _("The steps are those of all other leads again."))
    return redirect("lead-settings")


def _team(key: str) -> Team | None:
    if key == OTHERS:
        return None
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Http404
    return get_object_or_404(Team, pk=int(key))


def _own(pipeline: LeadPipeline, team: Team | None) -> LeadPipeline:
    """A team without steps of its own begins with a copy of those for all others."""
    if pipeline.team_id != (team.pk if team else None):
        for step in pipeline.steps:
            step.pk = None
    return pipeline


def _form(pipeline: LeadPipeline) -> ExpectationsForm:
    told = ("respond_within_hours", "demands_next_action")
    return ExpectationsForm(initial={name: getattr(pipeline, name) for name in told})


def _page(
    request: HttpRequest,
    team: Team | None,
    *,
    pipeline: LeadPipeline,
    rows: StepRows,
    form: ExpectationsForm,
    read: str,
    status: int,
) -> HttpResponse:
    is_own = pipeline.pk is not None and pipeline.team_id == (team.pk if team else None)
    context = {
        "team": team,
        "key": team.pk if team else OTHERS,
        "is_own": is_own,
        "rows": rows,
        "form": form,
        "read": read,
        "may_add": len(rows.rows) < MOST_STEPS,
    }
    return render(request, "leads/pipeline.html", context, status=status)
