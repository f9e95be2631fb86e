"""A campaign that can't be worked on holds up no other: it is paused, and says why."""

from collections.abc import Callable

import structlog
from django.db import DataError, OperationalError

from campaigns.models import Campaign
from campaigns.running import pause
from campaigns.triggers import InvalidTrigger
from clm.base.conditions import InvalidCondition

log = structlog.get_logger()


def work_on(campaign: Campaign, do: Callable[[], int]) -> int:
    """What `do` returns; 0 where it fails. What the database could not finish in time is tried again by the next sweep."""
    try:
        return do()
    except (InvalidTrigger, InvalidCondition, DataError) as error:
        pause(campaign, by=None, reason=str(error).partition("\n")[0])
    except OperationalError as error:
        log.warning("campaign.failed", campaign=campaign.pk, error=type(error).__name__)
    return 0
