"""Deciding on messages: one row for each run and step, whatever happens to it."""

from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db import connection

from campaigns.delivery.mime import in_ascii
from campaigns.models import Campaign, EnrollmentQuerySet, SendingRules, Step


def queue(runs: EnrollmentQuerySet, step: Step, as_of: datetime) -> int:
    """Queue the step's message for these runs, the oldest run first: it also leaves first.

    What was queued before stays as it is. Returns how many are new.
    """
    sql, parameters = runs.values_list("pk", "customer_id", "original_customer_id").query.sql_with_params()
    campaign = step.version.campaign
    given: list[Any] = [
        campaign.pk,
        step.pk,
        step.frozen_id,
        campaign.purpose,
        campaign.priority,
        f"campaign:{step.pk}:",
        f"@{mail_domain(campaign)}>",
        as_of,
        as_of,
        as_of + expiry(step),
        as_of,
        *parameters,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT.format(runs=sql), given)
        return int(cursor.rowcount)


def expiry(step: Step) -> timedelta:
    own = step.settings.get("expires_after_hours")
    return timedelta(hours=own or SendingRules.objects.current().expires_after_hours)


def mail_domain(campaign: Campaign | None) -> str:
    """Where the ids of mails are unique: the sender's domain."""
    sender = campaign.sender_address if campaign else ""
    address = sender or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return in_ascii(address).rpartition("@")[2] or "localhost"


# Who has no address gets a row too, settled at once: every decision can be seen.
_INSERT = """
INSERT INTO campaigns_message (kind, campaign_id, step_id, text_id, purpose, priority, enrollment_id, customer_id,
    original_customer_id, address, dedupe_key, message_id, queued_at, not_before, expires_at, state, reason, settled_at,
    words, attempts)
SELECT 'campaign', %s, %s, %s, %s, %s, run.id, run.customer_id, run.original_customer_id, customer.email,
    %s || run.customer_id || ':' || run.id, '<' || gen_random_uuid() || %s, %s, %s, %s,
    CASE WHEN customer.email = '' THEN 'cancelled' ELSE 'queued' END,
    CASE WHEN customer.email = '' THEN 'no_address' ELSE '' END,
    CASE WHEN customer.email = '' THEN %s::timestamptz END, '', 0
FROM ({runs}) AS run (id, customer_id, original_customer_id)
JOIN customers_customer AS customer ON customer.id = run.customer_id
ORDER BY run.id
ON CONFLICT (dedupe_key) DO NOTHING
"""
