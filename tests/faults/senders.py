"""Real sender processes, a mail server that dawdles, and an outbox for them: what the fault tests share."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import OperationalError, connection

from campaigns.advancing import advance
from campaigns.enrolling import enroll
from campaigns.models import Message
from clm.base import clock
from clm.local import ports
from clm.local.places import CHECKOUT
from customers.models import Consent, Customer
from lifecycle.models import Cause, Stage, StagePeriod
from tests.campaigns.outreach import message_step, no_quiet_hours, running
from tests.fixtures.mail import SmtpSink
from tests.lifecycle.shop import six_stages

NURSERY = Path(__file__).with_name("nursery.py")


@dataclass
class Dawdler(SmtpSink):
    """Takes its time before and after it takes a mail over, and puts off a share of them."""

    seconds: float = 0.02
    put_off_share: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.chance.random() * self.seconds)
        if self.chance.random() < self.put_off_share:
            return "451 4.3.0 Try again later"
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.chance.random() * self.seconds)
        return answer


@contextmanager
def dawdling(**manners: float) -> Iterator[Dawdler]:
    sink = Dawdler(ports.any_free(), **manners)  # type: ignore[arg-type]
    controller = Controller(sink.hooks(), hostname=sink.host, port=sink.port, server_hostname="sink")
    controller.start()
    yield sink
    controller.stop()


def outbox(messages: int) -> None:
    """So many customers, each with a message that waits."""
    no_quiet_hours()
    six_stages()
    running(message_step())
    stage = Stage.objects.get(slug="discovery")
    customers = Customer.objects.bulk_create(
        Customer(name=f"Person {n}", email=f"person{n}@example.com") for n in range(messages)
    )
    at = clock.now()
    Consent.objects.bulk_create(
        Consent(
            customer=customer,
            original_customer=customer,
            purpose="marketing",
            is_given=True,
            source="test",
            key=str(customer.pk),
            occurred_at=at,
        )
        for customer in customers
    )
    StagePeriod.objects.bulk_create(
        StagePeriod(
            customer=customer,
            original_customer=customer,
            model=stage.model,
            stage=stage,
            version=stage.model.published(),
            entered_at=at,
            cause=Cause.INITIAL,
        )
        for customer in customers
    )
    enroll()
    advance()
    assert Message.objects.filter(state="queued").count() == messages


@dataclass
class Senders:
    """`pids` of all that were ever started, the newest last."""

    process: subprocess.Popen[str]
    pids: list[int] = field(default_factory=list)
    killed: int = 0

    def alive(self) -> list[int]:
        return [pid for pid in self.pids if _runs(pid)]

    def kill(self, chance: random.Random) -> None:
        os.kill(chance.choice(self.alive()), signal.SIGKILL)
        self.killed += 1

    def listen(self) -> None:
        for line in self.process.stdout or ():
            self.pids.append(int(line))


@contextmanager
def senders(sink: SmtpSink, *, count: int, lease: float) -> Iterator[Senders]:
    """Running when the block begins, gone when it ends."""
    database = connection.settings_dict
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    process = subprocess.Popen(
        [sys.executable, str(NURSERY), str(count), str(lease)],
        env=os.environ
        | {"DATABASE_URL": url, "EMAIL_URL": sink.url, "CAUGHT_MAIL_DIR": "here", "LOG_LEVEL": "CRITICAL"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    running = Senders(process)
    listener = Thread(target=running.listen, daemon=True)
    listener.start()
    try:
        until(lambda: len(running.pids) >= count, seconds=30)
        yield running
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        listener.join()
        if process.stdout:
            process.stdout.close()


def until(holds: Callable[[], bool], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not _tried(holds):
        assert time.monotonic() < end, f"It did not happen in time: {counted()}"
        time.sleep(0.05)


def settled() -> bool:
    return not Message.objects.unsettled().exists()


def counted() -> dict[str, int]:
    states = list(Message.objects.values_list("state", flat=True))
    return {state: states.count(state) for state in sorted(set(states))}


def is_ours(path: str) -> bool:
    """Whether a server's data are of these tests only: no other may be crashed."""
    return path.startswith(str(CHECKOUT / ".local" / "test")) or "/clm-test-" in path


def crash_database() -> bool:
    """Kill one of its processes, so that it ends all others and recovers. False where the server is somebody else's."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        if not is_ours(cursor.fetchone()[0]):
            return False
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        os.kill(cursor.fetchone()[0], signal.SIGKILL)
    until(_is_cut_off, seconds=20)  # else the next connection may still be one of those that end
    until(lambda: clock.now() is not None, seconds=20)
    return True


def _is_cut_off() -> bool:
    try:
        clock.now()
    except OperationalError:
        connection.close()
        return True
    return False


def _tried(holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except OperationalError:
        connection.close()
        return False


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
