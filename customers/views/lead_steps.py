"""The steps of a lead: each a small page with what it asks, and the verb it calls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from clm.accounts.models import User
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from customers.leads import pursuing
from customers.leads.converting import Filling, convert, filling_of
from customers.leads.forms import ConversionForm, LossForm, StepForm
from customers.leads.matching import candidates
from customers.leads.stepping import LeadRefused
from customers.models import Customer, Lead
from customers.views.leads import after, visible_lead

MOST_CANDIDATES = 4


@dataclass(frozen=True)
class StepPage:
    verb: Callable[..., Lead]
    form: type[StepForm] | type[LossForm]
    title: str | Promise
    text: str | Promise
    button: str | Promise
    done: str | Promise
    variant: str = "primary"
    keeps_next: bool = True  # the next action there is; else it was this one


CONTACT = StepPage(
    pursuing.contact,
    StepForm,
    gettext_lazy("Log a contact"),
    gettext_lazy("You called, wrote or met. A new lead becomes contacted."),
    gettext_lazy("Log the contact"),
    gettext_lazy("The contact is logged."),
    keeps_next=False,
)
QUALIFY = StepPage(
    pursuing.qualify,
    StepForm,
    gettext_lazy("Qualify"),
    gettext_lazy("There is a need, a budget and somebody who decides: worth your time."),
    gettext_lazy("Qualify the lead"),
    gettext_lazy("The lead is qualified."),
)
PROPOSE = StepPage(
    pursuing.propose,
    StepForm,
    gettext_lazy("Proposal made"),
    gettext_lazy("The customer has an offer. When will you ask for an answer?"),
    gettext_lazy("Save the proposal"),
    gettext_lazy("The proposal is noted."),
)
REOPEN = StepPage(
    pursuing.reopen,
    StepForm,
    gettext_lazy("Open again"),
    gettext_lazy("The lead goes on where it was before it was lost."),
    gettext_lazy("Open the lead again"),
    gettext_lazy("The lead is open again."),
)
LOSE = StepPage(
    pursuing.lose,
    LossForm,
    gettext_lazy("Disqualify or lose"),
    gettext_lazy("The lead is closed; its customer stays, and you can open it again."),
    gettext_lazy("Close as lost"),
    gettext_lazy("The lead is closed as lost."),
    variant="danger",
)


def step_view(step: StepPage) -> Callable[..., HttpResponseBase]:
    @require_http_methods(["GET", "HEAD", "POST"])
    @requires(Capability.EDIT_CUSTOMERS)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        lead = visible_lead(me(request), pk)
        data = request.POST if request.method == "POST" else None
        form = step.form(data, initial=_initial(lead, step), lead=lead, user=me(request))
        context = {"lead": lead, "form": form, "step": step}
        if not form.is_valid():
            status = 422 if form.is_bound else 200
            return render(request, "leads/step.html", context, status=status)
        try:
            step.verb(lead, by=me(request), **form.given())
        except (ValidationError, LeadRefused) as refusal:
            form.take(refusal if isinstance(refusal, ValidationError) else ValidationError(str(refusal)))
            status = 422 if isinstance(refusal, ValidationError) else 409
            return render(request, "leads/step.html", context, status=status)
        messages.success(request, str(step.done))
        return after(me(request), lead)

    return view


def _initial(lead: Lead, step: StepPage) -> dict[str, Any]:
    if not step.keeps_next:
        return {}
    return {"next_action": lead.next_action, "next_action_on": lead.next_action_on}


lead_contact = step_view(CONTACT)
lead_qualification = step_view(QUALIFY)
lead_proposal = step_view(PROPOSE)
lead_reopening = step_view(REOPEN)
lead_loss = step_view(LOSE)


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def lead_assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it over."""
    user, lead = me(request), visible_lead(me(request), pk)
    try:
        pursuing.assign(lead, by=user, owner=user)
    except LeadRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The lead is yours."))
    return redirect("lead", pk=lead.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def lead_conversion(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom the lead may be, with what would be filled; a lead that is won leads to its page, which says what it did."""
    user, lead = me(request), visible_lead(me(request), pk)
    if lead.outcome == "won":
        return redirect("lead", pk=pk)
    form = ConversionForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = try_to_convert(request, lead, form)
        if status == 200:
            messages.success(request, _("The lead is won."))
            return redirect("lead", pk=pk)
    context = {"lead": lead, "form": form, "options": options_for(user, lead)}
    return render(request, "leads/conversion.html", context, status=status)


def options_for(user: User, lead: Lead) -> list[tuple[Customer, str, Filling]]:
    """Whom it may be won for: customer, why it may be that one, what converting would fill."""
    offered = candidates(lead, seen_by=user)[:MOST_CANDIDATES]
    whom = [(lead.customer, ""), *((match.customer, str(match.reason)) for match in offered)]
    return [(customer, reason, filling_of(lead, customer)) for customer, reason in whom]


def try_to_convert(request: HttpRequest, lead: Lead, form: ConversionForm) -> int:
    """200, or the status of a refusal that the form tells."""
    seen = Customer.objects.visible_to(me(request)).present()
    wanted = form.cleaned_data["into"] if form.is_valid() else None
    into = seen.filter(pk=wanted).first() if wanted else None
    if wanted and not into:
        form.add_error(None, _("There is no such customer. Choose one of these."))
        return 422
    try:
        convert(lead, by=me(request), into=into)
    except LeadRefused as refusal:
        form.add_error(None, str(refusal))
        return 409
    except ValidationError as refusal:
        form.take(refusal)
        return 422
    return 200
