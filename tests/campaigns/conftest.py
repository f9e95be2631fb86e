from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lifecycle.models import LifecycleModel


@pytest.fixture
def stages(db: None) -> "LifecycleModel":
    """Six stages, and mails at any hour."""
    from tests.campaigns.outreach import no_quiet_hours
    from tests.lifecycle.shop import six_stages

    no_quiet_hours()
    return six_stages()
