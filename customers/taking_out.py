"""Lists about customers as rows for a file, the heading first: all of what the reader sees, in the order of the page.

Companies stand under the headings by which an import knows them again.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from clm.accounts.models import Organisation, User
from clm.base import keyset
from clm.base.downloads import Columns, table
from customers.company_pages import CompanyListing
from customers.intake.kinds import kind_named
from customers.models import CustomerMerge, Import, Segment, Task, Twins
from customers.scoring.best import Best
from customers.scoring.matrix import Matrix
from customers.segments import describing
from customers.tasks_listing import TaskListing
from customers.tickets.listing import TicketListing

Rows = Iterator[list[object]]
PORTION = 2000
DECIMALS = 4


def company_lines(listing: CompanyListing) -> Rows | None:
    if not listing.filters.is_valid():
        return None
    currency = str(Organisation.objects.current().currency)
    columns: Columns = {
        "id": "pk",
        "name": "name",
        "domain": "domain",
        "country": "country",
        "owner": "owner.email",
        "team": "team.name",
        "people": "people",
        "revenue": "revenue",
        "currency": lambda _company: currency,
        "created_at": "created_at",
    }
    return _as_shown(listing) if listing.is_chosen else table(_whole(listing), columns)


def segment_lines(segments: QuerySet[Segment], *, seen_by: User) -> Rows:
    columns: Columns = {
        "id": "segment.pk",
        "slug": "segment.slug",
        "name": "segment.name",
        "description": "segment.description",
        "kind": "segment.kind",
        "customers": "count",
        "computed_at": "segment.computed_at",
        "owner": "segment.owner.email",
        "used_by": lambda line: "; ".join(str(use.label) for use in line.uses),
    }
    return table(describing.lines(list(keyset.ordered(segments, "name")), seen_by=seen_by), columns)


def task_lines(listing: TaskListing) -> Rows | None:
    if not listing.filters.is_valid():
        return None
    tasks: Iterable[Task] = listing.whole.iterator(chunk_size=PORTION)
    columns: Columns = {
        "id": "pk",
        "title": "title",
        "customer_number": "customer_id",
        "customer": lambda task: str(task.customer),
        "lead": "lead_id",
        "owner": "owner.email",
        "due_on": "due_on",
        "due_at": lambda task: task.due_at if task.has_time else None,
        "remind_at": "remind_at",
        "done_at": "done_at",
        "planned_at": "planned_at",
    }
    return table(tasks, columns)


def ticket_lines(listing: TicketListing) -> Rows | None:
    if not listing.filters.is_valid():
        return None
    columns: Columns = {
        "id": "pk",
        "subject": "subject",
        "customer_number": "customer_id",
        "customer": lambda ticket: str(ticket.customer),
        "company": "company.name",
        "type": "type",
        "priority": "priority",
        "status": "status",
        "owner": "owner.email",
        "team": "team.name",
        "opened_at": "opened_at",
        "first_answered_at": "first_answered_at",
        "solved_at": "solved_at",
        "closed_at": "closed_at",
        "due_at": "due_at",
    }
    return _as_shown(listing) if listing.is_chosen else table(_whole(listing), columns)


def _whole(listing: TicketListing | CompanyListing) -> Iterable[Any]:
    rows: Iterable[Any] = listing.whole.iterator(chunk_size=PORTION)
    return rows


def _as_shown(listing: TicketListing | CompanyListing) -> Rows:
    """The columns that were chosen."""
    return listing.lines_of(_whole(listing))


COUNTED = ("rows", "added", "amended", "unchanged", "problems")


def import_lines(runs: QuerySet[Import]) -> Rows:
    columns: Columns = {
        "id": "pk",
        "file": "file_name",
        "kind": "kind",
        "what": lambda run: str(kind_named(run.kind).label),
        "source": "source",
        "status": "status",
        **{name: _count(name) for name in COUNTED},
        "by": "created_by.email",
        "created_at": "created_at",
        "finished_at": "finished_at",
        "undone_at": "undone_at",
    }
    return table(runs.iterator(chunk_size=PORTION), columns)


def _count(name: str) -> Callable[[Import], object]:
    return lambda run: run.counts.get(name, 0)


def twin_lines(found: QuerySet[Twins]) -> Rows:
    columns: Columns = {
        "customer_number": "one_id",
        "customer": lambda twins: str(twins.one),
        "other_number": "other_id",
        "other": lambda twins: str(twins.other),
        "because": lambda twins: ", ".join(str(reason) for reason in twins.reasons),
        "score": "score",
        "found_at": "found_at",
    }
    return table(keyset.ordered(found, "-score").iterator(chunk_size=PORTION), columns)


def merge_lines(merges: QuerySet[CustomerMerge]) -> Rows:
    columns: Columns = {
        "customer_number": "winner_id",
        "customer": lambda merge: str(merge.winner),
        "merged_number": "loser_id",
        "merged": lambda merge: str(merge.loser),
        "by": "merged_by.email",
        "at": "recorded_at",
        "undone_at": "undone_at",
    }
    return table(keyset.ordered(merges, "-recorded_at").iterator(chunk_size=PORTION), columns)


def matrix_lines(matrix: Matrix) -> Rows:
    """A line for each grade."""
    cells = [(row.fit_class, cell) for row in matrix.rows for cell in row.cells]
    columns: Columns = {
        "grade": lambda pair: pair[1].grade,
        "fit": lambda pair: pair[0],
        "interest": lambda pair: pair[1].grade[1:],
        "customers": lambda pair: pair[1].count,
    }
    return table(cells, columns)


def trait_lines(best: Best) -> Rows:
    """What the best customers have in common."""
    columns: Columns = {
        "trait": "key",
        "in_words": "in_words",
        "of_the_best": "best",
        "share_of_the_best": lambda trait: round(trait.share, DECIMALS),
        "of_all": "all",
        "times_as_often": lambda trait: round(trait.lift, DECIMALS),
    }
    return table(best.traits, columns)
