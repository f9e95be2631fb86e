"""Moving a lead to another step of its board, forwards or back. Winning and losing are verbs of their own."""

from datetime import datetime

from django.utils.translation import gettext as _

from clm.accounts.models import User
from customers.leads.pursuing import changed
from customers.leads.stepping import LeadRefused, StaleLead, Values, step
from customers.models import Lead, LeadStatus, LeadStep, PipelineStep
from customers.models.lead_state import STEP_TO
from customers.models.lead_status import OPEN


def move(
    lead: Lead,
    to: PipelineStep,
    *,
    by: User | None,
    expected: datetime | None = None,
    reached: Values | None = None,
) -> Lead:
    """Put it there: what is lost is open again, what goes back is no longer what it had become.

    `reached` says when it was contacted and qualified, for a move that takes another back; else it is worked out.

    Raises LeadRefused for a lead that is won and for the steps won and lost, which ask for more (`convert`,
    `lose`); StaleLead when it changed since `expected`.
    """
    if to.status not in OPEN:
        raise LeadRefused(_("Winning a lead and losing it each ask for more than a step."))

    def what(lead: Lead) -> LeadStep:
        if lead.status == LeadStatus.LOST:
            return LeadStep.REOPENED
        return STEP_TO[to.status] if _is_ahead(lead, to) else LeadStep.MOVED

    def decide(lead: Lead, at: datetime) -> Values:
        if lead.status == LeadStatus.WON:
            raise LeadRefused(_("The lead is won. Open another lead on this customer."))
        if expected is not None and lead.changed_at != expected:
            raise StaleLead(lead)
        return changed(lead, {**_arrived(lead, to, at), **(reached or {})})

    return step(lead, what, decide, by=by)


def _is_ahead(lead: Lead, to: PipelineStep) -> bool:
    return lead.status in OPEN and OPEN.index(LeadStatus(to.status)) > OPEN.index(LeadStatus(lead.status))


def _arrived(lead: Lead, to: PipelineStep, at: datetime) -> Values:
    status = LeadStatus(to.status)
    is_qualified = status in (LeadStatus.QUALIFIED, LeadStatus.PROPOSAL)
    reached = {"contacted_at": lead.contacted_at or at} if status == LeadStatus.CONTACTED else {}
    return reached | {
        "status": status,
        "place": to if to.pk else None,
        "qualified_at": (lead.qualified_at or at) if is_qualified else None,
        "lost_reason": "",
        "closed_at": None,
    }
