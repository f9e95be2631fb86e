"""The log says who asked for which page, never what they looked for."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from django.test import Client, RequestFactory

from clm.base.request_log import RequestLog

CANARY = "zebrafish"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"/account/login/?next=/customers/?q={CANARY}", "GET /account/login/"),
        (f"/nowhere/?q={CANARY}", "GET /nowhere/"),
        (f"/nowhere/{CANARY}", "GET /nowhere/…"),
        (f"/account/password/reset/key/1a-{CANARY}/", "GET /account/password/reset/key/…/"),
        (f"/answer/{CANARY}/", "GET /answer/…/"),
        (f"/api/v1/customers/by-external-id/{CANARY}/{CANARY}/", "GET /api/v1/customers/by-external-id/…/…/"),
        ("/customers/17/", "GET /customers/17/"),
        ("/metrics/churn-rate/", "GET /metrics/churn-rate/"),
    ],
)
def test_neither_a_query_nor_a_key_to_a_new_password_is_logged(path: str, told: str) -> None:
    with structlog.testing.capture_logs() as lines:
        Client().get(path)

    assert {line["request"] for line in lines if "request" in line} == {told}
    assert CANARY not in str(lines)


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the log's own handler writes."""
    (handler,) = (each for each in logging.getLogger().handlers if each.name == "stderr")
    assert isinstance(handler, logging.StreamHandler)
    written = StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


@pytest.mark.django_db
def test_django_itself_writes_no_path_with_a_key(log: StringIO) -> None:
    client = Client(enforce_csrf_checks=True)

    client.get(f"/nowhere/{CANARY}")
    refused = client.post(f"/account/password/reset/key/1a-{CANARY}/", {"password1": CANARY})

    said = log.getvalue()
    assert refused.status_code == 403
    assert "Forbidden (CSRF token missing.): /account/password/reset/key/…/ [django.security.csrf]" in said
    assert "Not Found" not in said
    assert CANARY not in said


def test_a_client_cannot_choose_the_address_that_is_logged() -> None:
    asked = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.9"}, REMOTE_ADDR="198.51.100.7")

    with structlog.contextvars.bound_contextvars(ip=None):
        RequestLog.bind_ip(asked)

        assert structlog.contextvars.get_contextvars()["ip"] == "198.51.100.7"
