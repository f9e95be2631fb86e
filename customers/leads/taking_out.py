"""The list of leads as rows for a file: under the headings by which an import knows them again, or as it is shown."""

from collections.abc import Iterable, Iterator
from itertools import islice

from customers.leads.listing import LeadListing
from customers.leads.pipelines import Pipelines
from customers.models import Lead

HEAD = (
    "id",
    "customer_number",
    "name",
    "email",
    "company",
    "title",
    "status",
    "owner",
    "source",
    "value",
    "currency",
    "next_action",
    "next_action_on",
    "expected_close_on",
    "lost_reason",
    "opened_at",
    "closed_at",
)
PORTION = 2000


def lead_lines(listing: LeadListing) -> Iterator[list[object]]:
    """All pages, in the order of the list. Reads in portions. Where columns were chosen, these."""
    leads = listing.whole.iterator(chunk_size=PORTION)
    if listing.is_chosen:
        return listing.lines_of(_marked(leads, listing.pipelines))
    return _lines(leads)


def _marked(leads: Iterator[Lead], pipelines: Pipelines) -> Iterator[Lead]:
    """Each with the step it is shown in, as its team calls it."""
    while portion := list(islice(leads, PORTION)):
        pipelines.mark(portion)
        yield from portion


def _lines(leads: Iterable[Lead]) -> Iterator[list[object]]:
    yield list(HEAD)
    for lead in leads:
        customer = lead.customer
        yield [
            lead.pk, customer.pk, customer.name, customer.email, customer.company and customer.company.name, lead.title,
            lead.status, lead.owner and lead.owner.email, lead.channel and lead.channel.name, lead.value, lead.currency,
            lead.next_action, lead.next_action_on, lead.expected_close_on, lead.lost_reason, lead.opened_at,
            lead.closed_at,
        ]  # fmt: skip
