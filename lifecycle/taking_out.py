"""Lists about stages as rows for a file, the heading first: all pages, of customers whom the reader sees."""

from collections.abc import Iterator

from django.db.models import QuerySet

from clm.base import keyset
from clm.base.downloads import Columns, table
from lifecycle.comparing import Comparison
from lifecycle.models import Parking, Refusal
from lifecycle.parking import rules_of

Rows = Iterator[list[object]]
PORTION = 2000


def refusal_lines(rows: QuerySet[Refusal]) -> Rows:
    columns: Columns = {
        "customer_number": "customer_id",
        "customer": lambda refusal: str(refusal.customer),
        "model": "model.slug",
        "from": "from_stage.slug",
        "to": "to_stage.slug",
        "source": "source",
        "by": "actor.email",
        "reason": "reason",
        "at": "at",
    }
    return table(keyset.ordered(rows, "-at").iterator(chunk_size=PORTION), columns)


def parking_lines(rows: QuerySet[Parking]) -> Rows:
    found = list(keyset.ordered(rows, "-parked_at"))
    rules = rules_of(found)
    columns: Columns = {
        "customer_number": "customer_id",
        "customer": lambda parking: str(parking.customer),
        "model": "model.slug",
        "reason": "reason",
        "rules": lambda parking: "; ".join(rule.stage.slug for rule in rules[parking.pk]),
        "parked_at": "parked_at",
    }
    return table(found, columns)


def comparison_lines(comparison: Comparison) -> Rows:
    """A line for each pair of stages that somebody is in; no stage is empty."""
    slugs = {stage.pk: stage.slug for side in (comparison.first, comparison.second) for stage in side.stages}
    yield [comparison.first.model.slug, comparison.second.model.slug, "customers"]
    for (first, second), number in comparison.counts.items():
        yield [slugs.get(first or 0, ""), slugs.get(second or 0, ""), number]
