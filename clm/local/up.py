"""`make up`: from a checkout to a running CLM."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from types import FrameType

from clm.local import environment, lock, mail, ports, prepared, servers, supervisor
from clm.local.administrator import administrator, remember_email
from clm.local.places import CHECKOUT, Places
from clm.local.programs import programs

DEFAULT_PORT = 8000


def up(places: Places) -> int:
    """Blocks until Ctrl-C. Raises CannotServe and AlreadyRunning with nothing left running."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a script may hand SIGINT down ignored
        signal.signal(number, _leave)
    start_port = ports.asked(DEFAULT_PORT)
    with lock.held(places), servers.running(places) as addresses, ports.claimed(start_port) as port:
        remember_email(places)
        site_url = os.environ.get("SITE_URL") or f"http://localhost:{port}"
        catching = mail.settings_for(places)
        settings = environment.of_django(places, addresses, site_url=site_url) | catching
        (CHECKOUT / "staticfiles").mkdir(exist_ok=True)
        _prepare(places, settings)
        threading.Thread(target=_greet, args=(places, port, site_url, bool(catching)), daemon=True).start()
        chosen = [mail.catcher(places)] if catching else []
        return supervisor.run(places, [*chosen, *programs(places, port)], settings)


def _prepare(places: Places, settings: dict[str, str]) -> None:
    if not prepared.is_current(places):
        subprocess.run([sys.executable, "-m", "clm.local.prepare"], cwd=CHECKOUT, env=settings, check=True)
        prepared.note(places)


def _leave(signal_number: int, frame: FrameType | None) -> None:
    sys.exit(128 + signal_number)


def _greet(places: Places, port: int, site_url: str, catches_mail: bool) -> None:
    """Tell where to go, once there is somebody to answer."""
    while not _answers(port):
        time.sleep(0.2)
    who = administrator(places)
    lines = [
        f"CLM runs at   {site_url}",
        f"sign in as    {who.email}",
        f"password      {who.password}   (set at the first start)",
        *([f"mail lands at {site_url}/settings/caught-mail/   (nobody gets it)"] if catches_mail else []),
        "stop with     Ctrl-C; `make up` again has the same data",
    ]
    width = max(map(len, lines))
    print("\n" + "\n".join(["-" * width, *lines, "-" * width]) + "\n", flush=True)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{ports.LOOPBACK}:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
