"""Senders are killed at any moment: no mail leaves twice, none is lost without a trace."""

import os
import random
import signal
import time

import pytest

from campaigns.models import Message
from tests.faults.senders import (
    Dawdler,
    Senders,
    counted,
    crash_database,
    dawdling,
    outbox,
    senders,
    settled,
    until,
)

pytestmark = pytest.mark.django_db(transaction=True)


def nothing_twice_nothing_lost(sink: Dawdler, total: int, *, doubts: int) -> None:
    states = counted()
    taken = sink.message_ids
    sent = set(Message.objects.filter(state="sent").values_list("message_id", flat=True))
    doubtful = set(Message.objects.filter(state="in_doubt").values_list("message_id", flat=True))
    assert {key: times for key, times in taken.items() if times > 1} == {}
    assert sum(states.get(state, 0) for state in ("sent", "failed", "in_doubt")) == total, states
    assert sent <= set(taken)
    assert set(taken) <= sent | doubtful
    assert len(doubtful) <= doubts, states


def killed(total: int, kills: int, *, pause: float, crashes: int = 0, put_off_share: float = 0.0) -> None:
    """Seeded, but for the moments, which are the machine's."""
    chance = random.Random(20_261_122)
    outbox(total)
    crashed = 0
    with (
        dawdling(seconds=0.03, put_off_share=put_off_share) as sink,
        senders(sink, count=3, lease=3) as running,
    ):
        for number in range(kills):
            time.sleep(pause * chance.random() * 2)
            running.kill(chance)
            if crashes and number % (kills // (crashes + 1)) == kills // (crashes + 1) - 1:
                crashed += crash_database()
        assert not settled(), "They were done before the last was killed."
        until(settled, seconds=total / 10 + 25)
    nothing_twice_nothing_lost(sink, total, doubts=running.killed + 3 * crashed)


def test_killed_senders_send_nothing_twice_and_lose_nothing() -> None:
    killed(200, 8, pause=0.15)


@pytest.mark.nightly
def test_sixty_killed_senders_and_a_crashing_database_send_nothing_twice_and_lose_nothing() -> None:
    killed(1500, 60, pause=0.2, crashes=2, put_off_share=0.05)


def frozen(running: Senders, seconds: float) -> None:
    """Two of them at once, for longer than their leases last."""
    asleep = running.alive()[:2]
    for pid in asleep:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    for pid in asleep:
        os.kill(pid, signal.SIGCONT)


def test_senders_that_sleep_past_their_leases_send_nothing_twice_and_leave_no_doubt() -> None:
    outbox(80)

    with dawdling(seconds=0.1) as sink, senders(sink, count=3, lease=2) as running:
        for _ in range(2):
            time.sleep(0.2)
            frozen(running, 4.0)
        until(lambda: settled() and not Message.objects.in_doubt().exists(), seconds=25)

    nothing_twice_nothing_lost(sink, 80, doubts=0)
