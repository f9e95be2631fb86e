"""The sender: claims a batch, asks the guards about each message, hands it over, and writes down what became of it."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from campaigns.delivery import breaking, claiming, holding, mail_server, marking
from campaigns.delivery.composing import Composer
from campaigns.delivery.guarding import CustomerBusy, Gate, Guards
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
from campaigns.models import Message, MessageKind, MessageState, SendingRules
from campaigns.suppressing import suppress_refused
from clm.accounts.models import Organisation
from clm.base import clock
from customers.models import Arrival

BATCH = 100
SECONDS = 15.0
# The guards' plans hold instants; they are made anew well within `guarding.MARGIN`.
PLANS_LAST_SECONDS = 20.0


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
    most: int | None = None,
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
        while time.monotonic() < until and not told.is_away and (most is None or told.seen < most):
            guards = Guards(uuid4(), rules, offset, lease)
            run = _Run(guards, way, told, min(until, time.monotonic() + PLANS_LAST_SECONDS))
            if not run.batches(batch, most):
                break
    return told


@dataclass
class _Run:
    """Batches under one claim, with one set of plans."""

    guards: Guards
    way: Medium
    told: Delivered
    until: float

    def batches(self, size: int, most: int | None) -> bool:
        """False when nothing is due any more."""
        token, lease = self.guards.token, self.guards.lease
        with Gate(self.guards) as gate:
            while not self._is_over(most):
                at = clock.now() + self.guards.offset
                ids = claiming.claim(token, most=1 if self.told.is_probe else size, as_of=at, lease=lease)
                if not ids:
                    return False
                try:
                    _Batch(self, gate, ids).send()
                finally:
                    claiming.release(token)
        return True

    def _is_over(self, most: int | None) -> bool:
        return self.is_over or (most is not None and self.told.seen >= most)

    @property
    def is_over(self) -> bool:
        return self.told.is_away or time.monotonic() > self.until


class _Batch:
    """The outcome of each mail is written with the guards of the next: one trip to the database for both."""

    def __init__(self, run: _Run, gate: Gate, ids: list[int]) -> None:
        self._run, self._gate, self._way, self._told = run, gate, run.way, run.told
        self._guards, self._token = run.guards, run.guards.token
        found = Message.objects.filter(pk__in=ids).select_related("customer")
        self._messages = list(found.order_by("priority", "not_before", "pk"))
        self._organisation = Organisation.objects.current()
        self._quiet = QuietHours.of(run.guards.rules)
        self._began, self._since = self._now(), time.monotonic()
        self._composer = Composer(self._messages, self._organisation, self._began)
        self._pending = ""
        self._sent: list[int] = []

    def send(self) -> None:
        try:
            for message, following in zip(self._messages, [*self._messages[1:], None], strict=True):
                if self._run.is_over:
                    break
                if not self._lets_sleep(message):
                    self._told.seen += 1
                    self._one(message, following)
        finally:
            self._settle()
            # Conditions ask for what was sent. One that is missed here is found by the nightly pass.
            Arrival.objects.note(self._sent, since=self._began)

    def _now(self) -> datetime:
        return clock.now() + self._guards.offset

    def _lets_sleep(self, message: Message) -> bool:
        """Hold what would wake the customer up. A batch takes its time: night may fall within it."""
        if message.kind != MessageKind.CAMPAIGN:
            return False
        at = self._began + timedelta(seconds=time.monotonic() - self._since)
        zone = zone_of(message.customer, self._organisation)
        if not self._quiet.at(at, zone):
            return False
        release = self._quiet.release(at, zone, spread=message.pk)
        holding.hold_for_quiet_hours(message, release, self._guards, at)
        return True

    def _one(self, message: Message, following: Message | None) -> None:
        mail = self._composer.mail(message)
        if not isinstance(mail, Mail):
            holding.settle_unreadable(message, mail.words, self._guards, self._now())
            return
        try:
            self._way.open()  # before the message is marked: most failures are found here
            passed = self._passes(message, following)
        except ServerAway as away:
            self._note_away(away)
        except CustomerBusy:
            self._settle()
            holding.hold_while_busy(message, self._guards, self._now())
        else:
            self._hand(message, mail) if passed else holding.explain(message, self._guards, self._now())

    def _passes(self, message: Message, following: Message | None) -> bool:
        version = self._composer.version(message)
        self._gate.ask(message, version, before=self._pending)
        self._composer.compose_ahead(following)
        passed = self._gate.answer()
        self._pending = ""
        return passed

    def _hand(self, message: Message, mail: Mail) -> None:
        try:
            answer = self._way.hand(mail, still_wanted=lambda: self._still_wanted(message))
        except NoAnswer as error:
            marking.doubtful(message, str(error), token=self._token, at=self._now())
        except NotAnyMore:
            marking.untouched(message, token=self._token)
        except ServerAway as away:
            marking.untouched(message, token=self._token)
            self._note_away(away)
        except NotTaken as refusal:
            self._refused(message, refusal)
        else:
            self._taken(message, answer)

    def _taken(self, message: Message, answer: Answer) -> None:
        self._pending = self._gate.sent(message, answer)
        self._told.sent += 1
        self._sent.append(message.customer_id)
        if self._told.is_probe:
            mail_server.note_back()
            self._told.is_probe = False

    def _refused(self, message: Message, refusal: NotTaken) -> None:
        at = self._now()
        if isinstance(refusal, SenderRefused):
            marking.untouched(message, token=self._token)
            breaking.pause_refused_sender(message, refusal)
        elif not refusal.is_final:
            marking.put_off(message, refusal, token=self._token, at=at)
        elif marking.refused(message, refusal, token=self._token, at=at):
            if refusal.is_about_address:
                suppress_refused(message, refusal.words)
            breaking.pause_failing(message)

    def _note_away(self, away: ServerAway) -> None:
        mail_server.note_away(away.words, self._now())
        self._told.is_away = True

    def _still_wanted(self, message: Message) -> bool:
        mine = Message.objects.filter(pk=message.pk, state=MessageState.HANDING, claim_token=self._token)
        return mine.filter(reason="").exists()

    def _settle(self) -> None:
        if self._pending:
            self._gate.record(self._pending)
        self._pending = ""
