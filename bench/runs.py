"""The main job on real input: eighteen months of CDNOW purchases."""

import os
import subprocess
import sys
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from django.db import connection

from bench.figures import Measured, figure

CHECKOUT = Path(__file__).resolve().parents[1]


class Ran(NamedTuple):
    seconds: float
    peak_mb: float
    command_seconds: float = 0.0


@figure("cdnow_import_s", topic="runs", unit="s", bar=7.0)
def cdnow_import_s(size: int) -> Measured:
    """From the file being brought to its last row being in; the interpreter's start is not part of it."""
    ran = cdnow_import()
    return Measured(
        ran.seconds,
        note=f"69,659 orders of 23,570 customers into an empty company; {ran.command_seconds:.1f} s for the whole command",
    )


@figure("cdnow_peak_mb", topic="runs", unit="MB", bar=300.0)
def cdnow_peak_mb(size: int) -> Measured:
    return Measured(cdnow_import().peak_mb, note="resident memory of the importing process at its highest")


def cdnow_path() -> Path:
    spec = find_spec("lifetimes")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("The CDNOW log comes with the development dependencies: uv sync --all-extras")
    return Path(spec.submodule_search_locations[0]) / "datasets" / "CDNOW_master.txt"


@cache
def cdnow_import() -> Ran:
    """Once per run of the bench; other figures use what it leaves behind."""
    empty()
    asked = ["orders", str(cdnow_path()), "--source", "cdnow", "--currency", "USD", "--zone", "UTC"]
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "import_file", *asked],
        cwd=CHECKOUT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "clm.settings", "LOG_LEVEL": "ERROR"},
        stdout=subprocess.DEVNULL,
    )
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("The import failed; its message stands above.")
    command_seconds = time.monotonic() - started
    return Ran(import_seconds(), usage.ru_maxrss / 1024, command_seconds)


def import_seconds() -> float:
    from customers.models import Import

    run = Import.objects.latest("pk")
    if run.finished_at is None:
        raise RuntimeError("The import did not end.")
    return (run.finished_at - run.created_at).total_seconds()


def empty() -> None:
    """A company without customers, reporting in dollars by UTC days."""
    from clm.accounts.models import Organisation

    organisation = Organisation.objects.current()
    organisation.currency, organisation.zone = "USD", "UTC"
    organisation.save()
    with connection.cursor() as cursor:
        tables = (
            "customers_customer, customers_identity, customers_profilechange, customers_import, accounts_job"
        )
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
