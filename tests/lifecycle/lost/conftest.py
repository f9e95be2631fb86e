"""The shop of these tests at nine in the morning."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from clm.accounts.models import User
    from customers.models import Customer, IdealProfile, Segment
    from lifecycle.models import LifecycleModel


@pytest.fixture(autouse=True)
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    from clm.base import clock
    from tests.lifecycle.lost.shop import NOW

    def set_to(now: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: now)

    set_to(NOW)
    return set_to


@pytest.fixture
def model(db: None) -> LifecycleModel:
    from tests.lifecycle.shop import six_stages

    return six_stages()


@pytest.fixture
def customer(model: LifecycleModel) -> Customer:
    from tests.lifecycle.lost.shop import looked_at_long_ago

    return looked_at_long_ago()


@pytest.fixture
def readers(customer: Customer, marketer: User) -> Segment:
    from tests.lifecycle.lost.shop import readers_of

    return readers_of(customer, owner=marketer)


@pytest.fixture
def profile(customer: Customer, at: Any) -> IdealProfile:
    from tests.lifecycle.lost.shop import LONG_AGO, NOW, profile_of_readers

    at(LONG_AGO)
    profile = profile_of_readers()
    at(NOW)
    return profile
