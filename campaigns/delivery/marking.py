"""Writing down what became of a mail. Each statement asks for the sender's own token, so that none speaks for another."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from campaigns.delivery.medium import NotTaken
from campaigns.models import Message
from campaigns.surveys.sparing import nobody_asked_by

BACKOFF = [timedelta(seconds=seconds) for seconds in (10, 30, 60, 300, 900, 3600, 14_400)]


def put_off(message: Message, refusal: NotTaken, *, token: UUID, at: datetime) -> bool:
    """Back to the queue, to be tried again later and later."""
    wait = BACKOFF[min(message.attempts, len(BACKOFF) - 1)]
    return _write(
        _BACK,
        message,
        token,
        at,
        kind="deferred",
        not_before=at + wait,
        code=refusal.code,
        words=refusal.words,
    )


@transaction.atomic
def refused(message: Message, refusal: NotTaken, *, token: UUID, at: datetime) -> bool:
    """For good. Returns False when the message was another's by then."""
    is_ours = _write(_REFUSED, message, token, at, kind="failed", code=refusal.code, words=refusal.words)
    if is_ours:
        nobody_asked_by(Message.objects.filter(pk=message.pk), [message.text_id])
    return is_ours


def doubtful(message: Message, words: str, *, token: UUID, at: datetime) -> bool:
    return _write(_DOUBTFUL, message, token, at, kind="no_answer", code=None, words=words)


def untouched(message: Message, *, token: UUID) -> bool:
    """As if it had never been tried: the mail server could not be talked to, or the mail was taken back."""
    with connection.cursor() as cursor:
        cursor.execute(_UNTOUCHED, {"id": message.pk, "token": token})
        return bool(cursor.rowcount == 1)


def _write(sql: str, message: Message, token: UUID, at: datetime, **given: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"id": message.pk, "token": token, "at": at, **given})
        return bool(cursor.rowcount == 1)


_OURS = "WHERE id = %(id)s AND claim_token = %(token)s AND state IN ('handing', 'in_doubt') RETURNING id"
_LOG = """
INSERT INTO campaigns_delivery (message_id, kind, occurred_at, code, words, details)
SELECT id, %(kind)s, %(at)s, %(code)s, %(words)s, '{}' FROM done
"""
_BACK = f"""
WITH done AS (
    UPDATE campaigns_message SET state = 'queued', reason = 'put_off', words = %(words)s, lease_until = NULL,
        claim_token = NULL, not_before = %(not_before)s {_OURS})
{_LOG}"""
_REFUSED = f"""
WITH done AS (
    UPDATE campaigns_message SET state = 'failed', reason = 'refused', words = %(words)s, lease_until = NULL,
        settled_at = %(at)s {_OURS})
{_LOG}"""
_DOUBTFUL = f"""
WITH done AS (
    UPDATE campaigns_message SET state = 'in_doubt', reason = 'no_answer', words = %(words)s, lease_until = NULL
    {_OURS})
{_LOG}"""
_UNTOUCHED = f"""
UPDATE campaigns_message SET state = 'queued', lease_until = NULL, claim_token = NULL, attempts = attempts - 1
{_OURS}"""
