"""Quiet hours, in the zone where the customer lives."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from campaigns.models import SendingRules
from clm.accounts.models import Organisation
from customers.models import Customer

# Those who were held go over so many minutes, not in one burst.
SPREAD_MINUTES = 10


def zone_of(customer: Customer, organisation: Organisation) -> ZoneInfo:
    """The customer's own, else their country's (its first where it has several), else the organisation's."""
    name = customer.zone or zones_of_countries().get(customer.country, "")
    return ZoneInfo(name) if name else organisation.tz


@cache
def zones_of_countries() -> dict[str, str]:
    lines = files("tzdata").joinpath("zoneinfo/zone.tab").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {country: zone for country, _place, zone, *_rest in reversed(rows)}


@dataclass(frozen=True)
class QuietHours:
    """Local times, [begins, ends); the same twice means none."""

    begins: time
    ends: time

    @classmethod
    def of(cls, rules: SendingRules) -> "QuietHours":
        return cls(rules.quiet_from, rules.quiet_until)

    def at(self, instant: datetime, zone: ZoneInfo) -> bool:
        local = instant.astimezone(zone).time()
        if self.begins <= self.ends:
            return self.begins <= local < self.ends
        return local >= self.begins or local < self.ends

    def release(self, instant: datetime, zone: ZoneInfo, *, spread: int = 0) -> datetime:
        """When what is held at an instant may go: the next end of the quiet hours, local clock.

        `spread` is any number that tells messages apart. Where clocks jump over the end, the first instant after.
        """
        ends = self._next_end(instant, zone)
        later = ends + timedelta(seconds=spread % (SPREAD_MINUTES * 60))
        return ends if self.at(later, zone) else later

    def _next_end(self, instant: datetime, zone: ZoneInfo) -> datetime:
        today = instant.astimezone(zone).date()
        for day in (today, today + timedelta(days=1), today + timedelta(days=2)):
            for fold in (0, 1):
                end = datetime.combine(day, self.ends, tzinfo=zone).replace(fold=fold).astimezone(UTC)
                if end > instant and not self.at(end, zone):
                    return end
        return instant
