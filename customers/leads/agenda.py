"""What a rep has to do: the own open leads by the day of their next action."""

from dataclasses import dataclass
from datetime import date, timedelta

from clm.accounts.models import User
from customers.models import Lead

SHOWN = 20
AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Agenda:
    """Leads in the order of their days, at most SHOWN of each kind; `without` have no next action."""

    overdue: list[Lead]
    today: list[Lead]
    coming: list[Lead]
    without: list[Lead]

    @property
    def is_empty(self) -> bool:
        return not (self.overdue or self.today or self.coming or self.without)


def agenda_of(user: User, *, today: date) -> Agenda:
    mine = Lead.objects.open().filter(owner=user).select_related("customer", "customer__company")
    dated = mine.filter(next_action_on__lte=today + AHEAD).order_by("next_action_on", "pk")
    return Agenda(
        list(dated.filter(next_action_on__lt=today)[:SHOWN]),
        list(dated.filter(next_action_on=today)[:SHOWN]),
        list(dated.filter(next_action_on__gt=today)[:SHOWN]),
        list(mine.filter(next_action_on=None).order_by("opened_at", "pk")[:SHOWN]),
    )
