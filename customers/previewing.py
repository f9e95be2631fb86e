"""Who matches conditions while they are being written: how many, and some of them with why."""

from contextlib import suppress
from dataclasses import dataclass

from django.db import OperationalError

from clm.accounts.models import Organisation, User
from clm.base import clock, deadline, keyset
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
    """`count` is null where counting takes too long; examples are those that were found and explained in time."""

    count: Count | None
    examples: list[Example]


def preview(tree: Node, user: User) -> Preview:
    """Of the customers whom the user sees, now. Raises InvalidCondition for what the user may not ask."""
    refuse_hidden(tree, user)
    asked = Asked(zone=Organisation.objects.current().zone, as_of=clock.now())
    matching = Customer.objects.visible_to(user).present().filter(row_by_row(tree.to_q(asked)))
    count: Count | None = None
    examples: list[Example] = []
    with suppress(OperationalError), deadline.within(PATIENCE_MS):
        count = keyset.count(matching)
        for pk in matching.order_by("-pk").values_list("pk", flat=True)[:EXAMPLES]:
            examples.append(_example(pk, tree, asked))  # noqa: PERF401  # those there are when the time is over are told
    return Preview(count, examples)


def _example(pk: int, tree: Node, asked: Asked) -> Example:
    customers = Customer.objects.filter(pk=pk)
    why = tree.explain(customers, asked)
    held = [leaf for leaf in why.leaves() if leaf.evidence and leaf.evidence.have] if why else []
    return Example(customers.get(), held)
