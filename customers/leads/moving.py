"""Moving a lead to another step of its board, forwards or back. Winning and losing are verbs of their own."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.core import signing
from django.utils.translation import gettext as _

from clm.accounts.models import User
from customers.leads.pursuing import changed
from customers.leads.stepping import LeadRefused, StaleLead, Values, step
from customers.models import Lead, LeadStatus, LeadStep, PipelineStep
from customers.models.lead_state import STEP_TO
from customers.models.lead_status import OPEN

SALT, HOLDS = "lead-move", timedelta(hours=1)
REACHED = ("contacted_at", "qualified_at")


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


def taking_back(before: Lead, after: Lead) -> str:
    """What `take_back` needs to put the lead where it was `before`; empty where that asks for more than a step.

    `before` is marked with the step it was shown in.
    """
    if before.status not in OPEN or before.shown_in is None:
        return ""
    reached = {name: at.isoformat() if (at := getattr(before, name)) else None for name in REACHED}
    day = before.next_action_on.isoformat() if before.next_action_on else None
    kept = {"lead": before.pk, "to": before.shown_in.key, "changed_at": after.changed_at.isoformat()}
    planned = {"next_action": before.next_action, "next_action_on": day}
    return signing.dumps(kept | {"reached": reached, "planned": planned}, salt=SALT, compress=True)


def take_back(lead: Lead, token: str, steps: Sequence[PipelineStep], *, by: User | None) -> Lead:
    """Raises LeadRefused, and StaleLead when somebody changed it since."""
    try:
        kept = signing.loads(token, salt=SALT, max_age=HOLDS)
    except signing.BadSignature as error:
        raise LeadRefused(_("This can't be undone any more.")) from error
    to = next((step for step in steps if step.key == kept["to"]), None)
    if kept["lead"] != lead.pk or to is None:
        raise LeadRefused(_("This can't be undone any more."))
    reached = {name: datetime.fromisoformat(at) if at else None for name, at in kept["reached"].items()}
    day = kept["planned"]["next_action_on"]
    planned = kept["planned"] | {"next_action_on": date.fromisoformat(day) if day else None}
    expected = datetime.fromisoformat(kept["changed_at"])
    return move(lead, to, by=by, expected=expected, reached=reached | planned)


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
