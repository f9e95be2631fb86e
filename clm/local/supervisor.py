"""Runs the programs side by side, each line of their logs under its name, until somebody stops them."""

import os
import shlex
import signal
from collections.abc import Mapping
from functools import partial

from honcho import manager
from honcho.process import Process

from clm.local import environment, processes
from clm.local.places import Places
from clm.local.programs import Program

# Long enough for the task at hand to end.
manager.KILL_WAIT = 25


def run(places: Places, chosen: list[Program], settings: dict[str, str]) -> int:
    """Blocks until all have ended. Returns 0 when a person stopped them, else the first one's exit code."""
    supervisor = manager.Manager()
    supervisor._process_ctor = partial(RecordedProcess, places=places)
    supervisor._procmgr = LeaderFirst()
    for program in chosen:
        own = settings if program.name == "web" else environment.of_worker(settings)
        # Pages go before background work: on a small machine both would crawl.
        politely = "" if program.name == "web" else "nice -n 5 "
        supervisor.add_process(program.name, f"exec {politely}{shlex.join(program.command)}", env=own)
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    supervisor.loop()
    return 0 if supervisor.returncode in STOPPED_BY_PERSON else int(supervisor.returncode)


STOPPED_BY_PERSON = {manager.SIGNALS[number]["rc"] for number in (signal.SIGINT, signal.SIGTERM)}


class RecordedProcess(Process):  # type: ignore[misc]  # honcho has no types
    """Leaves a record of itself, for the start after a kill."""

    def __init__(self, *arguments: object, places: Places, **named: object) -> None:
        super().__init__(*arguments, **named)
        self.places = places

    def _send_message(self, data: bytes | Mapping[str, int], type: str = "line") -> None:
        if type == "start" and isinstance(data, Mapping):
            processes.write(self.places, processes.Record.of(self.name, data["pid"]))
        super()._send_message(data, type=type)


class LeaderFirst(manager.ProcessManager):  # type: ignore[misc]  # honcho has no types
    """TERM goes to the leader only: it lets its children finish. A Celery child that gets it dies at work."""

    def terminate(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            return
