"""Talking to mail servers: those that take commands in one go, and those that are away."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import pytest
from pytest_django import Settings

from campaigns.delivery.sending import deliver
from campaigns.models import MailServer, Message
from clm.base import clock
from clm.local import ports
from lifecycle.models import LifecycleModel
from tests.campaigns.outreach import later, message_step, person, put, running, states
from tests.fixtures.mail import SmtpSink


class InOneGo:
    """A server that takes pipelined commands and refuses one address."""

    def __init__(self, refused: str, *, waits_all_the_same: bool) -> None:
        self.refused, self.waits_all_the_same = refused.encode(), waits_all_the_same
        self.taken: list[bytes] = []
        self.recipients = 0

    def serve(self, server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _address = server.accept()
                self.talk(client)

    def talk(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines:
            client.sendall(b"220 test\r\n")
            for line in lines:
                client.sendall(self.answer(line) + b"\r\n")
                if line[:4] == b"DATA" and (self.recipients or self.waits_all_the_same):
                    mail = b"".join(iter(lines.readline, b".\r\n"))
                    self.taken += [mail] if self.recipients else []
                    client.sendall(b"250 Taken\r\n" if self.recipients else b"554 No recipients\r\n")

    def answer(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"EHLO":
            return b"250-test\r\n250-PIPELINING\r\n250 8BITMIME"
        if verb == b"RCPT" and self.refused in line:
            return b"550 5.1.1 No such user"
        if verb == b"DATA":
            return b"354 Go on" if self.recipients or self.waits_all_the_same else b"503 No recipients"
        self.recipients = {b"MAIL": 0, b"RCPT": 1}.get(verb, self.recipients)
        return b"250 OK"


@contextmanager
def in_one_go(settings: Settings, refused: str, *, waits_all_the_same: bool) -> Iterator[list[bytes]]:
    """Yields the mails it took."""
    talker = InOneGo(refused, waits_all_the_same=waits_all_the_same)
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.getsockname()[1]
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.CAUGHT_MAIL_DIR = "here"  # nobody gets what it takes
        Thread(target=talker.serve, args=(server,), daemon=True).start()
        yield talker.taken
        server.shutdown(socket.SHUT_RDWR)


def waiting(count: int) -> None:
    from campaigns.advancing import advance
    from campaigns.enrolling import enroll

    running(message_step())
    for number in range(count):
        put(person(number))
    enroll()
    advance()


@pytest.mark.parametrize("waits_all_the_same", [False, True])
def test_commands_in_one_go_tell_each_mail_its_own_fate(
    stages: LifecycleModel, settings: Settings, waits_all_the_same: bool
) -> None:
    with in_one_go(settings, "person1@example.com", waits_all_the_same=waits_all_the_same) as taken:
        waiting(4)

        deliver()

    assert states() == [("sent", ""), ("failed", "refused"), ("sent", ""), ("sent", "")]
    assert Message.objects.get(state="failed").words == "5.1.1 No such user"
    assert len(taken) == 3
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in taken[0]


def test_a_server_that_is_away_costs_no_message_anything(
    stages: LifecycleModel, smtp_sink: SmtpSink, settings: Settings
) -> None:
    waiting(3)
    settings.EMAIL_PORT = ports.any_free()

    deliver()

    server = MailServer.objects.get()
    assert server.waiting_since is not None
    assert server.probe_at is not None
    assert server.probe_at > clock.now()
    assert states() == [("queued", "")] * 3
    assert set(Message.objects.values_list("attempts", flat=True)) == {0}
    settings.EMAIL_PORT = smtp_sink.port
    assert deliver().sent == 0  # not before the next probe
    assert deliver(later(minutes=2)).sent == 3
    assert MailServer.objects.get().waiting_since is None
