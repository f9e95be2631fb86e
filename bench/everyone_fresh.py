"""From a fresh clone to the dashboard of the demo company."""

import os
import re
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode

from bench.figures import Measured, figure
from bench.runs import CHECKOUT
from clm.local import ports

EMAIL, PASSWORD = "bench@example.com", "fresh-clone-of-the-bench"
PATIENCE = 600.0
WHOLE = "5,000 customers"
# What this process was given for its own servers is not for those of the clone.
OWN = (
    "CLM_",
    "DATABASE_",
    "REDIS_",
    "SECRET_",
    "SITE_",
    "STATIC_",
    "MEDIA_",
    "LOG_",
    "DJANGO_",
    "STATEMENT_",
)


@figure("fresh_to_dashboard_s", topic="everyone", unit="s", bar=90.0)
def fresh_to_dashboard_s(size: int) -> Measured:
    """`make up` in a clone of the last commit, until every customer has a stage on the dashboard."""
    with tempfile.TemporaryDirectory(prefix="clm-fresh-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - PostgreSQL may run as somebody else, and must get in
        clone = f"{folder}/clm"
        subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), clone], check=True)
        port = ports.first_free(18_000)
        started = time.monotonic()
        process = subprocess.Popen(
            ["make", "up", f"PORT={port}"],
            cwd=clone,
            env=_environment(),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            answered, whole = _watch(f"http://127.0.0.1:{port}", started)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=60)
    return Measured(whole, note=f"warm package cache; pages answered after {answered:.0f} s")


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(OWN) and name not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    return kept | {"CLM_ADMIN_EMAIL": EMAIL, "CLM_ADMIN_PASSWORD": PASSWORD}


def _watch(address: str, started: float) -> tuple[float, float]:
    """Seconds until pages answered, and until the dashboard showed everybody."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    while not _signed_in(browser, address):
        _wait(started)
    answered = time.monotonic() - started
    while WHOLE not in _text(browser, f"{address}/lifecycle/"):
        _wait(started)
    return answered, time.monotonic() - started


def _signed_in(browser: urllib.request.OpenerDirector, address: str) -> bool:
    page = f"{address}/account/login/"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', _text(browser, page))
    if not token:
        return False
    form = {"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    with browser.open(page, urlencode(form).encode(), timeout=30) as answer:
        return "/account/login/" not in str(answer.url)


def _text(browser: urllib.request.OpenerDirector, url: str) -> str:
    try:
        with browser.open(url, timeout=30) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, OSError):
        return ""


def _wait(started: float) -> None:
    if time.monotonic() - started > PATIENCE:
        raise RuntimeError("The dashboard did not fill.")
    time.sleep(0.5)
