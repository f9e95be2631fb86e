"""The stage of every test. Servers start when pytest starts and end with it, whichever way pytest is called;
`DATABASE_URL` and `REDIS_URL`, when set, are used instead.
"""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings

from clm.local import lock, servers
from clm.local.places import CHECKOUT, Places

pytest_plugins = [
    "tests.fixtures.quiet",
    "tests.fixtures.flush",
    "tests.fixtures.order",
    "tests.fixtures.people",
    "tests.fixtures.browser",
    "tests.fixtures.mail",
    "tests.fixtures.static",
]

_servers = ExitStack()

# What settings read from the environment; a person's own values do not leak into tests.
FIXED = {
    "DJANGO_SETTINGS_MODULE": "clm.settings",
    "SECRET_KEY": "for-tests-only",
    "DEBUG": "0",
    "SITE_URL": "http://localhost:8000",
    "HTTPS": "0",
    "STATIC_MANIFEST": "0",
    "LOG_FORMAT": "console",
    "LOG_LEVEL": "WARNING",
    "EMAIL_URL": "memorymail://",
    "STATEMENT_TIMEOUT": "60",
}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Before Django reads its settings. Workers of xdist inherit the addresses from the one that started them."""
    os.environ |= FIXED
    if not hasattr(config, "workerinput"):
        os.environ |= _servers.enter_context(servers.running(_places(), throwaway=True))
        os.environ["MEDIA_ROOT"] = _servers.enter_context(tempfile.TemporaryDirectory(prefix="clm-media-"))
    # pytest-django sets Django up after this, but only when the settings are loaded.
    assert settings.SECRET_KEY


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _servers.close()


def _places() -> Places:
    """Data kept between runs, for speed; a second run at the same time gets its own for this once."""
    kept = Places(CHECKOUT / ".local" / "test").made()
    try:
        _servers.enter_context(lock.held(kept))
    except lock.AlreadyRunning:
        once = Path(_servers.enter_context(tempfile.TemporaryDirectory(prefix="clm-test-")))
        once.chmod(0o755)
        return Places(once).made()
    return kept


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need PostgreSQL, so that `-m database` finds them."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(fixtures):
            item.add_marker("database")
