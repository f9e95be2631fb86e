"""Management commands beside a running CLM, or with servers started for just this command."""

import subprocess
import sys

from clm.local import environment, lock, mail, prepared, servers
from clm.local.places import CHECKOUT, Places


def manage(places: Places, arguments: list[str]) -> int:
    """Returns the command's exit code. Raises CannotServe; AlreadyRunning while another start is under way."""
    if addresses := servers.found(places):
        return _run(places, addresses, arguments)
    with lock.held(places), servers.running(places) as started:
        return _run(places, started, arguments)


def _run(places: Places, addresses: servers.Addresses, arguments: list[str]) -> int:
    prepared.forget(places)
    catching = mail.settings_of_running(places)
    settings = environment.of_worker(environment.of_django(places, addresses) | catching)
    return subprocess.call([sys.executable, "manage.py", *arguments], cwd=CHECKOUT, env=settings)
