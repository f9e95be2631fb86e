"""The sender: claims a batch, asks the guards about each message, hands it over, and writes down what became of it."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from campaigns import rendering
from campaigns.delivery import breaking, claiming, holding, mail_server, marking
from campaigns.delivery.composing import Composer
from campaigns.delivery.guarding import Bookkeeping, CustomerBusy, Guards, ended_sql, record
from campaigns.delivery.medium import (
    Answer,
    Medium,
    NoAnswer,
    NotAnyMore,
    NotTaken,
    SenderRefused,
    ServerAway,
    medium,
)
from campaigns.delivery.mime import Mail
from campaigns.delivery.quiet import QuietHours, zone_of
from campaigns.models import Message, MessageState, SendingRules
from campaigns.suppressing import suppress_refused
from clm.accounts.models import Organisation
from clm.base import clock

BATCH = 100
SECONDS = 15.0


@dataclass
class Delivered:
    """How many messages were handed over, and how many looked at in all."""

    sent: int = 0
    seen: int = 0
    is_away: bool = False
    is_probe: bool = False


def deliver(
    as_of: datetime | None = None,
    *,
    seconds: float = SECONDS,
    batch: int = BATCH,
    lease: timedelta = claiming.LEASE,
) -> Delivered:
    """Send what is due until nothing is, the time is up or the mail server goes away.

    `as_of` rehearses another moment; everything is dated from there on.
    """
    offset = as_of - clock.now() if as_of else timedelta()
    until, told = time.monotonic() + seconds, Delivered()
    rules = SendingRules.objects.current()
    if rules.stopped_at or not mail_server.may_try(clock.now() + offset):
        return told
    told.is_probe = mail_server.is_away()
    with medium() as way:
        while time.monotonic() < until and not told.is_away:
            guards = Guards(uuid4(), rules, offset, lease)
            ids = claiming.claim(
                guards.token, most=1 if told.is_probe else batch, as_of=clock.now() + offset, lease=lease
            )
            if not ids:
                break
            try:
                _Batch(ids, guards, way, told).run(until)
            finally:
                claiming.release(guards.token)
    return told


@dataclass
class _Batch:
    ids: list[int]
    guards: Guards
    way: Medium
    told: Delivered
    pending: Bookkeeping | None = None
    ended: dict[int, str] = field(default_factory=dict)

    def run(self, until: float) -> None:
        messages = self._load()
        try:
            for message, mail in self._composed(messages):
                if time.monotonic() > until or self.told.is_away:
                    break
                self.told.seen += 1
                self._one(message, mail)
        finally:
            self._settle()

    def _load(self) -> list[Message]:
        related = ("customer", "campaign", "enrollment__version__campaign", "step")
        found = Message.objects.filter(pk__in=self.ids).select_related(*related)
        return list(found.order_by("priority", "not_before", "pk"))

    def _now(self) -> datetime:
        return clock.now() + self.guards.offset

    def _composed(self, messages: list[Message]) -> list[tuple[Message, Mail]]:
        """All before the first is sent, so that between two mails there is nothing but the guards."""
        at, organisation = self._now(), Organisation.objects.current()
        composer = Composer(messages, organisation, at)
        quiet = QuietHours.of(self.guards.rules)
        mails = []
        for message in messages:
            zone = zone_of(message.customer, organisation)
            if message.kind != "test" and quiet.at(at, zone):
                release = quiet.release(at, zone, spread=message.pk)
                holding.hold_for_quiet_hours(message, release, self.guards, at)
                continue
            try:
                mails.append((message, composer.mail(message)))
            except rendering.CannotRender as error:
                holding.settle_unreadable(message, str(error), self.guards, at)
        return mails

    def _one(self, message: Message, mail: Mail) -> None:
        try:
            self.way.open()  # before the message is marked: most failures are found here
            passed = self._pass_guards(message)
        except ServerAway as away:
            self._note_away(away)
            return
        except CustomerBusy:
            self._settle()
            holding.hold_while_busy(message, self.guards, self._now())
            return
        if passed:
            self._hand(message, mail)
        else:
            holding.explain(message, self.guards, self._now())

    def _pass_guards(self, message: Message) -> bool:
        before, self.pending = self.pending, None
        try:
            return self.guards.pass_on(message, self._ended(message), before)
        except BaseException:
            self.pending = before
            raise

    def _ended(self, message: Message) -> str:
        run = message.enrollment
        if run is None:
            return "false"
        if run.version_id not in self.ended:
            self.ended[run.version_id] = ended_sql(run.version, self._now())
        return self.ended[run.version_id]

    def _hand(self, message: Message, mail: Mail) -> None:
        token = self.guards.token
        try:
            answer = self.way.hand(mail, still_wanted=lambda: self._still_wanted(message))
        except NoAnswer as error:
            marking.doubtful(message, str(error), token=token, at=self._now())
        except NotAnyMore:
            marking.untouched(message, token=token)
        except ServerAway as away:
            marking.untouched(message, token=token)
            self._note_away(away)
        except NotTaken as refusal:
            self._refused(message, refusal)
        else:
            self._taken(message, answer)

    def _taken(self, message: Message, answer: Answer) -> None:
        self.pending = marking.sent(message, answer, token=self.guards.token, offset=self.guards.offset)
        self.told.sent += 1
        if self.told.is_probe:
            mail_server.note_back()
            self.told.is_probe = False

    def _refused(self, message: Message, refusal: NotTaken) -> None:
        token, at = self.guards.token, self._now()
        if isinstance(refusal, SenderRefused):
            marking.untouched(message, token=token)
            breaking.pause_refused_sender(message, refusal, at)
        elif not refusal.is_final:
            marking.put_off(message, refusal, token=token, at=at)
        elif marking.refused(message, refusal, token=token, at=at):
            if refusal.is_about_address:
                suppress_refused(message, refusal.words)
            breaking.pause_failing(message, at)

    def _note_away(self, away: ServerAway) -> None:
        mail_server.note_away(away.words, self._now())
        self.told.is_away = True

    def _still_wanted(self, message: Message) -> bool:
        mine = Message.objects.filter(
            pk=message.pk, state=MessageState.HANDING, claim_token=self.guards.token
        )
        return mine.filter(reason="").exists()

    def _settle(self) -> None:
        if self.pending:
            record(self.pending)
        self.pending = None
