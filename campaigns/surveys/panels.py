"""What the customer's page shows of surveys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Response, Survey, band_of
from clm.accounts.permissions import Capability, may
from clm.accounts.views.signed_in import me
from clm.base import panels, timeline
from clm.base.timeline import Entry
from customers.models import Customer


def panel(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Each survey with the customer's last answer, in one query; nothing before there is a survey."""
    surveys = list(with_last_answer(customer))
    if not surveys:
        return None
    return {
        "customer": customer,
        "surveys": [
            (survey, survey.last_score is not None and band_of(survey.last_score)) for survey in surveys
        ],
        "may_ask": may(me(request), Capability.EDIT_CUSTOMERS),
    }


def with_last_answer(customer: Customer) -> QuerySet[Any]:
    """Surveys, of those put away only the answered ones, with `last_score`, `last_text`, `last_language` and `last_at`."""
    last = Response.objects.for_customer(customer.pk).filter(survey=OuterRef("pk"))
    names = {"score": "score", "text": "text", "language": "language", "at": "occurred_at"}
    told = Survey.objects.annotate(
        **{f"last_{name}": Subquery(last.values(column)[:1]) for name, column in names.items()}
    )
    return told.filter(Q(archived_at=None) | Q(last_at__isnull=False))


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


def moments(customer: Customer) -> list[tuple[Any, str]]:
    return [(Response.objects.live().filter(customer=customer), "occurred_at")]


panels.register(
    "customer", panels.Panel("surveys", "campaigns/_panel.html", panel, place="side", order=30, is_late=True)
)
timeline.register("customer", timeline.Source("responses", gettext_lazy("Survey answers"), answers, moments))
