"""The last questions before mails leave, asked under their customers' locks and answered by one statement.

What every other process has committed before the locks were had is seen; what comes later waits for the locks or
finds the messages being handed over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from psycopg import ClientCursor
from psycopg.errors import LockNotAvailable, error_from_result
from psycopg.pq import Escaping, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from campaigns.delivery import statements
from campaigns.leaving import Ends
from campaigns.models import CampaignVersion, Message, Outcome, address_key
from campaigns.surveys.sparing import in_the_way
from clm.base import clock

# Facts that come in while a batch is on its way count too.
MARGIN = timedelta(minutes=1)


class CustomerBusy(Exception):
    """Somebody else holds a customer's lock; a sender never waits for one."""


@dataclass(frozen=True)
class Guards:
    """What holds for all messages of a run. `offset` is added to the database's clock (zero but in rehearsals)."""

    token: UUID
    offset: timedelta
    lease: timedelta


@dataclass(frozen=True)
class Taken:
    """A message that the mail server took, and what it said."""

    message: int
    code: int
    words: str


class Gate:
    """The guards of one sender, planned once, and asked in one trip to the database for a group of messages.

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
        self._run(_SETTINGS)
        return self

    @property
    def _close(self) -> str:
        return self._said(statements.CLOSE)

    def __exit__(self, *_: object) -> None:
        words = [_NO_SETTINGS, *(f"DEALLOCATE {name}" for name in self._plans.values())]
        self._server.exec_("; ".join([self._close, *words]).encode())

    def ask(
        self,
        messages: Sequence[Message],
        version_of: dict[int, CampaignVersion],
        *,
        taken: Sequence[Taken] = (),
    ) -> None:
        """Send the question; `answer` waits for what comes back. Nothing else may ask the database between the two.

        Of each customer one message. `version_of` is by enrollment. What was `taken` is settled on the way.
        Raises InvalidCondition, InvalidTrigger, psycopg.Error where a version's ends are no SQL; nothing was sent then.
        """
        words = [self._settling(taken)] if taken else []
        words.append(f"EXECUTE {self._plan('lock')} ({_numbers(message.pk for message in messages)})")
        groups: dict[CampaignVersion | None, list[Message]] = {}
        for message in messages:
            groups.setdefault(version_of.get(message.enrollment_id or 0), []).append(message)
        words += [self._marking(group, version) for version, group in groups.items()]
        words.append(f"EXECUTE {self._plan('open')}")
        self._server.send_query("; ".join(words).encode())

    def answer(self) -> set[int]:
        """The messages of which every guard said yes: they are marked as being handed over, and that is committed.

        Raises CustomerBusy, psycopg.Error; nothing at all was written then.
        """
        passed: set[int] = set()
        error: Exception | None = None
        while result := self._server.get_result():
            if result.status == ExecStatus.FATAL_ERROR:
                error = _error(result)
            passed |= _ids(result)
        if error:
            raise error
        return passed

    def begin(self, message: Message) -> bool:
        """Whether the first word about a marked message may be said: it is still ours, and was not taken back.

        Committed as begun when this returns. What became of those before it must be known, though not yet be written.
        """
        return bool(self._run(f"EXECUTE {self._plan('begin')} ({message.pk:d})").ntuples)

    def settle(self, taken: Sequence[Taken]) -> None:
        self._run(self._settling(taken))

    def _settling(self, taken: Sequence[Taken]) -> str:
        codes = _numbers((each.code for each in taken), "smallint")
        words = self._texts(each.words for each in taken)
        return (
            f"EXECUTE {self._plan('settle')} ({_numbers(each.message for each in taken)}, {codes}, {words})"
        )

    def _marking(self, messages: Sequence[Message], version: CampaignVersion | None) -> str:
        addresses = [message.customer.email for message in messages]
        spellings = self._texts(address_key(address) for address in addresses)
        asked = f"{_numbers(message.pk for message in messages)}, {self._texts(addresses)}, {spellings}"
        return f"EXECUTE {self._plan('mark', version)} ({asked})"

    def _texts(self, values: Iterable[str]) -> str:
        return f"ARRAY[{','.join(map(self._text, values))}]::text[]"

    def _text(self, value: str) -> str:
        return bytes(self._escaped.escape_literal(value.encode())).decode()

    def _plan(self, what: str, version: CampaignVersion | None = None) -> str:
        """The name of a prepared statement. Planning takes ten times as long as asking."""
        key = what, version.pk if version else 0
        if key not in self._plans:
            name = f"{what}_{key[1]}_{self._guards.token.hex}"
            types, statement = self._statement(what, version)
            self._run(f"PREPARE {name} {types} AS {self._said(statement)}")
            self._plans[key] = name
        return self._plans[key]

    def _said(self, statement: str) -> str:
        return ClientCursor(connection.connection).mogrify(statement, self._given())

    def _statement(self, what: str, version: CampaignVersion | None) -> tuple[str, str]:
        if what != "mark":
            return _PLAIN[what]
        campaign = statements.OF_CAMPAIGNS + ended_sql(version, self._now()) if version else ""
        return statements.MARK_TYPES, statements.MARK + campaign + statements.MARKED

    def _now(self) -> datetime:
        return clock.now() + self._guards.offset

    def _given(self) -> dict[str, object]:
        guards = self._guards
        return {"token": guards.token, "offset": guards.offset, "lease": guards.lease}

    def _run(self, words: str) -> PGresult:
        result = self._server.exec_(words.encode())
        if result.status == ExecStatus.FATAL_ERROR:
            raise _error(result)
        return result


def _error(result: PGresult) -> Exception:
    error = error_from_result(result)
    return CustomerBusy(str(error)) if isinstance(error, LockNotAvailable) else error


def _ids(result: PGresult) -> set[int]:
    if not result.nfields:
        return set()
    return {int(result.get_value(row, 0) or 0) for row in range(result.ntuples)}


def _numbers(values: Iterable[int], kind: str = "bigint") -> str:
    return f"ARRAY[{','.join(map(str, map(int, values)))}]::{kind}[]"


_ASKED_ANYWAY = (Outcome.MERGED, Outcome.UNSUBSCRIBED)


def ended_sql(version: CampaignVersion, as_of: datetime) -> str:
    """SQL that lets pass a message `m` of this version unless its run has come to an early end, or it asks a survey
    that was put away, or somebody who was asked meanwhile. Raises InvalidCondition, InvalidTrigger.
    """
    ends = [holds for end, holds in Ends.of(version).in_order(as_of + MARGIN) if end not in _ASKED_ANYWAY]
    ends += [holds for _reason, holds in in_the_way(version, as_of + MARGIN)]
    if not ends:
        return ""
    ended = Message.objects.filter(reduce(or_, ends))
    try:
        sql, parameters = ended.values("pk").query.sql_with_params()
    except EmptyResultSet:  # none of them can hold for anybody
        return ""
    connection.ensure_connection()
    text = ClientCursor(connection.connection).mogrify(sql, parameters).replace("%", "%%")
    # OFFSET: asked for each message, never of all there are.
    return f" AND NOT EXISTS (SELECT FROM ({text}) AS ended (id) WHERE ended.id = m.id OFFSET 0)"


# A crash of the database must not forget that a mail is being handed over, however lightly it takes other commits; and
# the guards are not to be planned again.
_SETTINGS = "SET synchronous_commit TO on; SET plan_cache_mode TO force_generic_plan"
_NO_SETTINGS = "RESET synchronous_commit; RESET plan_cache_mode"
_PLAIN = {
    "lock": (statements.LOCK_TYPES, statements.LOCK),
    "open": ("", statements.OPEN),
    "begin": (statements.BEGIN_TYPES, statements.BEGIN),
    "settle": (statements.SETTLE_TYPES, statements.SETTLE),
}
