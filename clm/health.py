"""Two questions of whoever runs us: is the process alive, and can it serve?

No answer waits for a dependency longer than PATIENCE: a probe that hangs tells nothing.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as HangingError
from functools import cache
from time import monotonic

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

PATIENCE = 0.15
_probes = ThreadPoolExecutor(max_workers=4, thread_name_prefix="health")


@require_safe
@never_cache
@login_not_required
def alive(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """503 without the database or with migrations missing; 200 "degraded" without Redis: pages still work."""
    _known_migrations()
    deadline = monotonic() + PATIENCE
    asked = [_probes.submit(_database), _probes.submit(_broker)]
    database, broker = (_answer(probe, deadline) for probe in asked)
    status = "unavailable" if database != "ok" else "ready" if broker == "ok" else "degraded"
    return JsonResponse(
        {"status": status, "checks": {"database": database, "redis": broker}},
        status=503 if status == "unavailable" else 200,
    )


def _answer(probe: Future[str], deadline: float) -> str:
    try:
        return probe.result(timeout=max(0.0, deadline - monotonic()))
    except HangingError:
        probe.cancel()
        return "hanging"


def _database() -> str:
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError:
        return "down"
    finally:
        _silently(connection.close)
    return "ok" if _known_migrations() <= applied.keys() else "migrations missing"


def _broker() -> str:
    limits = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, retry=None, **limits) as client:
            client.ping()
    except redis.RedisError:
        return "down"
    return "ok"


def _silently(close: Callable[[], None]) -> None:
    try:
        close()
    except DatabaseError:
        return


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Every migration this code brings along; read from disk once."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


urlpatterns = [
    path("healthz", alive, name="alive"),
    path("readyz", ready, name="ready"),
]
