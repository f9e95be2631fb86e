"""What goes wrong with the rules, for the warning above every page.

Pages read it from the cache, without a question to the database; each pass of the rules writes it anew.
"""

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.db import connection

from lifecycle.models import Parking
from lifecycle.parking import ERROR

KEPT_SECONDS = 24 * 3600


def _key(what: str) -> str:
    return f"lifecycle-{what}:{connection.settings_dict['NAME']}"


def tell_parked() -> None:
    """Count who is parked with an error."""
    parked = Parking.objects.filter(released_at=None, reason__startswith=ERROR)
    cache.set(_key("parked"), parked.values("customer").distinct().count(), KEPT_SECONDS)


def tell_failing(error: Exception | None) -> None:
    """That a pass had to be given up, and why; or that one went well."""
    if error is None:
        cache.delete(_key("failing"))
    else:
        cache.set(_key("failing"), f"{type(error).__name__}: {error}"[:300], KEPT_SECONDS)


def where() -> list[str]:
    """In which places of the cache it stands."""
    return [_key("parked"), _key("failing")]


def troubles(found: Mapping[str, Any]) -> tuple[int, str]:
    """How many customers are parked with an error, and the error that all rules fail with, if they do."""
    parked, failing = where()
    return found.get(parked, 0), found.get(failing, "")
