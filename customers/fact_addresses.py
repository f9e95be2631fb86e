"""Where a fact about a customer is seen, however many came after it: their timeline, beginning at its instant."""

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from clm.base.timeline import TICK


def fact_address(customer: int, entry: str, at: datetime) -> str:
    """`entry` is the key of its entry on the timeline ("order-7"), which the page then marks."""
    before = urlencode({"before": (at + TICK).isoformat()})
    return f"{reverse('customer-timeline', args=[customer])}?{before}#{entry}"
