"""The environment of every process the try-out starts. What the person has set wins."""

import os

from clm.local import keys
from clm.local.places import Places
from clm.local.servers import Addresses

WORKER_STATEMENT_TIMEOUT = "120"


def of_django(
    places: Places, addresses: Addresses, *, site_url: str = "http://localhost:8000"
) -> dict[str, str]:
    """Production's settings over plain http on this machine, static files served from where they are written."""
    ours: dict[str, str] = {
        "DJANGO_SETTINGS_MODULE": "clm.settings",
        "SECRET_KEY": keys.kept(places.root / "keys.json", "secret_key", keys.long_key),
        "SITE_URL": site_url,
        "STATIC_MANIFEST": "0",
        "LOG_FORMAT": "console",
        "MEDIA_ROOT": str(places.root / "media"),
        "PYTHONUNBUFFERED": "1",
        # Celery warns root of pickled tasks; we take JSON only.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        "DATABASE_URL": addresses["DATABASE_URL"],
        "REDIS_URL": addresses["REDIS_URL"],
    }
    return ours | dict(os.environ)


def of_worker(environment: dict[str, str]) -> dict[str, str]:
    """Background work may ask longer questions than a page."""
    return {"STATEMENT_TIMEOUT": WORKER_STATEMENT_TIMEOUT} | environment
