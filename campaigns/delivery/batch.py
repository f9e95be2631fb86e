"""A batch on its way: group by group past the guards, mail by mail to the mail server."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from django.db import DataError, OperationalError
from psycopg import errors

from campaigns.delivery import breaking, holding, mail_server, marking
from campaigns.delivery.composing import Composer
from campaigns.delivery.guarding import CustomerBusy, Gate, Guards, Taken
from campaigns.delivery.medium import Medium, NoAnswer, NotAnyMore, NotTaken, SenderRefused, ServerAway
from campaigns.delivery.mime import Mail
from campaigns.delivery.quiet import QuietHours, zone_of
from campaigns.delivery.reserved import is_nobody
from campaigns.models import CampaignVersion, Message, MessageKind, MessageState, SendingRules
from campaigns.running import pause
from campaigns.suppressing import suppress_refused
from campaigns.triggers import InvalidTrigger
from clm.accounts.models import Organisation
from clm.base import clock
from clm.base.conditions import InvalidCondition

# A campaign whose conditions can't be asked any more; what it needs is a person. Not when a table or column is missing:
# then the product is just being upgraded.
Broken = (
    InvalidCondition,
    InvalidTrigger,
    DataError,
    psycopg.DataError,
    errors.UndefinedFunction,
    errors.DatatypeMismatch,
)
# So many pass the guards at once; fewer where the mail server is slow, so that they are handed over soon after.
GROUP = 25
GROUP_SECONDS = 1.0


@dataclass
class Delivered:
    """How many messages were handed over, and how many looked at in all."""

    sent: int = 0
    seen: int = 0
    is_away: bool = False
    is_probe: bool = False


class CampaignPaused(Exception):
    """For the harm it does: what is on its way of it is to stop."""


class Batch:
    """What became of each group is written with the guards of the next: one trip to the database for both."""

    def __init__(
        self,
        ids: list[int],
        *,
        gate: Gate,
        guards: Guards,
        rules: SendingRules,
        way: Medium,
        told: Delivered,
    ) -> None:
        self._gate, self._guards, self._way, self._told = gate, guards, way, told
        found = Message.objects.filter(pk__in=ids).select_related("customer")
        self._messages = list(found.order_by("priority", "not_before", "pk"))
        self._organisation = Organisation.objects.current()
        self._quiet = QuietHours.of(rules)
        self._began, self._since = self._now(), time.monotonic()
        self._composer = Composer(self._messages, self._organisation, self._began)
        self._mails: dict[int, Mail] = {}
        self._taken: list[Taken] = []

    def send(self, until: float) -> None:
        """Begins no group after that moment (of the monotonic clock)."""
        size = GROUP
        try:
            while self._messages and not self._told.is_away and time.monotonic() < until:
                group, started = self._next_group(size), time.monotonic()
                self._send_group([message for message in group if self._is_ready(message)])
                each = (time.monotonic() - started) / len(group)
                size = max(1, min(GROUP, int(GROUP_SECONDS / 2 / each)))
        finally:
            self._settle()

    def _next_group(self, size: int) -> list[Message]:
        """Of each customer one message: what counts for the second is seen only when the first is marked."""
        group: dict[int, Message] = {}
        for message in self._messages:
            group.setdefault(message.customer_id, message)
            if len(group) == size:
                break
        ids = {message.pk for message in group.values()}
        self._messages = [message for message in self._messages if message.pk not in ids]
        return list(group.values())

    def _is_ready(self, message: Message) -> bool:
        if self._lets_sleep(message):
            return False
        self._told.seen += 1
        if is_nobody(message.customer.email):
            holding.settle_nobody(message, self._guards, self._now())
            return False
        mail = self._composer.mail(message)
        if not isinstance(mail, Mail):
            holding.settle_unreadable(message, mail.words, self._guards, self._now())
            return False
        self._mails[message.pk] = mail
        return True

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

    def _send_group(self, group: list[Message]) -> None:
        try:
            self._way.open()  # before they are marked: most failures are found here
        except ServerAway as away:
            self._note_away(away)
            return
        self._held_back: list[Message] = []
        passed = self._passing(group)
        self._hand_over([message for message in group if message.pk in passed])  # before anything takes time
        if self._held_back:
            self._settle()
            self._explain(self._held_back)

    def _passing(self, group: Sequence[Message]) -> set[int]:
        """Those of which every guard says yes; why not the others is written down afterwards."""
        try:
            passed = self._ask(group) if group else set()
        except CustomerBusy:
            self._settle()
            if len(group) > 1:
                return {pk for message in group for pk in self._passing([message])}
            holding.hold_while_busy(group[0], self._guards, self._now())
            return set()
        except (*Broken, errors.QueryCanceled) as error:
            self._settle()
            return self._passing_apart(group, error)
        self._held_back += [message for message in group if message.pk not in passed]
        return passed

    def _explain(self, refused: Sequence[Message]) -> None:
        if refused and SendingRules.objects.current().stopped_at:
            self._messages = []  # nothing leaves: all of them wait as before
            return
        for message in refused:
            try:
                holding.explain(message, self._guards, self._now())
            except OperationalError as error:
                self._put_off(message, error)
            except Broken as error:
                self._passing_apart([message], error)

    def _put_off(self, message: Message, error: OperationalError) -> None:
        if isinstance(error.__cause__, errors.LockNotAvailable):
            holding.hold_while_busy(message, self._guards, self._now())
        elif isinstance(error.__cause__, errors.QueryCanceled):
            holding.hold_unchecked(message, self._guards, self._now())
        else:
            raise error

    def _passing_apart(self, group: Sequence[Message], error: Exception) -> set[int]:
        """Version by version, so that only what is of the broken one waits."""
        versions: dict[CampaignVersion | None, list[Message]] = {}
        for message in group:
            versions.setdefault(self._version_of(message), []).append(message)
        if len(versions) > 1:
            return {pk for messages in versions.values() for pk in self._passing(messages)}
        version = self._version_of(group[0])
        if version is None:
            raise error
        if isinstance(error, errors.QueryCanceled):
            for message in group:
                holding.hold_unchecked(message, self._guards, self._now())
            return set()
        pause(version.campaign, by=None, reason=str(error).partition("\n")[0])
        self._messages = [message for message in self._messages if self._version_of(message) != version]
        return set()

    def _version_of(self, message: Message) -> CampaignVersion | None:
        return self._composer.versions.get(message.enrollment_id or 0)

    def _ask(self, group: Sequence[Message]) -> set[int]:
        self._gate.ask(group, self._composer.versions, taken=self._taken)
        for message in self._messages[:GROUP]:
            self._composer.compose_ahead(message)
        passed = self._gate.answer()
        self._taken = []
        return passed

    def _hand_over(self, group: list[Message]) -> None:
        until = time.monotonic() + GROUP_SECONDS
        while group and not self._told.is_away and time.monotonic() < until:
            message = group.pop(0)
            try:
                self._hand(message)
            except CampaignPaused:
                break
        for message in group:  # nobody has heard of them: they wait as before
            self._told.seen -= marking.untouched(message, token=self._guards.token)

    def _hand(self, message: Message) -> None:
        """Raises CampaignPaused."""
        token = self._guards.token
        if not self._gate.begin(message):
            marking.untouched(message, token=token)
            return
        try:
            answer = self._way.hand(
                self._mails.pop(message.pk), still_wanted=lambda: self._still_wanted(message)
            )
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
            self._took(Taken(message.pk, answer.code, answer.words))

    def _took(self, taken: Taken) -> None:
        self._taken.append(taken)
        self._told.sent += 1
        if self._told.is_probe:
            mail_server.note_back()
            self._told.is_probe = False

    def _refused(self, message: Message, refusal: NotTaken) -> None:
        """Raises CampaignPaused."""
        at, token = self._now(), self._guards.token
        if isinstance(refusal, SenderRefused):
            marking.untouched(message, token=token)
            if breaking.pause_refused_sender(message, refusal):
                raise CampaignPaused
        elif not refusal.is_final:
            marking.put_off(message, refusal, token=token, at=at)
        elif marking.refused(message, refusal, token=token, at=at):
            if refusal.is_about_address:
                suppress_refused(message, refusal.words)
            if breaking.pause_failing(message):
                raise CampaignPaused

    def _note_away(self, away: ServerAway) -> None:
        mail_server.note_away(away.words, self._now())
        self._told.is_away = True

    def _still_wanted(self, message: Message) -> bool:
        mine = Message.objects.filter(
            pk=message.pk, state=MessageState.HANDING, claim_token=self._guards.token
        )
        return mine.filter(reason="").exists()

    def _settle(self) -> None:
        if self._taken:
            self._gate.settle(self._taken)
        self._taken = []

    def _now(self) -> datetime:
        return clock.now() + self._guards.offset
