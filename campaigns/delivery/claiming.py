"""Taking messages to work on, and giving back what a sender that is gone had taken."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q

from campaigns.models import Campaign, Message, MessageState, Reason
from campaigns.models.message import WAITING
from campaigns.surveys.sparing import nobody_asked_by

LEASE = timedelta(seconds=120)


def claim(token: UUID, *, most: int, as_of: datetime, lease: timedelta) -> list[int]:
    """Claim due messages of campaigns that run, oldest first. Returns their ids.

    Senders pass over each other's rows, so none waits.
    """
    running = list(Campaign.objects.running().values_list("pk", flat=True))
    given: dict[str, Any] = {
        "token": token,
        "as_of": as_of,
        "until": as_of + lease,
        "most": most,
        "running": running,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, given)
        return [row[0] for row in cursor.fetchall()]


def release(token: UUID) -> int:
    """Give back what this sender has claimed and not begun to hand over."""
    mine = Message.objects.filter(claim_token=token, state=MessageState.CLAIMED)
    return mine.update(state=MessageState.QUEUED, lease_until=None, reason="")


@transaction.atomic
def recover(as_of: datetime) -> tuple[int, int]:
    """What a dead sender had not begun to hand over is queued again, what was taken is sent, and only the one at hand
    is in doubt. Returns how many were queued, and how many are in doubt.

    In doubt it keeps its claim: a sender that only slept may still say what became of it.
    """
    with connection.cursor() as cursor:
        # From here on the sender can begin nothing more.
        cursor.execute(
            "DELETE FROM campaigns_handover WHERE lease_until <= %s RETURNING token, begun", [as_of]
        )
        for token, begun in cursor.fetchall():
            cursor.execute(_TAKEN, {"token": token, "begun": begun[:-1]})
            cursor.execute(_UNBEGUN, {"token": token, "begun": begun, "as_of": as_of})
        cursor.execute(_REQUEUE, {"as_of": as_of})
        queued = cursor.rowcount
        cursor.execute(_DOUBT, {"as_of": as_of})
        return queued, cursor.rowcount


@transaction.atomic
def expire(as_of: datetime) -> int:
    """Settle what could not be sent in time."""
    late = Message.objects.filter(state__in=WAITING, expires_at__lte=as_of)
    locked = late.order_by("pk").select_for_update(skip_locked=True)
    found = Message.objects.filter(pk__in=list(locked.values_list("pk", flat=True)))
    found.filter(reason=Reason.OVER_CAP).update(state=MessageState.CAPPED, settled_at=as_of)
    in_wait = found.filter(state__in=WAITING)
    in_wait.update(state=MessageState.EXPIRED, reason=Reason.EXPIRED, settled_at=as_of)
    nobody_asked_by(found)
    return found.count()


def backlog(as_of: datetime) -> tuple[int, datetime | None]:
    """How many messages are due, and since when the oldest is."""
    due = Message.objects.due(as_of).filter(Q(campaign=None) | Q(campaign__status="running"))
    oldest = due.order_by("not_before").values_list("not_before", flat=True).first()
    return due.order_by(F("pk")).count(), oldest


_CLAIM = """
UPDATE campaigns_message SET state = 'claimed', claim_token = %(token)s, lease_until = %(until)s
WHERE id IN (SELECT id FROM campaigns_message
             WHERE state IN ('queued', 'held') AND not_before <= %(as_of)s
               AND (campaign_id IS NULL OR campaign_id = ANY(%(running)s))
             ORDER BY not_before, id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
RETURNING id
"""
# The next was begun only when it was known that these had been taken.
_TAKEN = """
WITH done AS (
    UPDATE campaigns_message SET state = 'sent', reason = '', lease_until = NULL, sent_at = handed_at,
        settled_at = clock_timestamp()
    WHERE state = 'handing' AND claim_token = %(token)s AND id = ANY (%(begun)s::bigint[])
    RETURNING id, customer_id, handed_at),
noted AS (INSERT INTO customers_arrival (customer_id, since) SELECT customer_id, handed_at FROM done)
INSERT INTO campaigns_delivery (message_id, kind, occurred_at, words, details)
SELECT id, 'sent', handed_at, '', '{}' FROM done
"""
_UNBEGUN = """
UPDATE campaigns_message SET state = 'claimed', lease_until = %(as_of)s, attempts = attempts - 1
WHERE state = 'handing' AND claim_token = %(token)s AND NOT id = ANY (%(begun)s::bigint[])
"""
_REQUEUE = """
UPDATE campaigns_message SET state = 'queued', lease_until = NULL, claim_token = NULL
WHERE id IN (SELECT id FROM campaigns_message WHERE state = 'claimed' AND lease_until <= %(as_of)s
             ORDER BY id FOR UPDATE SKIP LOCKED)
"""
_DOUBT = """
WITH doubtful AS (
    UPDATE campaigns_message SET state = 'in_doubt', lease_until = NULL, reason = 'crashed'
    WHERE id IN (SELECT id FROM campaigns_message AS m WHERE state = 'handing' AND lease_until <= %(as_of)s
                 AND NOT EXISTS (SELECT FROM campaigns_handover AS theirs WHERE theirs.token = m.claim_token)
                 ORDER BY id FOR UPDATE SKIP LOCKED)
    RETURNING id)
INSERT INTO campaigns_delivery (message_id, kind, occurred_at, words, details)
SELECT id, 'no_answer', %(as_of)s, '', '{}' FROM doubtful
"""
