"""Callers of the API: `api(user)` with a session-less key that writes, `api(user, scope="read")` that reads."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:
    from clm.accounts.models import User


@pytest.fixture
def api() -> Callable[..., Client]:
    from clm.accounts.models import ApiKey
    from clm.accounts.models.api_key import Scope

    def called(user: "User", *, scope: str = "write") -> Client:
        _key, text = ApiKey.objects.issue(name="Test", scope=Scope(scope), owner=user, by=user)
        client = JsonClient(headers={"Authorization": f"Bearer {text}"})
        client.authorization = f"Bearer {text}"
        return client

    return called


class JsonClient(Client):
    """Sends JSON unless told otherwise."""

    authorization = ""

    def generic(
        self, method: str, path: str, data: Any = "", content_type: str = "application/json", **extra: Any
    ) -> Any:
        return super().generic(method, path, data, content_type, **extra)

    def post(self, path: str, data: Any = None, content_type: str = "application/json", **extra: Any) -> Any:  # type: ignore[override]
        return super().post(path, data, content_type=content_type, **extra)

    def put(self, path: str, data: Any = None, **extra: Any) -> Any:  # type: ignore[override]
        return super().put(path, data, content_type="application/json", **extra)

    def patch(self, path: str, data: Any = None, **extra: Any) -> Any:  # type: ignore[override]
        return super().patch(path, data, content_type="application/json", **extra)


@pytest.fixture
def order() -> Callable[..., dict[str, Any]]:
    def made(key: str = "1001", **changes: Any) -> dict[str, Any]:
        item = {
            "customer": "C-1", "email": "ada@example.com", "key": key, "occurred_at": "2026-03-01T12:00:00+01:00",
            "amount": "100.00", "currency": "EUR",
        }  # fmt: skip
        return item | changes

    return made
