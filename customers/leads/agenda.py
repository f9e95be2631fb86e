"""What a rep has to do: the own open leads by the day of their next action."""

from dataclasses import dataclass
from datetime import date, timedelta

from clm.accounts.models import User
from customers.leads.pipelines import Pipelines
from customers.models import Lead

SHOWN = 20
AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Agenda:
    """Leads in the order of their days, at most SHOWN of each kind; `without` have no next action, `unanswered` no first
    contact in time."""

    overdue: list[Lead]
    today: list[Lead]
    coming: list[Lead]
    without: list[Lead]
    unanswered: list[Lead]

    @property
    def is_empty(self) -> bool:
        return not (self.overdue or self.today or self.coming or self.without or self.unanswered)


def agenda_of(user: User, *, today: date) -> Agenda:
    """Two queries."""
    pipelines = Pipelines.read()
    mine = Lead.objects.open().filter(owner=user)
    dated = mine.filter(next_action_on__lte=today + AHEAD).order_by("next_action_on", "pk")
    undated = mine.filter(next_action_on=None).order_by("opened_at", "pk")
    parts = [
        dated.filter(next_action_on__lt=today),
        dated.filter(next_action_on=today),
        dated.filter(next_action_on__gt=today),
        undated,
        mine.filter(pipelines.unanswered()).order_by("opened_at", "pk"),
    ]
    first, *others = (part.values("pk")[:SHOWN] for part in parts)
    shown = Lead.objects.filter(pk__in=first.union(*others, all=True))
    leads = list(shown.select_related("customer", "customer__company"))
    pipelines.mark(leads)
    by_day = sorted(leads, key=lambda lead: (lead.next_action_on or date.max, lead.pk))
    by_age = sorted(leads, key=lambda lead: (lead.opened_at, lead.pk))
    days = {lead.pk: lead.next_action_on for lead in leads}
    return Agenda(
        [lead for lead in by_day if (day := days[lead.pk]) and day < today][:SHOWN],
        [lead for lead in by_day if days[lead.pk] == today][:SHOWN],
        [lead for lead in by_day if (day := days[lead.pk]) and today < day <= today + AHEAD][:SHOWN],
        [lead for lead in by_age if days[lead.pk] is None][:SHOWN],
        [lead for lead in by_age if lead.is_unanswered][:SHOWN],
    )
