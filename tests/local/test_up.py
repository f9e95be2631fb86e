"""The runner as a whole, with real processes."""

import signal
import time
from collections.abc import Callable

import psutil
import pytest

from clm.base.caught_mail import CaughtMail
from clm.local import ports, processes
from clm.local.places import Places
from tests.local.conftest import TryOut

MakeTryOut = Callable[..., TryOut]


def test_a_killed_supervisor_does_not_stop_the_next_start(try_out: MakeTryOut) -> None:
    first = try_out(PORT=str(ports.any_free())).start().wait()
    password = first.told("password")
    left = [
        processes.read(Places(first.folder), name)
        for name in ("postgres", "valkey", "mail", "web", "worker", "beat")
    ]
    first.query("insert into accounts_team (name) values ('Kept')")
    first.end(signal.SIGKILL)

    second = first.start().wait()

    assert not any(record and record.process() for record in left)
    assert second.status("/healthz") == 200
    assert second.is_ready()
    assert second.told("password") == password
    code = "from clm.accounts.models import Team; print(list(Team.objects.values_list('name', flat=True)))"
    assert second.manage("shell", "-v0", "-c", code).strip() == "['Kept']"
    second.manage("sendtestemail", "eva@example.se")
    assert [mail.recipients for mail in CaughtMail(second.folder / "mail").newest(5)] == ["eva@example.se"]
    assert second.end() == 0
    assert second.survivors() == []


@pytest.mark.nightly
def test_two_checkouts_run_side_by_side(try_out: MakeTryOut) -> None:
    port = ports.any_free()

    one, other = (
        try_out("one", PORT=str(port)).start().wait(),
        try_out("other", PORT=str(port)).start().wait(),
    )

    assert one.told("CLM runs at") == f"http://localhost:{port}"
    assert other.told("CLM runs at") != one.told("CLM runs at")
    assert one.is_ready()
    assert other.is_ready()
    assert ports.known(Places(one.folder))["mail"] != ports.known(Places(other.folder))["mail"]
    assert (one.end(), other.end()) == (0, 0)
    assert one.survivors() + other.survivors() == []


@pytest.mark.nightly
def test_the_same_checkout_starts_once(try_out: MakeTryOut) -> None:
    first = try_out().start().wait()
    again = TryOut(first.folder)
    again.log = first.folder / "again.log"

    assert again.start().supervisor.wait(20) == 1

    assert "runs already from this checkout" in again.said
    assert first.status("/healthz") == 200


@pytest.mark.nightly
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_way_to_stop_leaves_nothing_behind(try_out: MakeTryOut, how: signal.Signals) -> None:
    running = try_out().start().wait()

    code = running.end(how)

    assert code == 0
    assert running.survivors() == []


@pytest.mark.nightly
def test_a_stop_while_it_starts_leaves_nothing_behind(try_out: MakeTryOut) -> None:
    running = try_out().start()
    while not (running.folder / "processes" / "valkey.json").exists():
        time.sleep(0.05)

    running.end()

    assert running.survivors() == []


@pytest.mark.nightly
def test_given_servers_are_used_and_none_is_started(try_out: MakeTryOut) -> None:
    lender = try_out("lender", PORT=str(ports.any_free())).start().wait()
    web = processes.read(Places(lender.folder), "web")
    assert web is not None
    lent = psutil.Process(web.pid).environ()

    borrower = (
        try_out("borrower", DATABASE_URL=lent["DATABASE_URL"], REDIS_URL=lent["REDIS_URL"]).start().wait()
    )

    assert borrower.is_ready()
    assert list(ports.known(Places(borrower.folder))) == ["mail"]
    assert borrower.end() == 0
    assert lender.is_ready()


@pytest.mark.nightly
def test_name_and_password_can_be_chosen(try_out: MakeTryOut) -> None:
    chosen = {"CLM_ADMIN_EMAIL": "me@example.com", "CLM_ADMIN_PASSWORD": "my own long word"}
    running = try_out(**chosen).start().wait()
    code = (
        "from clm.accounts.models import User; print(User.objects.get().check_password('my own long word'))"
    )

    assert running.told("sign in as") == "me@example.com"
    assert running.manage("shell", "-v0", "-c", code).strip() == "True"
