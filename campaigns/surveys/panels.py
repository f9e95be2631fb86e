"""What the customer's page shows of surveys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Response, Survey
from clm.accounts.permissions import Capability, may
from clm.accounts.views.signed_in import me
from clm.base import panels, timeline
from clm.base.timeline import Entry
from customers.models import Customer

SHOWN = 3


def panel(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """The last answers, and the surveys that a link can be made for; nothing before there is a survey."""
    surveys = list(Survey.objects.all())
    if not surveys:
        return None
    return {
        "customer": customer,
        "responses": Response.objects.for_customer(customer.pk)[:SHOWN],
        "surveys": surveys if may(me(request), Capability.EDIT_CUSTOMERS) else [],
    }


def answers(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    rows = Response.objects.for_customer(customer.pk).before(before)
    return [
        Entry(
            f"response-{row.pk}",
            row.occurred_at,
            _("Answered %(survey)s with %(score)d of 10") % {"survey": row.survey, "score": row.score},
            "gauge",
            row.text,
        )
        for row in rows[:most]
    ]


panels.register("customer", panels.Panel("surveys", "campaigns/_panel.html", panel, place="side", order=30))
timeline.register("customer", timeline.Source("responses", gettext_lazy("Survey answers"), answers))
