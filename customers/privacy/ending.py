"""Nobody waits any more for somebody who was erased: what is open of them ends, as if by hand."""

from collections.abc import Sequence

from clm.accounts.models import User
from customers import tasks_doing
from customers.leads import pursuing
from customers.models import Lead, Task, Ticket, lead_status, task
from customers.models.tickets import words
from customers.privacy.forgetting import GONE
from customers.tickets import handling


def end_what_is_open(customers: Sequence[int], *, by: User | None) -> None:
    for lead in Lead.objects.filter(lead_status.IS_OPEN, customer__in=customers).order_by("pk"):
        pursuing.lose(lead, by=by, reason=GONE)
    for planned in Task.objects.filter(task.IS_OPEN, customer__in=customers).order_by("pk"):
        tasks_doing.drop(planned, by=by)
    for ticket in Ticket.objects.filter(words.IS_OPEN, customer__in=customers).order_by("pk"):
        handling.close(ticket, by=by)
