"""How soon tickets are to be answered and solved, by priority, and what that means for each of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ExpressionWrapper, F, Value
from django.db.models.expressions import Combinable
from django.db.models.fields import DateTimeField, DurationField
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, Organisation, User
from customers.models import Priority, Ticket, TicketTarget
from customers.models.tickets.target import LONGEST


@dataclass(frozen=True)
class Target:
    """Hours from the opening; None: no target."""

    answer_within_hours: int | None = None
    solve_within_hours: int | None = None


Targets = Mapping[str, Target]
# As long as nobody has set others.
BUILT_IN: Targets = {
    Priority.LOW: Target(48, 240),
    Priority.NORMAL: Target(24, 120),
    Priority.HIGH: Target(8, 48),
    Priority.URGENT: Target(2, 24),
}


def read_targets() -> Targets:
    """One query."""
    kept = {
        one.priority: Target(one.answer_within_hours, one.solve_within_hours)
        for one in TicketTarget.objects.all()
    }
    return {**BUILT_IN, **kept}


def promise(ticket: Ticket, targets: Targets) -> None:
    """Set by when it is to be answered and solved; once answered the promise of that stands as it was."""
    target, begun = targets[ticket.priority], ticket.opened_at + ticket.paused
    if ticket.first_answered_at is None:
        ticket.answer_by = _after(begun, target.answer_within_hours)
    ticket.solve_by = _after(begun, target.solve_within_hours)


def _after(begun: datetime, hours: int | None) -> datetime | None:
    return None if hours is None else begun + timedelta(hours=hours)


@transaction.atomic
def set_targets(targets: Targets, *, by: User | None) -> None:
    """For tickets to come and all that are open now. Raises ValidationError (by priority)."""
    for priority, target in targets.items():
        _refuse(priority, target)
    for priority, target in targets.items():
        TicketTarget.objects.update_or_create(priority=priority, defaults=vars(target))
        _promise_all(priority, target)
    told = {priority: list(vars(target).values()) for priority, target in targets.items()}
    AuditEntry.objects.record("ticket_targets.changed", Organisation.objects.current(), by=by, **told)


def _refuse(priority: str, target: Target) -> None:
    hours = [each for each in vars(target).values() if each is not None]
    if any(not 1 <= each <= LONGEST for each in hours):
        raise ValidationError({priority: _("Give 1 to %(most)s hours, or nothing.") % {"most": LONGEST}})
    if len(hours) == 2 and hours[0] > hours[1]:
        raise ValidationError({priority: _("The first answer can't come later than the solution.")})


def _promise_all(priority: str, target: Target) -> None:
    mine = Ticket.objects.open().filter(priority=priority)
    mine.update(solve_by=_begun_and(target.solve_within_hours))
    mine.filter(first_answered_at=None).update(answer_by=_begun_and(target.answer_within_hours))


def _begun_and(hours: int | None) -> Combinable | None:
    if hours is None:
        return None
    later = F("opened_at") + F("paused") + Value(timedelta(hours=hours), DurationField())
    return ExpressionWrapper(later, DateTimeField())
