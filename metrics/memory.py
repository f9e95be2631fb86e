"""Answers kept for as long as nothing they may rest on has changed.

The key holds the statement, its clocks and filters, and the watermark: the newest row of each table of facts.
What only supersedes rows writes an audit entry, so it moves the watermark too. A transaction that took its ids
before and commits after could slip by: while one is open, answers are kept for seconds only.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import structlog
from django.core.cache import cache
from django.db import connection
from redis import RedisError

from metrics.lens import Lens, Row

KEPT_SECONDS, UNSETTLED_SECONDS = 300, 5
TABLES = (
    "customers_order",
    "customers_refund",
    "customers_touch",
    "customers_customer",
    "customers_profilechange",
    "lifecycle_stageperiod",
    "campaigns_response",
    "campaigns_invitation",
    "campaigns_delivery",
    "metrics_spend",
    "accounts_auditentry",
)
log = structlog.get_logger()


class Present(NamedTuple):
    watermark: str
    zone: str | None  # whose days the roll-up counts
    is_settled: bool  # no writing transaction is open


def present() -> Present:
    """One query on primary keys."""
    newest = ", ".join(f"coalesce((SELECT max(id) FROM {table}), 0)" for table in TABLES)
    with connection.cursor() as cursor:
        # Conditions of segments rest on facts of all kinds: each is noted as an arrival.
        newest += ", (SELECT last_value FROM customers_arrival_id_seq), coalesce((SELECT max(id) FROM customers_segmentmember), 0)"
        cursor.execute(
            f"""SELECT (SELECT zone FROM metrics_folding), NOT EXISTS (
                    SELECT FROM pg_stat_activity
                    WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
                        AND backend_type <> 'autovacuum worker'
                ), {newest}"""
        )
        zone, is_settled, *marks = cursor.fetchone()
        return Present(".".join([connection.settings_dict["NAME"], *map(str, marks)]), zone, is_settled)


def look(lens: Lens, selects: Mapping[str, str], *, raw: bool = False) -> dict[str, list[Row]]:
    """`Lens.look`, but statements whose answer is at hand are not run. `raw`: from the facts, whatever it takes."""
    if raw:
        return lens.look(selects)
    now = present()
    lens = _folded(lens, now)
    keys = {name: _key(lens, select, now.watermark) for name, select in selects.items()}
    at_hand = _recall(list(keys.values()))
    found = {name: at_hand[key] for name, key in keys.items() if key in at_hand}
    fresh = lens.look({name: select for name, select in selects.items() if name not in found})
    _keep(
        {keys[name]: read for name, read in fresh.items()},
        KEPT_SECONDS if now.is_settled else UNSETTLED_SECONDS,
    )
    return found | fresh


def stream(lens: Lens, select: str, *, raw: bool = False) -> Iterator[Row]:
    """`Lens.stream`, from the roll-up where it holds; too much to be kept."""
    return (lens if raw else _folded(lens, present())).stream(select)


def _folded(lens: Lens, now: Present) -> Lens:
    return replace(lens, is_folded=lens.known_at is None and lens.zone == now.zone)


def _key(lens: Lens, select: str, mark: str) -> str:
    text = repr((mark, select, sorted((name, str(value)) for name, value in lens.parameters.items())))
    return f"metric:{hashlib.sha256(text.encode()).hexdigest()}"


def _recall(keys: list[str]) -> dict[str, list[Row]]:
    try:
        found: dict[str, list[Row]] = cache.get_many(keys)
    except (OSError, RedisError):
        log.warning("cache_away")
        return {}
    return found


def _keep(rows: Mapping[str, list[Row]], seconds: int) -> None:
    if not rows:
        return
    try:
        cache.set_many(dict(rows), seconds)
    except (OSError, RedisError):
        log.warning("cache_away")
