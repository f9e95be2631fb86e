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
from psycopg import ClientCursor
from psycopg.errors import LockNotAvailable, error_from_result
from psycopg.pq import Escaping, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from campaigns.delivery.medium import Answer
from campaigns.leaving import Ends
from campaigns.models import CampaignVersion, Message, Outcome, SendingRules, address_key
from clm.base import clock

# Facts that come in while a batch is on its way count too.
MARGIN = timedelta(minutes=1)


class CustomerBusy(Exception):
    """Somebody else holds the customer's lock; a sender never waits for one."""


@dataclass(frozen=True)
class Guards:
    """What holds for all messages of a batch. `offset` is added to the database's clock (zero but in rehearsals)."""

    token: UUID
    rules: SendingRules
    offset: timedelta
    lease: timedelta


class Gate:
    """The guards of one sender, planned once, and asked in one trip to the database for each message.

    Statements that are sent as one are one transaction, and each of them sees what was committed before it began.
    Prepared statements belong to the connection: senders need one that stays theirs.
    """

    def __init__(self, guards: Guards) -> None:
        self._guards = guards
        self._plans: dict[tuple[str, int], str] = {}
        connection.ensure_connection()
        self._server: PGconn = connection.connection.pgconn
        self._escaped = Escaping(self._server)

    def __enter__(self) -> "Gate":
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._plans.values():
            self._server.exec_(f"DEALLOCATE {name}".encode())

    def ask(self, message: Message, version: CampaignVersion | None, *, before: str = "") -> None:
        """Send the question; `answer` waits for what comes back. Nothing else may ask the database between the two.

        `before` is a statement to run first, as from `sent`.
        """
        lock = f"EXECUTE {self._plan('lock')} ({message.pk:d})"
        address = message.customer.email
        said = f"{self._text(address)}, {self._text(address_key(address))}"
        ask = f"EXECUTE {self._plan('guard', version)} ({message.pk:d}, {said})"
        statements = [_SETTINGS, before, lock, ask] if before else [_SETTINGS, lock, ask]
        self._server.send_query("; ".join(statements).encode())

    def answer(self) -> bool:
        """True when every guard said yes: the message is marked as being handed over, and that is committed.

        Raises CustomerBusy; what was to run before is undone then.
        """
        changed = 0
        error: Exception | None = None
        while result := self._server.get_result():
            if result.status == ExecStatus.FATAL_ERROR:
                error = _error(result)
            changed = result.command_tuples or 0
        if error:
            raise error
        return changed == 1

    def sent(self, message: Message, answer: Answer) -> str:
        """The statement that says so: it goes with the next one. Also out of doubt: a sender that slept past its
        lease knows better than who took it for dead.
        """
        return f"EXECUTE {self._plan('sent')} ({message.pk:d}, {answer.code:d}, {self._text(answer.words)})"

    def record(self, statement: str) -> None:
        self._run(f"{_SETTINGS}; {statement}")

    def _text(self, value: str) -> str:
        return bytes(self._escaped.escape_literal(value.encode())).decode()

    def _plan(self, what: str, version: CampaignVersion | None = None) -> str:
        """The name of a prepared statement. Planning takes ten times as long as asking."""
        key = what, version.pk if version else 0
        if key not in self._plans:
            name = f"{what}_{key[1]}_{self._guards.token.hex}"
            types, statement = self._statement(what, version)
            words = ClientCursor(connection.connection).mogrify(statement, self._given())
            self._run(f"PREPARE {name} ({types}) AS {words}")
            self._plans[key] = name
        return self._plans[key]

    def _statement(self, what: str, version: CampaignVersion | None) -> tuple[str, str]:
        if what == "lock":
            return "bigint", _LOCK
        if what == "sent":
            return "bigint, smallint, text", _SENT
        campaign = _OF_CAMPAIGNS + ended_sql(version, clock.now() + self._guards.offset) if version else ""
        return "bigint, text, text", _MARK + campaign

    def _given(self) -> dict[str, object]:
        guards = self._guards
        return {
            "token": guards.token,
            "offset": guards.offset,
            "lease": guards.lease,
            "cap": guards.rules.cap_messages,
            "cap_period": timedelta(days=guards.rules.cap_days),
        }

    def _run(self, statements: str) -> None:
        result = self._server.exec_(statements.encode())
        if result.status == ExecStatus.FATAL_ERROR:
            raise _error(result)


def _error(result: PGresult) -> Exception:
    error = error_from_result(result)
    return CustomerBusy(str(error)) if isinstance(error, LockNotAvailable) else error


_ASKED_ANYWAY = (Outcome.MERGED, Outcome.UNSUBSCRIBED)


def ended_sql(version: CampaignVersion, as_of: datetime) -> str:
    """SQL that lets pass a message `m` of this version unless its run has come to an early end. Raises InvalidCondition."""
    ends = [holds for end, holds in Ends.of(version).in_order(as_of + MARGIN) if end not in _ASKED_ANYWAY]
    if not ends:
        return ""
    ended = Message.objects.filter(reduce(or_, ends))
    sql, parameters = ended.values("pk").query.sql_with_params()
    connection.ensure_connection()
    text = ClientCursor(connection.connection).mogrify(sql, parameters)
    return f" AND NOT EXISTS (SELECT FROM ({text}) AS ended (id) WHERE ended.id = m.id)".replace("%", "%%")


# For this transaction. A crash of the database must not forget that a mail is being handed over, however lightly it
# takes other commits; and the guards are not to be planned again.
_SETTINGS = "SET LOCAL synchronous_commit TO on; SET LOCAL plan_cache_mode TO force_generic_plan"
_LOCK = """
SELECT FROM campaigns_message AS m JOIN customers_customer AS c ON c.id = m.customer_id
WHERE m.id = $1 AND m.claim_token = %(token)s FOR NO KEY UPDATE NOWAIT
"""
# $1 message, $2 address, $3 the spelling of it that suppressions are kept in
_MARK = """
UPDATE campaigns_message AS m
SET state = 'handing', handed_at = clock_timestamp() + %(offset)s, attempts = attempts + 1, reason = '',
    lease_until = clock_timestamp() + %(offset)s + %(lease)s, address = $2
WHERE m.id = $1 AND m.state = 'claimed' AND m.claim_token = %(token)s
  AND m.lease_until > clock_timestamp() + %(offset)s AND m.expires_at > clock_timestamp() + %(offset)s
  AND NOT EXISTS (SELECT FROM campaigns_sendingrules WHERE stopped_at IS NOT NULL)
  AND NOT EXISTS (SELECT FROM campaigns_suppression AS s WHERE s.address = $3 AND s.lifted_at IS NULL)
"""
_OF_CAMPAIGNS = """
  AND EXISTS (SELECT FROM campaigns_campaign AS c WHERE c.id = m.campaign_id AND c.status = 'running')
  AND EXISTS (SELECT FROM campaigns_enrollment AS run WHERE run.id = m.enrollment_id
              AND (run.finished_at IS NULL OR run.outcome = 'completed'))
  AND EXISTS (SELECT FROM customers_customer AS c WHERE c.id = m.customer_id AND c.email = $2
              AND c.merged_into_id IS NULL)
  AND (SELECT is_given FROM customers_consent AS said WHERE said.customer_id = m.customer_id
       AND said.purpose = m.purpose AND said.superseded_at IS NULL ORDER BY occurred_at DESC, id DESC LIMIT 1)
  AND (SELECT count(*) FROM campaigns_message AS other WHERE other.customer_id = m.customer_id
       AND other.state IN ('handing', 'sent', 'in_doubt') AND other.kind <> 'test' AND other.id <> m.id
       AND other.handed_at > clock_timestamp() + %(offset)s - %(cap_period)s) < %(cap)s
"""
# $1 message, $2 the mail server's code, $3 its words
_SENT = """
WITH done AS (
    UPDATE campaigns_message SET state = 'sent', reason = '', words = $3, lease_until = NULL,
        sent_at = clock_timestamp() + %(offset)s, settled_at = clock_timestamp() + %(offset)s
    WHERE id = $1 AND claim_token = %(token)s AND state IN ('handing', 'in_doubt') RETURNING id)
INSERT INTO campaigns_delivery (message_id, kind, occurred_at, code, words, details)
SELECT id, 'sent', clock_timestamp() + %(offset)s, $2, $3, '{}' FROM done
"""
