"""The source of a lead as a touch of its customer, so that acquisition cost sees whom sales brought."""

from collections.abc import Iterable

from customers.models import Lead, Touch

SOURCE = "leads"


def note_source(lead: Lead) -> None:
    """One touch for each lead, by its channel when it was opened; a corrected source, or customer, supersedes it.

    Call where the lead was written; the customer's lock is held.
    """
    known = Touch.objects.filter(source=SOURCE, key=_key(lead))
    live = known.live().first()
    if lead.channel_id is None:
        known.supersede()
    elif live is None:
        first = known.order_by("pk").first()
        Touch.objects.create(first=first, **_facts(lead))
    elif (live.channel_id, live.customer_id) != (lead.channel_id, lead.customer_id):
        live.amend(channel_id=lead.channel_id, customer_id=lead.customer_id)


def note_sources(leads: Iterable[Lead]) -> None:
    """Of new leads."""
    Touch.objects.bulk_create(
        [Touch(**_facts(lead)) for lead in leads if lead.channel_id is not None], batch_size=5_000
    )


def take_sources_back(leads: Iterable[Lead]) -> None:
    """Of leads that never were."""
    Touch.objects.filter(source=SOURCE, key__in=[_key(lead) for lead in leads]).supersede()


def _key(lead: Lead) -> str:
    return f"lead-{lead.pk}"


def _facts(lead: Lead) -> dict[str, object]:
    return {
        "source": SOURCE,
        "key": _key(lead),
        "customer_id": lead.customer_id,
        "original_customer_id": lead.original_customer_id,
        "channel_id": lead.channel_id,
        "occurred_at": lead.opened_at,
    }
