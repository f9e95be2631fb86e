"""Bringing the answers in: through the importer, and then to the invitations they answer."""

from collections.abc import Sequence

from django.db import transaction

from campaigns.models import Survey
from clm.base import clock
from clm.demo import SOURCE
from clm.demo.loading import bring, customer_ids
from clm.demo.models import Made
from clm.demo.opinions import Asking
from customers.intake import statements


@transaction.atomic
def bring_answers(askings: Sequence[Asking]) -> None:
    had = Survey.objects.exists()
    survey = Survey.objects.main()
    if not had:
        Made.objects.note(Survey, [survey.pk])
    _invite(askings, survey)
    bring("responses", [_row(one) for one in askings if one.answered_at])
    statements.run(
        "UPDATE campaigns_response r SET invitation_id = i.id, via = 'link' FROM campaigns_invitation i"
        " WHERE r.source = %s AND i.source = r.source AND i.key = r.key AND r.superseded_at IS NULL"
        " AND r.invitation_id IS NULL",
        [SOURCE],
    )


def _invite(askings: Sequence[Asking], survey: Survey) -> None:
    known = {
        key for (key,) in statements.rows("SELECT key FROM campaigns_invitation WHERE source = %s", [SOURCE])
    }
    ids, at = customer_ids(), clock.now()
    columns = (
        "source",
        "key",
        "customer_id",
        "original_customer_id",
        "survey_id",
        "occurred_at",
        "recorded_at",
    )
    statements.copy(
        "campaigns_invitation",
        columns,
        (
            (SOURCE, one.key, ids[one.customer], ids[one.customer], survey.pk, one.asked_at, at)
            for one in askings
            if one.key not in known
        ),
    )


def _row(one: Asking) -> dict[str, object]:
    return {
        "customer": one.customer,
        "key": one.key,
        "occurred_at": one.answered_at,
        "score": one.score,
        "text": one.text,
        "language": one.language,
    }
