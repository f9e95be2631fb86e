"""Letting customers in: found by query, so that one that was missed is found by the next sweep."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.isolating import work_on
from campaigns.leaving import Ends
from campaigns.merging import came_of_a_merge
from campaigns.models import Campaign, CampaignVersion, Enrollment, Outcome, Reentry
from campaigns.triggers import trigger_of
from clm.base import clock

CHUNK = 20_000


def enroll(as_of: datetime | None = None) -> int:
    """Let in, for every running campaign, who entered its stage or segment since its launch. Returns how many."""
    at = as_of or clock.now()
    running = Campaign.objects.running().order_by("priority", "pk")
    return sum(work_on(campaign, partial(enroll_into, campaign, at)) for campaign in running)


def enroll_into(campaign: Campaign, as_of: datetime) -> int:
    """In chunks, each its own transaction under the campaign's lock; nothing while another sweep has it.

    Raises InvalidTrigger, InvalidCondition.
    """
    entered = 0
    while added := _enroll_chunk(campaign, as_of):
        entered += added
        if added < CHUNK:
            break
    return entered


@transaction.atomic
def _enroll_chunk(campaign: Campaign, as_of: datetime) -> int:
    locked = Campaign.objects.running().select_for_update(no_key=True, skip_locked=True, of=("self",))
    held = locked.filter(pk=campaign.pk).first()
    version = held.published() if held else None
    if held is None or version is None:
        return 0
    chosen = entrants(held, version, as_of).order_by("entered_at", "pk")[:CHUNK]
    return _insert(chosen.values_list("customer_id", "entered_at"), version, as_of)


def entrants(campaign: Campaign, version: CampaignVersion, as_of: datetime) -> QuerySet[Any]:
    """The stays whose customers are to be let in: none for whom the campaign would end at once."""
    stays = trigger_of(version).stays()
    return entrants_among(stays.filter(entered_at__lt=as_of), campaign, version, as_of)


def entrants_among(
    stays: QuerySet[Any], campaign: Campaign, version: CampaignVersion, as_of: datetime
) -> QuerySet[Any]:
    """Of stays, real ones or those of a simulation: who would be let in."""
    ends = Ends.of(version)
    stays = stays.filter(entered_at__gte=campaign.since)
    for outcome, holds in ends.in_order(as_of):
        if outcome != Outcome.LEFT:  # a stay is a customer who is there
            stays = stays.exclude(holds)
    return stays.exclude(_kept_out(campaign, as_of)).exclude(came_of_a_merge(stays))


def _kept_out(campaign: Campaign, as_of: datetime) -> Q:
    """By a run that is still going, or by the rule for going through again."""
    runs = Enrollment.objects.filter(campaign=campaign, customer=OuterRef("customer"), key="")
    if campaign.reentry == Reentry.ONCE:
        return Q(Exists(runs))
    if campaign.reentry == Reentry.ON_REMATCH:
        return Q(Exists(runs.filter(Q(finished_at=None) | Q(finished_at__gte=OuterRef("entered_at")))))
    rest = as_of - timedelta(days=campaign.reentry_days or 0)
    return Q(Exists(runs.filter(Q(finished_at=None) | Q(finished_at__gt=rest))))


def _insert(chosen: QuerySet[Any], version: CampaignVersion, as_of: datetime) -> int:
    sql, parameters = chosen.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT.format(chosen=sql), [version.campaign_id, version.pk, as_of, as_of, *parameters]
        )
        return int(cursor.rowcount)


# One active run of each customer: what another sweep was quicker with is passed over.
_INSERT = """
WITH entered AS (INSERT INTO campaigns_enrollment (customer_id, original_customer_id, campaign_id, version_id, key, matched_at,
    entered_at, position, next_step_at, outcome, reason)
SELECT customer_id, customer_id, %s, %s, '', matched_at, %s, 0, %s, '', ''
FROM ({chosen}) AS chosen (customer_id, matched_at)
ON CONFLICT (customer_id, campaign_id, key) WHERE finished_at IS NULL DO NOTHING
RETURNING customer_id, entered_at)
INSERT INTO customers_arrival (customer_id, since) SELECT customer_id, entered_at FROM entered
"""
