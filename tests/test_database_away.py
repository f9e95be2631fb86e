"""While PostgreSQL is away: a plain page that says so, and no half answers."""

import pytest
from django.db import OperationalError
from django.test import Client


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", refuse)
    monkeypatch.setattr("clm.accounts.models.api_key.ApiKeyManager.usable", refuse)


@pytest.mark.parametrize("path", ["/", "/customers/", "/lifecycle/", "/settings/profile/"])
def test_a_page_says_that_it_will_be_back(away, path):
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "x" * 32

    answer = client.get(path)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "connection refused" not in answer.content.decode()


def test_the_api_says_so_in_its_error_body(away):
    answer = Client(raise_request_exception=False).get(
        "/api/v1/me/", headers={"Authorization": "Bearer clm_x"}
    )

    assert answer.status_code == 503
    assert answer.json()["errors"][0]["code"] == "busy"
