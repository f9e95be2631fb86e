"""Where customers come from: what each channel costs, brings, and how good it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from clm.demo.seasons import growth, season


@dataclass(frozen=True)
class DemoChannel:
    """`buys` is the share of arrivals that ever order, `loyal` stretches how long they stay.

    `cost` is what winning one buyer costs in euro, all in; `drift` how that grows over the two years.
    """

    name: str
    is_paid: bool
    share: float
    buys: float
    loyal: float
    cost: float
    drift: float
    type: str
    campaigns: tuple[str, ...] = ()


SEARCH = DemoChannel(
    "Paid search", True, 0.24, 0.72, 1.0, 31, 0.35, "media", ("brand", "coffee-beans", "office-coffee")
)
SOCIAL = DemoChannel(
    "Paid social", True, 0.23, 0.50, 0.7, 39, 0.15, "media", ("spring-lookbook", "gift-boxes", "lookalike")
)
REFERRAL = DemoChannel("Referral", False, 0.11, 0.84, 1.5, 11, 0.0, "commission", ("friends",))
MAIL = DemoChannel("E-mail", False, 0.09, 0.70, 1.2, 7, -0.1, "tools", ("newsletter",))
ORGANIC = DemoChannel("Organic search", False, 0.19, 0.68, 1.15, 13, -0.2, "people")
PARTNER = DemoChannel("Partner", True, 0.08, 0.76, 1.1, 24, 0.1, "commission", ("bakeries", "design-hotels"))
CHANNELS = (SEARCH, SOCIAL, REFERRAL, MAIL, ORGANIC, PARTNER)
# The rest comes straight to the shop, and nobody knows why.
DIRECT_SHARE = 0.06


def spend(expected_buyers: float, *, first: date, last: date, rng: Random) -> Iterator[dict[str, object]]:
    """What was paid, in euro: media by the day, the rest by the week, and the tools that serve everybody by the month."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    weight = {day: growth((day - first).days) * season(day) for day in days}
    whole = sum(weight.values())
    for channel in CHANNELS:
        daily = channel.type == "media"
        pot = 0.0
        for n, day in enumerate(days):
            buyers = expected_buyers * channel.share * weight[day] / whole
            pot += buyers * channel.cost * (1 + channel.drift * (n / len(days) - 0.5))
            if daily or day.weekday() == 6 or day == last:
                yield _row(channel, day, pot * rng.uniform(0.8, 1.2), rng)
                pot = 0.0
    for day in days:
        if day.day == 1:
            yield _shared(day)


def _row(channel: DemoChannel, day: date, amount: float, rng: Random) -> dict[str, object]:
    row: dict[str, object] = {
        "key": f"{channel.name}-{day}",
        "on": day,
        "channel": channel.name,
        "type": channel.type,
        "amount": Decimal(f"{amount:.2f}"),
        "currency": "EUR",
    }
    return row | ({"campaign": rng.choice(channel.campaigns)} if channel.campaigns else {})


def _shared(day: date) -> dict[str, object]:
    return {"key": f"tools-{day}", "on": day, "type": "tools", "amount": Decimal(420), "currency": "EUR"}
