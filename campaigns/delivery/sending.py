"""The sender: claims messages and sends them, batch by batch, until nothing is due or the time is up."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from campaigns.delivery import claiming, mail_server
from campaigns.delivery.batch import Batch, Delivered
from campaigns.delivery.guarding import Gate, Guards
from campaigns.delivery.medium import Medium, medium
from campaigns.models import SendingRules
from clm.base import clock

BATCH = 100
SECONDS = 15.0
# The guards' plans hold instants; they are made anew well within `guarding.MARGIN`.
PLANS_LAST_SECONDS = 20.0


def deliver(
    as_of: datetime | None = None,
    *,
    seconds: float = SECONDS,
    batch: int = BATCH,
    most: int | None = None,
    lease: timedelta = claiming.LEASE,
) -> Delivered:
    """Send what is due until nothing is, the time is up or the mail server goes away.

    `as_of` rehearses another moment; everything is dated from there on.
    """
    offset = as_of - clock.now() if as_of else timedelta()
    until, told = time.monotonic() + seconds, Delivered()
    if SendingRules.objects.current().stopped_at or not mail_server.may_try(clock.now() + offset):
        return told
    told.is_probe = mail_server.is_away()
    with medium() as way:
        while time.monotonic() < until and not told.is_away and (most is None or told.seen < most):
            guards = Guards(uuid4(), offset, lease)
            run = _Run(guards, way, told, min(until, time.monotonic() + PLANS_LAST_SECONDS))
            if not run.batches(batch, most):
                break
    return told


@dataclass
class _Run:
    """Batches under one claim, with one set of plans."""

    guards: Guards
    way: Medium
    told: Delivered
    until: float

    def batches(self, size: int, most: int | None) -> bool:
        """False when nothing is due any more, or somebody has stopped all sending."""
        token, lease = self.guards.token, self.guards.lease
        with Gate(self.guards) as gate:
            while not self._is_over(most):
                rules = SendingRules.objects.current()  # of each batch anew: a person may have changed them
                if rules.stopped_at:
                    return False
                at = clock.now() + self.guards.offset
                ids = claiming.claim(token, most=1 if self.told.is_probe else size, as_of=at, lease=lease)
                if not ids:
                    return False
                try:
                    batch = Batch(
                        ids, gate=gate, guards=self.guards, rules=rules, way=self.way, told=self.told
                    )
                    batch.send(self.until)
                finally:
                    claiming.release(token)
        return True

    def _is_over(self, most: int | None) -> bool:
        is_late = time.monotonic() > self.until
        return self.told.is_away or is_late or (most is not None and self.told.seen >= most)
