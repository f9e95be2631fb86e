import socket
from collections.abc import Iterator
from time import monotonic

import pytest
from django.db import connections
from django.test import Client, override_settings

from clm import health


@pytest.fixture
def silence() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_the_process_is_alive_without_asking_anybody() -> None:
    response = Client().get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "alive"})


@pytest.mark.django_db
def test_everything_there_is_ready() -> None:
    response = Client().get("/readyz")

    assert (response.status_code, response.json()) == (
        200,
        {"status": "ready", "checks": {"database": "ok", "redis": "ok"}},
    )


@pytest.mark.django_db
def test_without_redis_we_are_degraded_but_serve() -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        response = Client().get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"status": "degraded", "checks": {"database": "ok", "redis": "down"}}


@pytest.mark.django_db
def test_a_redis_that_hangs_does_not_hang_the_probe(silence: int) -> None:
    started = monotonic()

    with override_settings(REDIS_URL=f"redis://127.0.0.1:{silence}/0"):
        response = Client().get("/readyz")

    assert monotonic() - started < 0.4
    assert response.json()["status"] == "degraded"


@pytest.mark.django_db
def test_a_database_that_is_down_makes_us_unavailable() -> None:
    real = connections.settings["default"]["PORT"]
    connections.settings["default"]["PORT"] = 1
    try:
        response = Client().get("/readyz")
    finally:
        connections.settings["default"]["PORT"] = real

    assert (response.status_code, response.json()["checks"]["database"]) == (503, "down")


@pytest.mark.django_db
def test_a_database_that_hangs_makes_us_unavailable_in_time(silence: int) -> None:
    real = connections.settings["default"]["PORT"]
    connections.settings["default"]["PORT"] = silence
    started = monotonic()
    try:
        response = Client().get("/readyz")
    finally:
        connections.settings["default"]["PORT"] = real

    assert monotonic() - started < 0.4
    assert (response.status_code, response.json()["checks"]["database"]) == (503, "hanging")


@pytest.mark.django_db
def test_a_missing_migration_makes_us_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_known_migrations", lambda: frozenset({("customers", "9999_not_yet")}))

    response = Client().get("/readyz")

    assert (response.status_code, response.json()["checks"]["database"]) == (503, "migrations missing")
