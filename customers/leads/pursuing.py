"""What a rep does with a lead until it is won (see `converting`) or lost. The verbs behind pages and API.

All lock the customer, then the lead; all raise LeadRefused when the lead is not in a state for it, and
ValidationError (by field).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clm.accounts.models import Team, User
from customers.filter_sets import FIRST_DAY, LAST_DAY
from customers.leads.stepping import LeadRefused, StaleLead, Values, step
from customers.models import Lead, LeadState, LeadStatus, LeadStep
from customers.models.lead_status import OPEN
from customers.profiles import UNSTORABLE

EDITABLE = (
    "title",
    "channel",
    "value",
    "currency",
    "next_action",
    "next_action_on",
    "expected_close_on",
    "owner",
    "team",
)
LONGEST_NOTE = 5000


@dataclass(frozen=True)
class Next:
    """What comes after a step; takes the place of the next action there was."""

    action: str = ""
    on: date | None = None

    def columns(self) -> dict[str, Any]:
        return {"next_action": self.action.strip(), "next_action_on": self.on}


def contact(lead: Lead, *, by: User | None, note: str = "", then: Next | None = None) -> Lead:
    """Spoke or wrote to the customer; a new lead becomes contacted. Again and again, while it is open."""

    def decide(lead: Lead, at: datetime) -> Values:
        refuse_closed(lead)
        status = LeadStatus.CONTACTED if lead.status == LeadStatus.NEW else lead.status
        return {"status": status, "contacted_at": at} | _next(then)

    return step(lead, LeadStep.CONTACTED, decide, by=by, note=clean(note))


def qualify(lead: Lead, *, by: User | None, note: str = "", then: Next | None = None) -> Lead:
    """Found worth a rep's time."""

    def decide(lead: Lead, at: datetime) -> Values:
        refuse_closed(lead)
        if lead.status in (LeadStatus.QUALIFIED, LeadStatus.PROPOSAL):
            raise LeadRefused(_("The lead is qualified already."))
        return {"status": LeadStatus.QUALIFIED, "qualified_at": at} | _next(then)

    return step(lead, LeadStep.QUALIFIED, decide, by=by, note=clean(note))


def propose(lead: Lead, *, by: User | None, note: str = "", then: Next | None = None) -> Lead:
    """Made an offer; that qualifies it, too."""

    def decide(lead: Lead, at: datetime) -> Values:
        refuse_closed(lead)
        if lead.status == LeadStatus.PROPOSAL:
            raise LeadRefused(_("The lead has a proposal already."))
        return {"status": LeadStatus.PROPOSAL, "qualified_at": lead.qualified_at or at} | _next(then)

    return step(lead, LeadStep.PROPOSED, decide, by=by, note=clean(note))


def lose(lead: Lead, *, by: User | None, reason: str, note: str = "") -> Lead:
    """Give it up, for a reason: not worth it (disqualified) or lost to another."""
    reason = clean(reason, "lost_reason")
    if not reason:
        raise ValidationError({"lost_reason": _("Say why it was lost.")})

    def decide(lead: Lead, at: datetime) -> Values:
        refuse_closed(lead)
        over = {"next_action": "", "next_action_on": None, "closed_at": at}
        return {"status": LeadStatus.LOST, "lost_reason": reason} | over

    return step(lead, LeadStep.LOST, decide, by=by, note=clean(note) or reason)


def reopen(lead: Lead, *, by: User | None, note: str = "", then: Next | None = None) -> Lead:
    """Take up again what was lost, where it had been; why it was lost stays in the history."""

    def decide(lead: Lead, at: datetime) -> Values:
        if lead.is_open:
            raise LeadRefused(_("The lead is open already."))
        if lead.status == LeadStatus.WON:
            raise LeadRefused(_("The lead is won. Open another lead on this customer."))
        return {"status": _before_the_loss(lead), "lost_reason": "", "closed_at": None} | _next(then)

    return step(lead, LeadStep.REOPENED, decide, by=by, note=clean(note))


def _before_the_loss(lead: Lead) -> str:
    states = LeadState.objects.live().filter(lead=lead, status__in=OPEN).order_by("-occurred_at", "-pk")
    return states.values_list("status", flat=True).first() or LeadStatus.NEW


def assign(lead: Lead, *, by: User | None, owner: User | None, team: Team | None = None) -> Lead:
    """Give it to somebody; the team is theirs unless another is named."""

    def decide(lead: Lead, at: datetime) -> Values:
        refuse_closed(lead)
        wanted = {"owner": owner, "team": team or (owner.team if owner else lead.team)}
        return changed(lead, wanted)

    return step(lead, LeadStep.ASSIGNED, decide, by=by)


def change(lead: Lead, *, by: User | None, values: Values, expected: datetime | None = None) -> Lead:
    """Give fields new values. `expected` is the `changed_at` that was read; StaleLead tells who came too late.

    A new owner brings the own team, unless one is named.
    """
    unknown = values.keys() - set(EDITABLE)
    if unknown:
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    wanted = cleaned(values)

    def decide(lead: Lead, at: datetime) -> Values:
        if expected is not None and lead.changed_at != expected:
            raise StaleLead(lead)
        changes = changed(lead, wanted)
        if (owner := changes.get("owner")) and "team" not in wanted:
            changes |= changed(lead, {"team": owner.team})
        for name in ("next_action", "next_action_on"):
            if changes.get(name):
                _refuse_next(lead, name)
        return changes

    return step(lead, LeadStep.CHANGED, decide, by=by)


def cleaned(values: Values) -> dict[str, Any]:
    for name, value in values.items():
        if isinstance(value, date) and not FIRST_DAY <= value <= LAST_DAY:
            raise ValidationError({name: _("Give a day between 1900 and 2999.")})
    return {name: clean(value, name) if isinstance(value, str) else value for name, value in values.items()}


def clean(text: str, field: str = "note", *, most: int = LONGEST_NOTE) -> str:
    """Without space around it. Raises ValidationError for what can't be stored."""
    text = text.strip()
    if UNSTORABLE.search(text):
        raise ValidationError({field: _("The text contains a character that can't be kept. Type it again.")})
    if len(text) > most:
        raise ValidationError({field: _("The text has more than %(most)s characters.") % {"most": most}})
    return text


def refuse_closed(lead: Lead) -> None:
    if lead.status == LeadStatus.WON:
        raise LeadRefused(_("The lead is won already."))
    if lead.status == LeadStatus.LOST:
        raise LeadRefused(_("The lead is lost. Open it again first."))


def _refuse_next(lead: Lead, field: str) -> None:
    """Closing a lead ends what was to be done next."""
    try:
        refuse_closed(lead)
    except LeadRefused as refusal:
        raise ValidationError({field: str(refusal)}) from refusal


def _next(then: Next | None) -> dict[str, Any]:
    return cleaned(then.columns()) if then else {}


def changed(lead: Lead, wanted: Values) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if getattr(lead, name) != value}
