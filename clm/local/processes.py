"""Records of running processes, so that a later start can end what a killed one left behind.

A process id alone proves nothing: ids are used again. A record holds the start time too, and a process
is ours only when both agree.
"""

import contextlib
import json
import os
import signal
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from clm.local.account import Account
from clm.local.places import Places

CLOCK_GRAIN = 1.0
FAREWELL = 10.0
SERVERS = ("postgres", "valkey")
# Those we started ourselves: somebody must hear how they ended.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Record:
    name: str
    pid: int
    started: float
    port: int = 0

    @classmethod
    def of(cls, name: str, pid: int, port: int = 0) -> "Record":
        return cls(name, pid, psutil.Process(pid).create_time(), port)

    def process(self) -> psutil.Process | None:
        """The very process that was recorded, or None when it is gone, even if its id lives on."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < CLOCK_GRAIN
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def start_server(
    places: Places, name: str, command: list[str], *, port: int, account: Account
) -> subprocess.Popen[bytes]:
    """Start and record it, in a session of its own: Ctrl-C in the terminal is not for the servers."""
    with (places.logs / f"{name}.log").open("ab") as log:
        server = subprocess.Popen(
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **account.run_as,
        )
    _children[server.pid] = server
    write(places, Record.of(name, server.pid, port))
    return server


def write(places: Places, record: Record) -> None:
    (places.processes / f"{record.name}.json").write_text(json.dumps(asdict(record)))


def read(places: Places, name: str) -> Record | None:
    return _read(places.processes / f"{name}.json")


def end_leftovers(places: Places) -> list[str]:
    """End every recorded process that still runs and forget all records. Returns the names of those ended.

    The servers go last, so that the others can still finish what they do.
    """
    records = [record for path in sorted(places.processes.glob("*.json")) if (record := _read(path))]
    programs = [record for record in records if record.name not in SERVERS]
    servers = [record for record in records if record.name in SERVERS]
    ended = end(*programs) + end(*servers)
    for path in places.processes.glob("*.json"):
        path.unlink(missing_ok=True)
    return ended


def end(*records: Record) -> list[str]:
    """Ask all to stop, then wait for each; who does not listen is killed. Returns the names of those that ran."""
    running = [(record, process) for record in records if (process := record.process())]
    for record, process in running:
        # PostgreSQL takes TERM as "wait until everybody has left"; INT means now, but in order.
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT if record.name == "postgres" else signal.SIGTERM)
    for record, process in running:
        _await_end(record, process)
    return [record.name for record, _ in running]


def _await_end(record: Record, process: psutil.Process) -> None:
    child = _children.pop(record.pid, None)
    try:
        child.wait(FAREWELL) if child else process.wait(FAREWELL)
    except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
        _kill_group(record.pid)


def _kill_group(pid: int) -> None:
    """Each of our processes leads a group of its own, so its children go with it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _read(path: Path) -> Record | None:
    try:
        return Record(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
