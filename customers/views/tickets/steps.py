"""The steps of a ticket: each calls its verb; those that ask for a note are small pages of their own."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from customers.models import Ticket, TicketStatus
from customers.tickets import handling
from customers.tickets.forms import AnswerForm, MergeForm, NoteForm
from customers.tickets.stepping import TicketRefused
from customers.views.tickets.page import OTHERS_SHOWN, after, show, visible_ticket


@dataclass(frozen=True)
class StepPage:
    verb: Callable[..., Ticket]
    title: str | Promise
    text: str | Promise
    button: str | Promise
    done: str | Promise
    variant: str = "primary"


SOLVE = StepPage(
    handling.solve,
    gettext_lazy("Solve"),
    gettext_lazy("The customer has what they asked for. It can be opened again."),
    gettext_lazy("Solve the ticket"),
    gettext_lazy("The ticket is solved."),
)
CLOSE = StepPage(
    handling.close,
    gettext_lazy("Close"),
    gettext_lazy("Nothing more is to be done, solved or not. It can be opened again."),
    gettext_lazy("Close the ticket"),
    gettext_lazy("The ticket is closed."),
)
REOPEN = StepPage(
    handling.reopen,
    gettext_lazy("Open again"),
    gettext_lazy("The customer came back to it. The time of its targets runs on."),
    gettext_lazy("Open the ticket again"),
    gettext_lazy("The ticket is open again."),
)


def step_view(step: StepPage) -> Callable[..., HttpResponseBase]:
    @require_http_methods(["GET", "HEAD", "POST"])
    @requires(Capability.EDIT_CUSTOMERS)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        ticket = visible_ticket(me(request), pk)
        form = NoteForm(request.POST if request.method == "POST" else None)
        context = {"ticket": ticket, "form": form, "step": step}
        if not form.is_valid():
            return render(request, "tickets/step.html", context, status=422 if form.is_bound else 200)
        try:
            step.verb(ticket, by=me(request), note=form.cleaned_data["note"])
        except (ValidationError, TicketRefused) as refusal:
            return render(request, "tickets/step.html", context, status=refused(form, refusal))
        messages.success(request, str(step.done))
        return after(me(request), ticket)

    return view


def refused(form: AnswerForm | NoteForm | MergeForm, refusal: ValidationError | TicketRefused) -> int:
    """Tell it in the form. Returns the status of the answer."""
    is_field = isinstance(refusal, ValidationError)
    form.take(refusal if isinstance(refusal, ValidationError) else ValidationError(str(refusal)))
    return 422 if is_field else 409


ticket_solution = step_view(SOLVE)
ticket_closing = step_view(CLOSE)
ticket_reopening = step_view(REOPEN)


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def ticket_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """From the ticket's own page, which comes back with what was typed when it can't be."""
    ticket, form = visible_ticket(me(request), pk), AnswerForm(request.POST)
    if not form.is_valid():
        return show(request, ticket, form, status=422)
    note, then = form.cleaned_data["note"], form.cleaned_data["then"]
    try:
        if then == TicketStatus.SOLVED:
            handling.solve(ticket, by=me(request), note=note)
        else:
            handling.answer(ticket, by=me(request), note=note, waits=then != TicketStatus.OPEN)
    except (ValidationError, TicketRefused) as refusal:
        status = refused(form, refusal)
        return show(request, visible_ticket(me(request), pk), form, status=status)
    messages.success(request, _("The answer is kept."))
    return after(me(request), ticket)


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def ticket_assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it over."""
    user, ticket = me(request), visible_ticket(me(request), pk)
    handling.assign(ticket, by=user, owner=user)
    messages.success(request, _("The ticket is yours."))
    return redirect("ticket", pk=ticket.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def ticket_merging(request: HttpRequest, pk: int) -> HttpResponse:
    """Into which of the customer's other tickets."""
    ticket = visible_ticket(me(request), pk)
    rows = Ticket.objects.filter(customer=ticket.customer, merged_into=None).exclude(pk=pk)
    form = MergeForm(request.POST if request.method == "POST" else None, others=rows.order_by("-opened_at"))
    context = {"ticket": ticket, "form": form, "others": rows.order_by("-opened_at")[:OTHERS_SHOWN]}
    if not form.is_valid():
        return render(request, "tickets/merging.html", context, status=422 if form.is_bound else 200)
    try:
        kept = handling.merge(ticket, form.cleaned_data["into"], by=me(request))
    except (ValidationError, TicketRefused) as refusal:
        return render(request, "tickets/merging.html", context, status=refused(form, refusal))
    messages.success(request, _("The tickets are merged."))
    return after(me(request), kept)
