"""The last questions before a mail leaves, asked under the customer's lock and answered by one statement.

What every other process has committed before the lock was had is seen; what comes later waits for the lock or
finds the message already being handed over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import connection
from django.db.models import Q
from psycopg import ClientCursor, Cursor
from psycopg.abc import Params
from psycopg.errors import LockNotAvailable

from campaigns.leaving import Ends
from campaigns.models import CampaignVersion, Message, SendingRules, address_key

# Facts that come in while a batch is on its way count too.
MARGIN = timedelta(minutes=1)


class CustomerBusy(Exception):
    """Somebody else holds the customer's lock; a sender never waits for one."""


@dataclass(frozen=True)
class Bookkeeping:
    """A statement to run first, in the same transaction: what became of the mail before."""

    sql: str
    parameters: dict[str, object]


@dataclass(frozen=True)
class Guards:
    """What holds for all messages of a batch. `offset` is added to the database's clock (zero but in rehearsals)."""

    token: UUID
    rules: SendingRules
    offset: timedelta
    lease: timedelta

    def pass_on(self, message: Message, ended: str, before: Bookkeeping | None) -> bool:
        """Mark as being handed over, and commit, if every guard says yes. Raises CustomerBusy; `before` is undone then.

        `ended` is the SQL of `ended_sql`.
        """
        given = {
            "id": message.pk,
            "token": self.token,
            "offset": self.offset,
            "lease": self.lease,
            "email": message.customer.email,
            "key": address_key(message.customer.email),
            "cap": self.rules.cap_messages,
            "cap_period": timedelta(days=self.rules.cap_days),
        }
        guard = _TEST if message.kind == "test" else _GUARD.replace("/*ended*/", ended)
        connection.ensure_connection()
        raw = connection.connection
        try:
            # One trip to the server for all of it; each statement sees what was committed before it began.
            with raw.pipeline(), raw.transaction():
                if before:
                    _execute(before.sql, before.parameters)
                _execute(_LOCK, given)
                marked = _execute(guard, given)
        except LockNotAvailable as error:
            raise CustomerBusy from error
        return marked.rowcount == 1


def record(what: Bookkeeping) -> None:
    connection.ensure_connection()
    with connection.connection.transaction():
        _execute(what.sql, what.parameters)


def _execute(sql: str, parameters: Params) -> "Cursor[tuple[object, ...]]":
    """Django's cursors put values into the text; the server keeps the plan only where they are apart."""
    return Cursor(connection.connection).execute(sql, parameters, prepare=True)


def ended_sql(version: CampaignVersion, as_of: datetime) -> str:
    """SQL, true for a message `m` of this version whose run has come to an early end. Raises InvalidCondition."""
    ends = Ends.of(version).in_order(as_of + MARGIN)
    ended = Message.objects.filter(reduce(or_, (holds for _outcome, holds in ends), Q(pk__in=[])))
    sql, parameters = ended.values("pk").query.sql_with_params()
    connection.ensure_connection()
    text = ClientCursor(connection.connection).mogrify(sql, parameters)
    return f"EXISTS (SELECT FROM ({text}) AS ended (id) WHERE ended.id = m.id)".replace("%", "%%")


_LOCK = """
SELECT FROM campaigns_message AS m JOIN customers_customer AS c ON c.id = m.customer_id
WHERE m.id = %(id)s AND m.claim_token = %(token)s FOR NO KEY UPDATE NOWAIT
"""
_MARK = """
UPDATE campaigns_message AS m
SET state = 'handing', handed_at = clock_timestamp() + %(offset)s, attempts = attempts + 1, reason = '',
    lease_until = clock_timestamp() + %(offset)s + %(lease)s, address = %(email)s
WHERE m.id = %(id)s AND m.state = 'claimed' AND m.claim_token = %(token)s
  AND m.lease_until > clock_timestamp() + %(offset)s AND m.expires_at > clock_timestamp() + %(offset)s
  AND NOT EXISTS (SELECT FROM campaigns_sendingrules WHERE stopped_at IS NOT NULL)
  AND NOT EXISTS (SELECT FROM campaigns_suppression AS s WHERE s.address = %(key)s AND s.lifted_at IS NULL)
"""
_TEST = _MARK
_GUARD = (
    _MARK
    + """
  AND EXISTS (SELECT FROM campaigns_campaign AS c WHERE c.id = m.campaign_id AND c.status = 'running')
  AND EXISTS (SELECT FROM campaigns_enrollment AS run WHERE run.id = m.enrollment_id
              AND (run.finished_at IS NULL OR run.outcome = 'completed'))
  AND EXISTS (SELECT FROM customers_customer AS c WHERE c.id = m.customer_id AND c.email = %(email)s)
  AND (SELECT is_given FROM customers_consent AS said WHERE said.customer_id = m.customer_id
       AND said.purpose = m.purpose AND said.superseded_at IS NULL ORDER BY occurred_at DESC, id DESC LIMIT 1)
  AND (SELECT count(*) FROM campaigns_message AS other WHERE other.customer_id = m.customer_id
       AND other.state IN ('handing', 'sent', 'in_doubt') AND other.kind <> 'test' AND other.id <> m.id
       AND other.handed_at > clock_timestamp() + %(offset)s - %(cap_period)s) < %(cap)s
  AND NOT /*ended*/
"""
)
