"""Who matches conditions while they are being written: how many, and some of them with why."""

from dataclasses import dataclass, field
from time import monotonic

from django.db import OperationalError, connection, transaction

from clm.accounts.models import Organisation, User
from clm.base import clock, keyset
from clm.base.conditions import Asked, Node, Verdict
from clm.base.conditions.stepping import row_by_row
from clm.base.keyset import Count
from customers.models import Customer
from customers.segments.nesting import refuse_hidden

EXAMPLES = 5
PATIENCE_MS = 4000


@dataclass(frozen=True)
class Example:
    """One who matches; `leaves` are the tests that tell of something the customer has."""

    customer: Customer
    leaves: list[Verdict]


@dataclass(frozen=True)
class Preview:
    """`count` is null where counting takes too long; no examples are told where finding or explaining them does."""

    count: Count | None
    examples: list[Example] = field(default_factory=list)


def preview(tree: Node, user: User) -> Preview:
    """Of the customers whom the user sees, now. Raises InvalidCondition for what the user may not ask."""
    refuse_hidden(tree, user)
    asked = Asked(zone=Organisation.objects.current().zone, as_of=clock.now())
    matching = Customer.objects.visible_to(user).present().filter(row_by_row(tree.to_q(asked)))
    until, count = monotonic() + PATIENCE_MS / 1000, None
    try:
        with transaction.atomic():
            _wait(until)
            count = keyset.count(matching)
            found = list(matching.order_by("-pk").values_list("pk", flat=True)[:EXAMPLES])
            return Preview(count, [_example(pk, tree, asked, until) for pk in found])
    except OperationalError:
        return Preview(count)


def _wait(until: float) -> None:
    """For the next questions of this transaction no longer than that, each."""
    left = max(1, round((until - monotonic()) * 1000))
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {left}")


def _example(pk: int, tree: Node, asked: Asked, until: float) -> Example:
    _wait(until)
    customers = Customer.objects.filter(pk=pk)
    why = tree.explain(customers, asked)
    held = [leaf for leaf in why.leaves() if leaf.evidence and leaf.evidence.have] if why else []
    return Example(customers.get(), held)
