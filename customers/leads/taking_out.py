"""The list of leads as rows for a file, under the headings by which an import knows them again."""

from collections.abc import Iterator

from clm.base import keyset
from customers.leads.listing import SORTS, LeadListing

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
RELATED = ("customer", "customer__company", "owner", "channel")


def lead_lines(listing: LeadListing) -> Iterator[list[object]]:
    """All pages, in the order of the list. Reads in portions."""
    yield list(HEAD)
    path = ("-" if listing.sort.startswith("-") else "") + SORTS[listing.sort.removeprefix("-")]
    leads = keyset.ordered(listing.narrowed.select_related(*RELATED), path)
    for lead in leads.iterator(chunk_size=2000):
        customer = lead.customer
        yield [
            lead.pk, customer.pk, customer.name, customer.email, customer.company and customer.company.name, lead.title,
            lead.status, lead.owner and lead.owner.email, lead.channel and lead.channel.name, lead.value, lead.currency,
            lead.next_action, lead.next_action_on, lead.expected_close_on, lead.lost_reason, lead.opened_at,
            lead.closed_at,
        ]  # fmt: skip
