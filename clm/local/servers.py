"""The two servers CLM needs: those of the environment, or our own for as long as they are used."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypedDict

from clm.local import postgres, processes, valkey
from clm.local.places import Places


class Addresses(TypedDict):
    DATABASE_URL: str
    REDIS_URL: str


@contextmanager
def running(places: Places, *, throwaway: bool = False) -> Iterator[Addresses]:
    """Start what the environment does not name; end it afterwards, whatever happened.

    Ends first what a killed run left behind. Raises CannotServe. The caller holds the lock (`lock.held`).
    """
    processes.end_leftovers(places)
    try:
        yield Addresses(
            DATABASE_URL=os.environ.get("DATABASE_URL")
            or postgres.Postgres.found(places, throwaway=throwaway).start(),
            REDIS_URL=os.environ.get("REDIS_URL") or valkey.start(places),
        )
    finally:
        processes.end_leftovers(places)


def found(places: Places) -> Addresses | None:
    """The addresses of servers that another command of this checkout keeps running, or None."""
    database = os.environ.get("DATABASE_URL") or _address(places, "postgres")
    broker = os.environ.get("REDIS_URL") or _address(places, "valkey")
    return Addresses(DATABASE_URL=database, REDIS_URL=broker) if database and broker else None


def _address(places: Places, name: str) -> str | None:
    record = processes.read(places, name)
    if record is None or record.process() is None:
        return None
    return postgres.url(places, record.port) if name == "postgres" else valkey.url(places, record.port)
