"""The catching mail server as a process of its own, over real SMTP."""

import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

import pytest

from clm.base.caught_mail import CaughtMail
from clm.local import mail, ports
from clm.local.places import CHECKOUT, Places


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = ports.any_free()
    command = [sys.executable, "-m", "clm.local.mail_catcher", "--port", str(port), "--folder", str(tmp_path)]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL)
    await_greeting(port)
    yield process, port
    process.kill()
    process.wait(10)


def await_greeting(port: int) -> None:
    for _ in range(200):
        with suppress(OSError), smtplib.SMTP("127.0.0.1", port, timeout=5):
            return
        time.sleep(0.05)
    raise AssertionError("No mail server answered.")


def test_a_mail_is_on_the_disk_when_its_sender_hears_so(
    catcher: tuple[subprocess.Popen[bytes], int], tmp_path: Path
) -> None:
    sent = EmailMessage()
    sent["Subject"], sent["From"] = "Välkommen", "shop@example.com"
    sent.set_content("Hej")

    with smtplib.SMTP("127.0.0.1", catcher[1]) as server:
        server.send_message(sent, to_addrs=["eva@example.se", "bo@example.se"])
        [kept] = CaughtMail(tmp_path).newest(10)

    assert (kept.subject, kept.text.strip()) == ("Välkommen", "Hej")
    assert kept.recipients == "eva@example.se, bo@example.se"


def test_it_stops_in_order(catcher: tuple[subprocess.Popen[bytes], int]) -> None:
    process, port = catcher

    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0
    assert ports.is_free(port)


def test_a_mail_server_of_ones_own_starts_no_catcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtp://mail.example.com:25")

    assert mail.settings_for(Places(tmp_path)) == {}
    assert list(tmp_path.iterdir()) == []


def test_each_checkout_catches_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMAIL_URL", raising=False)
    one, other = Places(tmp_path / "one").made(), Places(tmp_path / "other").made()

    mine, theirs = mail.settings_for(one), mail.settings_for(other)

    assert mine["EMAIL_URL"] != theirs["EMAIL_URL"]
    assert mine == mail.settings_for(one)
    assert mine["CAUGHT_MAIL_DIR"] == str(one.root / "mail")


def test_a_command_beside_nothing_that_runs_catches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EMAIL_URL", raising=False)

    assert mail.settings_of_running(Places(tmp_path).made()) == {}
