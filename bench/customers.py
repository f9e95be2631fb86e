"""The daily work at size: an import, the list, a search, one customer, and the API, beside the bare framework."""

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple

from django.db import connection
from django.test import Client, override_settings

from bench.figures import Measured, figure
from bench.runs import CHECKOUT, Ran, empty, import_seconds
from bench.runs_pages import Page, _measure, _signed_in

ENTRIES, ROUNDS, BLOCKS, SMALL = 2_000, 100, 4, 10_000
FIRST = ("Anna", "Bo", "Carl", "Dagny", "Erik", "Freja", "Gustav", "Hanne", "Ida", "Jens")
LAST = ("Lind", "Berg", "Holm", "Dahl", "Ek", "Falk", "Gran", "Krog", "Lund", "Munk")


@figure("import_copy_share", topic="customers", unit="share", bar=0.2, better="over")
def import_copy_share(size: int) -> Measured:
    """COPY of the customers into a table with the same indexes, over the whole import of them."""
    ran, copied = imported(size), copy_seconds(size)
    return Measured(
        copied / ran.seconds, note=f"{size} customers, import {ran.seconds:.1f} s, COPY {copied:.2f} s"
    )


@figure("import_peak_mb", topic="customers", unit="MB", bar=300.0)
def import_peak_mb(size: int) -> Measured:
    return Measured(imported(size).peak_mb, note="resident memory of the importing process at its highest")


@figure("list_p95_ms", topic="customers", unit="ms", bar=150.0)
def list_p95_ms(size: int) -> Measured:
    return Measured(pages(size)["/customers/"].p95_ms, note=f"{size} customers")


@figure("search_p95_ms", topic="customers", unit="ms", bar=150.0)
def search_p95_ms(size: int) -> Measured:
    page = max((page for url, page in pages(size).items() if "?q=" in url), key=lambda page: page.p95_ms)
    return Measured(page.p95_ms, note=page.url)


@figure("customer_page_p95_ms", topic="customers", unit="ms", bar=150.0)
def customer_page_p95_ms(size: int) -> Measured:
    return Measured(pages(size)[f"/customers/{busy()}/"].p95_ms, note=f"{ENTRIES} entries in the timeline")


@figure("page_queries_max", topic="customers", unit="queries", bar=12)
def page_queries_max(size: int) -> Measured:
    page = max(pages(size).values(), key=lambda page: page.queries)
    return Measured(page.queries, note=page.url)


@figure("list_ceiling_share", topic="customers", unit="share", bar=0.45, better="over")
def list_ceiling_share(size: int) -> Measured:
    return share(size, "/customers/", "/list/")


@figure("api_list_ceiling_share", topic="customers", unit="share", bar=0.6, better="over")
def api_list_ceiling_share(size: int) -> Measured:
    return share(size, "/api/v1/customers/", "/values/")


@figure("api_detail_ceiling_share", topic="customers", unit="share", bar=0.5, better="over")
def api_detail_ceiling_share(size: int) -> Measured:
    imported(size)
    return share(size, f"/api/v1/customers/{busy()}/", f"/one/{busy()}/")


@figure("api_create_ceiling_share", topic="customers", unit="share", bar=0.35, better="over")
def api_create_ceiling_share(size: int) -> Measured:
    return share(size, "/api/v1/customers/", "/create/", posts=True)


@figure("growth_list", topic="customers", unit="x", bar=1.3)
def growth_list(size: int) -> Measured:
    """The last figure: it leaves the small company behind."""
    large = median(times(lambda client: get(client, "/customers/")))
    imported.cache_clear()
    imported(SMALL)
    small = median(times(lambda client: get(client, "/customers/")))
    return Measured(large / small, note=f"{size} over {SMALL} customers: {large:.1f} and {small:.1f} ms")


@cache
def imported(size: int) -> Ran:
    """Once per run, into an empty company, by the command."""
    empty()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "customers.csv"
        write_file(path, size)
        process = subprocess.Popen(
            [sys.executable, "manage.py", "import_file", "customers", str(path), "--source", "bench"],
            cwd=CHECKOUT,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "clm.settings", "LOG_LEVEL": "ERROR"},
            stdout=subprocess.DEVNULL,
        )
        _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("The import failed; its message stands above.")
    seconds = import_seconds()
    add_entries()
    return Ran(seconds, usage.ru_maxrss / 1024)


def write_file(path: Path, size: int) -> None:
    """One in fifty comes twice, as in real files."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "email", "first_name", "last_name", "phone", "country", "language"])
        for number in range(size):
            own = number - 1 if number % 50 == 49 else number
            first, last = FIRST[own % 10], LAST[own // 10 % 10]
            mail = f"{first}.{last}.{own}@example.com".lower()
            writer.writerow([f"C{own}", mail, first, last, f"+4520{own % 1_000_000:06}", "DK", "da"])


def add_entries() -> None:
    """The busiest customer there is."""
    from clm.base import clock
    from customers.intake.taking import take_in

    now = clock.now()
    rows = [
        (
            n,
            {
                "customer": "C0",
                "key": str(n),
                "name": "page.viewed",
                "occurred_at": (now - timedelta(hours=n)).isoformat(),
            },
        )
        for n in range(1, ENTRIES + 1)
    ]
    take_in("events", rows, source="bench")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def busy() -> int:
    from customers.models import Customer

    return Customer.objects.values_list("pk", flat=True).get(external_id="C0")


def copy_seconds(size: int) -> float:
    """The rows that the import made of customers, into a table that is like theirs, indexes and all."""
    imported(size)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_copy")
        cursor.execute("CREATE TABLE bench_copy (LIKE customers_customer INCLUDING ALL)")
        cursor.execute(
            "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = 'customers_customer'::regclass"
            " AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
        )
        (columns,) = cursor.fetchone()
        kept = io.BytesIO()
        with cursor.copy(f"COPY customers_customer ({columns}) TO STDOUT") as out:
            kept.writelines(bytes(piece) for piece in out)
        started = time.monotonic()
        with cursor.copy(f"COPY bench_copy ({columns}) FROM STDIN") as into:
            into.write(kept.getbuffer())
        seconds = time.monotonic() - started
        cursor.execute("DROP TABLE bench_copy")
    return seconds


@cache
def pages(size: int) -> dict[str, Page]:
    imported(size)
    client = _signed_in()
    wanted = [
        "/customers/",
        "/customers/?q=freja",
        "/customers/?q=lin",
        f"/customers/?q=c{size // 2}",
        f"/customers/{busy()}/",
        f"/customers/{busy()}/timeline/",
        "/leads/?tab=all",
        "/imports/",
        "/api/v1/customers/",
    ]
    return {url: _measure(client, url) for url in wanted}


class Both(NamedTuple):
    ours: list[float]
    bare: list[float]


def share(size: int, url: str, bare_url: str, *, posts: bool = False) -> Measured:
    """Time of the bare framework over ours, in turns."""
    imported(size)
    call = post if posts else get
    ours_, bare_ = _signed_in(), Client(headers={"host": "localhost"})
    bare_.cookies = ours_.cookies
    both = Both([], [])
    for _block in range(BLOCKS):
        both.ours.extend(block(call, ours_, url))
        with bare():  # a handler keeps the middleware that it met first
            both.bare.extend(block(call, bare_, bare_url))
    ours, alone = median(both.ours), median(both.bare)
    return Measured(
        alone / ours, note=f"{ours:.1f} ms, bare {alone:.1f} ms, p95 {quantiles(both.ours, n=20)[-1]:.1f} ms"
    )


def block(call: Callable[[Client, str], None], client: Client, url: str) -> list[float]:
    """Once for the addresses that were forgotten with the settings, then in earnest; as where a worker is alive."""
    from clm.accounts.models import Heartbeat

    Heartbeat.objects.beat("worker")
    call(client, url)
    return [timed(lambda: call(client, url)) for _round in range(ROUNDS // BLOCKS)]


def bare() -> override_settings:
    from bench.bare import MIDDLEWARE, SESSION_ENGINE

    return override_settings(ROOT_URLCONF="bench.bare", MIDDLEWARE=MIDDLEWARE, SESSION_ENGINE=SESSION_ENGINE)


def times(call: Callable[[Client], None]) -> Iterator[float]:
    client = _signed_in()
    call(client)
    return (timed(lambda: call(client)) for _round in range(ROUNDS))


def timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def get(client: Client, url: str) -> None:
    answer = client.get(url)
    b"".join(answer)
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}.")


def post(client: Client, url: str) -> None:
    name = f"new-{time.monotonic_ns()}"
    body = {"name": name, "email": f"{name}@example.com", "country": "DK"}
    answer = client.post(url, json.dumps(body), content_type="application/json")
    if answer.status_code != 201:
        raise RuntimeError(f"{url} answered {answer.status_code}: {answer.content[:200]!r}")
