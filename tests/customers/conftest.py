"""What several tests of customers stand on. Models are imported inside: this is read before Django is set up."""

from collections.abc import Callable
from datetime import datetime

import pytest


@pytest.fixture
def watch(db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """`watch(instant)`: what the clock says from now on; first the noon of segmented.py, in its zone."""
    from clm.accounts.models import Organisation
    from clm.base import clock
    from tests.customers.segmented import NOON, ZONE

    def set_to(instant: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: instant)

    Organisation.objects.update_or_create(pk=1, defaults={"zone": ZONE.key})
    set_to(NOON)
    return set_to
