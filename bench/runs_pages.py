"""The same company after the import: its history worked out, and every page asked for."""

import gc
import logging
import os
import subprocess
import sys
import time
from functools import cache
from secrets import token_urlsafe
from statistics import quantiles
from typing import NamedTuple

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.figures import Measured, figure
from bench.runs import CHECKOUT, Ran, cdnow_import

ROUNDS, WARM_UP = 40, 3


@figure("cdnow_replay_s", topic="runs", unit="s", bar=20.0)
def cdnow_replay_s(size: int) -> Measured:
    """The command from its start to its end, over all days from 1 January 1997 to the present."""
    ran = cdnow_replay()
    return Measured(ran.seconds, note=f"exact to the day; {ran.peak_mb:.0f} MB at its highest")


@figure("page_queries_max", topic="runs", unit="queries", bar=12)
def page_queries_max(size: int) -> Measured:
    page = max(pages(), key=lambda page: page.queries)
    return Measured(page.queries, note=f"{page.url}; others: " + _listed("queries"))


@figure("page_p95_ms", topic="runs", unit="ms", bar=150.0)
def page_p95_ms(size: int) -> Measured:
    page = max(pages(), key=lambda page: page.p95_ms)
    return Measured(page.p95_ms, note=f"{page.url}; others: " + _listed("p95_ms"))


class Page(NamedTuple):
    url: str
    queries: int
    p95_ms: float


def _listed(what: str) -> str:
    return ", ".join(f"{page.url} {getattr(page, what):.0f}" for page in pages())


@cache
def cdnow_replay() -> Ran:
    cdnow_import()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE lifecycle_lifecyclemodel CASCADE")
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "replay", "swedish-six"],
        cwd=CHECKOUT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "clm.settings", "LOG_LEVEL": "ERROR"},
        stdout=subprocess.DEVNULL,
    )
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("The replay failed; its message stands above.")
    return Ran(time.monotonic() - started, usage.ru_maxrss / 1024)


@cache
def pages() -> list[Page]:
    """Every page a marketer opens daily, as the administrator sees it. Server time, templates included."""
    cdnow_replay()
    logging.getLogger("django_structlog").setLevel(logging.WARNING)
    client = _signed_in()
    return [_measure(client, url) for url in _urls()]


def _urls() -> list[str]:
    from customers.models import Customer

    busy = Customer.objects.order_by("-purchases__orders").values_list("pk", flat=True)[0]
    quarter = "from=1998-04-01&to=1998-06-30"
    return [
        f"/lifecycle/?{quarter}",
        "/customers/",
        "/customers/?sort=-revenue",
        "/customers/?q=123",
        f"/customers/{busy}/",
        f"/customers/{busy}/timeline/",
        "/imports/",
        "/lifecycle/models/",
        "/lifecycle/models/swedish-six/",
        f"/metrics/?{quarter}",
        f"/metrics/crr/?{quarter}&breakdown=stage",
        f"/metrics/cac/?{quarter}&breakdown=channel",
        "/api/v1/customers/",
    ]


def _signed_in() -> Client:
    """Of a program that has started as the web server does, whatever this one has done before."""
    import clm.wsgi  # noqa: F401  # all pages loaded

    gc.collect()
    gc.freeze()  # as there
    from clm.accounts.models import User

    client = Client(headers={"host": "localhost"})
    secret = token_urlsafe()
    client.force_login(User.objects.ensure_administrator(email="bench@example.com", password=secret))
    client.get("/jobs/")  # the first request of a session also writes down that it is used
    return client


def _measure(client: Client, url: str) -> Page:
    """As where a worker is alive: its silence would be asked about on every page."""
    from clm.accounts.models import Heartbeat

    Heartbeat.objects.beat("worker")
    client.get("/jobs/")
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    queries = len(captured)  # later requests clear the log
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}.")
    times = []
    for _round in range(WARM_UP + ROUNDS):
        started = time.perf_counter()
        b"".join(client.get(url))
        times.append((time.perf_counter() - started) * 1000)
    return Page(url, queries, quantiles(times[WARM_UP:], n=20)[-1])
