"""The board of leads, and moving one of its cards: by hand, by key, or by a form of its own."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clm.accounts.permissions import Capability, may, requires
from clm.accounts.saved_views import Views
from clm.accounts.views.signed_in import me
from customers.leads import pursuing
from customers.leads.board import LeadBoard
from customers.leads.forms import ConversionForm, LossForm
from customers.leads.moving import move, take_back, taking_back
from customers.leads.pipelines import Pipelines
from customers.leads.stepping import LeadRefused, StaleLead
from customers.models import Lead, LeadStatus, PipelineStep
from customers.views.lead_steps import options_for, try_to_convert
from customers.views.leads import visible_lead


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def lead_board(request: HttpRequest) -> HttpResponse:
    """The whole board, or with `?step=` one column; for htmx its further cards alone."""
    board = LeadBoard(request.GET, me(request))
    context = {"listing": board, "board": board, "may_edit": may(me(request), Capability.EDIT_CUSTOMERS)}
    if request.headers.get("HX-Request") and board.is_one:
        return render(request, "leads/_cards.html", context | {"column": board.columns[0]})
    is_bare = not any(one.number for one in board.columns) and not board.is_narrowed
    context |= {
        "is_bare": is_bare,
        "is_new_here": is_bare and not board.seen.exists(),
        "views": Views("leads", request, me(request), at="lead-board"),
    }
    return render(request, "leads/board.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def lead_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks where to; then moves, or first asks what losing and winning want to know."""
    lead = visible_lead(me(request), pk)
    pipelines = Pipelines.read()
    pipelines.mark([lead])
    steps = pipelines.of(lead.team_id).steps
    if "undo" in request.POST:
        return _undo(request, lead, steps)
    to = next((step for step in steps if step.key == request.POST.get("to")), None)
    if to is None:
        choices = [step for step in steps if step is not lead.shown_in]
        return _asked(request, lead, choices=choices, status=422 if request.method == "POST" else 200)
    if to.status == LeadStatus.LOST:
        return _lose(request, lead, to)
    return _win(request, lead, to) if to.status == LeadStatus.WON else _move(request, lead, to)


def _move(request: HttpRequest, lead: Lead, to: PipelineStep) -> HttpResponse:
    try:
        moved = move(lead, to, by=me(request), expected=_version(request))
    except StaleLead:
        return _refused(request, lead, _("Somebody changed this lead since you opened the board."))
    except LeadRefused as refusal:
        return _refused(request, lead, str(refusal))
    return _moved(request, lead, to, undo=taking_back(lead, moved))


def _undo(request: HttpRequest, lead: Lead, steps: Sequence[PipelineStep]) -> HttpResponse:
    try:
        take_back(lead, request.POST["undo"], steps, by=me(request))
    except StaleLead:
        return _refused(request, lead, _("Somebody changed this lead since; it stays as it is."))
    except LeadRefused as refusal:
        return _refused(request, lead, str(refusal))
    return _answer(request, lead, "success", _("%(lead)s is back where it was.") % {"lead": lead}, status=200)


def _lose(request: HttpRequest, lead: Lead, to: PipelineStep) -> HttpResponse:
    data = request.POST if "lost_reason" in request.POST else None
    form = LossForm(data, lead=lead, user=me(request))
    if not form.is_valid():
        return _asked(request, lead, to=to, form=form, status=422)
    try:
        lost = pursuing.lose(lead, by=me(request), **form.given())
    except ValidationError as refusal:
        form.take(refusal)
        return _asked(request, lead, to=to, form=form, status=422)
    except LeadRefused as refusal:
        return _refused(request, lead, str(refusal))
    return _moved(request, lead, to, undo=taking_back(lead, lost))


def _win(request: HttpRequest, lead: Lead, to: PipelineStep) -> HttpResponse:
    form = ConversionForm(request.POST if "into" in request.POST else None)
    status = try_to_convert(request, lead, form) if form.is_bound else 422
    if status == 200:
        return _moved(request, lead, to)
    if status == 409:
        return _refused(request, lead, " ".join(map(str, form.non_field_errors())))
    return _asked(request, lead, to=to, form=form, options=options_for(me(request), lead), status=422)


def _asked(request: HttpRequest, lead: Lead, *, status: int, **context: object) -> HttpResponse:
    part = "_move" if _is_part(request) else "move"
    return render(request, f"leads/{part}.html", {"lead": lead} | context, status=status)


def _moved(request: HttpRequest, lead: Lead, to: PipelineStep, *, undo: str = "") -> HttpResponse:
    told = _("%(lead)s is in “%(step)s” now.") % {"lead": lead, "step": to}
    return _answer(request, lead, "success", told, status=200, undo=undo)


def _refused(request: HttpRequest, lead: Lead, reason: str) -> HttpResponse:
    return _answer(request, lead, "error", reason, status=409)


def _answer(
    request: HttpRequest, lead: Lead, tone: str, told: str, *, status: int, undo: str = ""
) -> HttpResponse:
    """The card as it is and the heads of all columns; without scripts the board."""
    if not _is_part(request):
        messages.add_message(request, messages.ERROR if tone == "error" else messages.SUCCESS, told)
        return redirect(f"{reverse('lead-board')}?{request.GET.urlencode()}")
    board = LeadBoard(request.GET, me(request))
    card = Lead.objects.visible_to(me(request)).filter(pk=lead.pk)
    cards = list(card.select_related("customer", "customer__company", "owner", "channel"))
    board.pipelines.mark(cards)
    columns = board.counted(board.pipeline.steps)
    context = {"board": board, "listing": board, "columns": columns, "cards": cards, "may_edit": True}
    response = render(request, "leads/_moved.html", context, status=status)
    news: dict[str, object] = {"tone": tone, "text": told}
    if undo:
        detail = {"lead": lead.pk, "url": request.get_full_path(), "undo": undo}
        news["action"] = {"label": _("Undo"), "event": "lead-move-undo", "detail": detail}
    response["HX-Trigger"] = json.dumps({"toast": news})
    return response


def _version(request: HttpRequest) -> datetime | None:
    try:
        return datetime.fromisoformat(request.POST.get("version", ""))
    except ValueError:
        return None


def _is_part(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers
