"""A try-out of its own for a test: own folder, own ports, the real programs."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from clm.local import postgres, processes
from clm.local.places import CHECKOUT, Places

GIVEN_TO_TESTS = (
    "DATABASE_URL",
    "REDIS_URL",
    "PORT",
    "CLM_ADMIN_EMAIL",
    "CLM_ADMIN_PASSWORD",
    "MEDIA_ROOT",
    "SITE_URL",
    "EMAIL_URL",
)


class TryOut:
    """`make up`, as a person would start and stop it."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.log = folder, folder / "up.log"
        folder.mkdir(mode=0o755, exist_ok=True)
        self.settings = {"CLM_LOCAL_DIR": str(folder), "CLM_DEMO": "0"} | settings

    def start(self) -> "TryOut":
        base = {name: value for name, value in os.environ.items() if name not in GIVEN_TO_TESTS}
        self.log.write_text("")
        with self.log.open("w") as log:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "clm.local", "up"],
                cwd=CHECKOUT,
                env=base | self.settings,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def wait(self, seconds: float = 240) -> "TryOut":
        """Until the greeting stands there."""
        deadline = time.monotonic() + seconds
        while "stop with" not in self.said:
            assert self.supervisor.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)
        return self

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        self.supervisor.send_signal(how)
        return self.supervisor.wait(60)

    @property
    def said(self) -> str:
        return self.log.read_text()

    def told(self, what: str) -> str:
        found = re.search(rf"^{what} +(\S+)", self.said, re.MULTILINE)
        assert found, self.said
        return found[1]

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(self.told("CLM runs at") + path, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code

    def is_ready(self, seconds: float = 60) -> bool:
        """As who waits for a start asks: a probe gives a busy machine's database only a moment to answer."""
        deadline = time.monotonic() + seconds
        while self.status("/readyz") != 200:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.5)
        return True

    def query(self, sql: str) -> None:
        server = processes.read(Places(self.folder), "postgres")
        assert server is not None
        with psycopg.connect(postgres.url(Places(self.folder), server.port)) as connection:
            connection.execute(sql)

    def manage(self, *arguments: str) -> str:
        base = {name: value for name, value in os.environ.items() if name not in GIVEN_TO_TESTS}
        command = [sys.executable, "-m", "clm.local", "manage", *arguments]
        done = subprocess.run(
            command, cwd=CHECKOUT, env=base | self.settings, capture_output=True, text=True, check=True
        )
        return done.stdout

    def survivors(self) -> list[str]:
        """The processes that still name our folder."""
        return [
            " ".join(process.info["cmdline"])
            for process in psutil.process_iter(["cmdline"])
            if any(str(self.folder) in part for part in process.info["cmdline"] or [])
        ]


@pytest.fixture
def try_out(tmp_path: Path) -> Iterator[Callable[..., TryOut]]:
    """`try_out("a", PORT="8123")`: a folder ready to be started; ended after the test whatever happened."""
    tmp_path.chmod(0o755)
    made: list[TryOut] = []

    def make(name: str = "a", **settings: str) -> TryOut:
        made.append(TryOut(tmp_path / name, **settings))
        return made[-1]

    yield make
    for each in made:
        if hasattr(each, "supervisor") and each.supervisor.poll() is None:
            each.end(signal.SIGKILL)
        processes.end_leftovers(Places(each.folder))
