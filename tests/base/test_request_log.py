"""The log says who asked for which page, never what they looked for."""

import pytest
import structlog
from django.test import Client

CANARY = "zebrafish"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"/account/login/?next=/customers/?q={CANARY}", "GET /account/login/"),
        (f"/nowhere/?q={CANARY}", "GET /nowhere/"),
        (f"/account/password/reset/key/1a-{CANARY}/", "GET /account/password/reset/key/…"),
    ],
)
def test_neither_a_query_nor_a_key_to_a_new_password_is_logged(path: str, told: str) -> None:
    with structlog.testing.capture_logs() as lines:
        Client().get(path)

    assert {line["request"] for line in lines if "request" in line} == {told}
    assert CANARY not in str(lines)
