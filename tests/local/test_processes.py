import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from clm.local import keys, lock, ports, processes
from clm.local.places import Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path).made()


def test_a_leftover_is_ended_and_forgotten(places: Places) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    processes.write(places, processes.Record.of("worker", sleeper.pid))

    ended = processes.end_leftovers(places)

    assert ended == ["worker"]
    assert not psutil.pid_exists(sleeper.pid)
    sleeper.wait(1)
    assert processes.read(places, "worker") is None


def test_a_process_that_only_has_the_same_id_is_left_alone(places: Places) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as innocent:
        record = processes.Record.of("worker", innocent.pid)
        processes.write(places, replace(record, started=record.started - 100))

        ended = processes.end_leftovers(places)

        assert ended == []
        assert innocent.poll() is None
        innocent.kill()


def test_an_unreadable_record_is_forgotten(places: Places) -> None:
    (places.processes / "web.json").write_text("{")

    assert processes.end_leftovers(places) == []
    assert list(places.processes.iterdir()) == []


def test_a_taken_port_moves_to_the_next() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert not ports.is_free(port)
        assert ports.first_free(port) > port


def test_a_port_that_another_checkout_has_chosen_moves_to_the_next() -> None:
    with ports.claimed(ports.any_free()) as port:
        assert ports.is_free(port)

        with ports.claimed(port) as other:
            assert other > port

    assert ports.first_free(port) == port


@pytest.mark.parametrize("text", ["abc", "-1", "0", "65536", "٣", "80 81"])
def test_a_port_that_is_none_is_refused_with_its_cure(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", text)

    with pytest.raises(RuntimeError, match="give a number from 1 to 65535"):
        ports.asked(8000)


def test_a_port_is_kept_until_somebody_takes_it(places: Places) -> None:
    first = ports.kept_port(places, "postgres")
    assert ports.kept_port(places, "postgres") == first

    with socket.create_server(("127.0.0.1", first)):
        assert ports.kept_port(places, "postgres") != first


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"

    made = keys.kept(path, "secret_key", keys.long_key)

    assert keys.kept(path, "secret_key", keys.long_key) == made
    assert keys.kept(path, "password", keys.password) != made
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_lock_is_held_by_one_process_at_a_time(places: Places) -> None:
    attempt = (
        "import sys; from pathlib import Path; from clm.local import lock; from clm.local.places import Places\n"
        "with lock.held(Places(Path(sys.argv[1]))): print('held')"
    )
    command = [sys.executable, "-c", attempt, str(places.root)]

    with lock.held(places):
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
    taken = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "AlreadyRunning" in refused.stderr
    assert taken.stdout == "held\n"
