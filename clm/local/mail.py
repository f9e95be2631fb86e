"""Where mail goes when nobody named a server: to the catcher of this checkout (`mail_catcher`)."""

import os
import sys

from clm.local import ports, processes
from clm.local.places import Places
from clm.local.programs import Program

NAME = "mail"


def settings_for(places: Places) -> dict[str, str]:
    """For Django, before the catcher starts. Nothing when the environment names a mail server."""
    return {} if os.environ.get("EMAIL_URL") else _settings(places, ports.kept_port(places, NAME))


def settings_of_running(places: Places) -> dict[str, str]:
    """The same for a command beside a running CLM; nothing when no catcher runs."""
    record = processes.read(places, NAME)
    if os.environ.get("EMAIL_URL") or record is None or record.process() is None:
        return {}
    return _settings(places, ports.known(places)[NAME])


def _settings(places: Places, port: int) -> dict[str, str]:
    return {"EMAIL_URL": f"smtp://{ports.LOOPBACK}:{port}", "CAUGHT_MAIL_DIR": str(places.root / "mail")}


def catcher(places: Places) -> Program:
    where = ["--port", str(ports.known(places)[NAME]), "--folder", str(places.root / "mail")]
    return Program(NAME, [sys.executable, "-m", "clm.local.mail_catcher", *where])
