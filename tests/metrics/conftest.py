from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.metrics.world import World


@pytest.fixture
def world(db: None) -> "World":
    from tests.metrics.world import World

    return World()
