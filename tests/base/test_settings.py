"""Settings that follow from other settings, and what the deploy check says of them."""

import runpy
from pathlib import Path

import pytest
from django.test import override_settings

from clm.base.checks import CONSOLE, mail_reaches_people

SETTINGS = Path(__file__).parents[2] / "clm" / "settings.py"


@pytest.mark.parametrize(
    ("environment", "proxies"),
    [({}, None), ({"BEHIND_PROXY": "1"}, 1), ({"BEHIND_PROXY": "1", "PROXY_COUNT": "2"}, 2)],
)
def test_behind_a_proxy_people_have_addresses_of_their_own(
    environment: dict[str, str], proxies: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert runpy.run_path(str(SETTINGS)).get("ALLAUTH_TRUSTED_PROXY_COUNT") == proxies


@pytest.mark.parametrize(
    ("https", "backend", "warnings"),
    [
        (True, CONSOLE, ["clm.W001"]),
        (False, CONSOLE, []),
        (True, "django.core.mail.backends.smtp.EmailBackend", []),
    ],
)
def test_mail_that_reaches_nobody_is_told_at_deployment(
    https: bool, backend: str, warnings: list[str]
) -> None:
    with override_settings(HTTPS=https, EMAIL_BACKEND=backend):
        assert [warning.id for warning in mail_reaches_people(None)] == warnings
