"""The five countries the company sells in, and what their money is worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Market:
    """`opened` is the day of the story on which selling begins; `price` what one euro of the price list costs there."""

    country: str
    locale: str
    language: str
    zone: ZoneInfo
    currency: str
    share: float
    opened: int
    price: Decimal
    vat: Decimal
    cities: tuple[str, ...]


DENMARK = Market(
    "DK",
    "da_DK",
    "da",
    ZoneInfo("Europe/Copenhagen"),
    "DKK",
    0.34,
    0,
    Decimal("7.45"),
    Decimal("0.25"),
    (
        "København",
        "Frederiksberg",
        "Aarhus",
        "Odense",
        "Aalborg",
        "Esbjerg",
        "Roskilde",
        "Kolding",
        "Horsens",
        "Svendborg",
    ),
)
SWEDEN = Market(
    "SE",
    "sv_SE",
    "sv",
    ZoneInfo("Europe/Stockholm"),
    "SEK",
    0.20,
    0,
    Decimal("11.2"),
    Decimal("0.12"),
    (
        "Stockholm",
        "Göteborg",
        "Malmö",
        "Uppsala",
        "Lund",
        "Helsingborg",
        "Örebro",
        "Linköping",
        "Umeå",
        "Halmstad",
    ),
)
NETHERLANDS = Market(
    "NL",
    "nl_NL",
    "nl",
    ZoneInfo("Europe/Amsterdam"),
    "EUR",
    0.14,
    60,
    Decimal(1),
    Decimal("0.09"),
    (
        "Amsterdam",
        "Rotterdam",
        "Utrecht",
        "Den Haag",
        "Eindhoven",
        "Groningen",
        "Haarlem",
        "Leiden",
        "Delft",
        "Zwolle",
    ),
)
GERMANY = Market(
    "DE",
    "de_DE",
    "de",
    ZoneInfo("Europe/Berlin"),
    "EUR",
    0.19,
    120,
    Decimal("0.97"),
    Decimal("0.07"),
    ("Berlin", "Hamburg", "München", "Köln", "Leipzig", "Bremen", "Kiel", "Lübeck", "Hannover", "Freiburg"),
)
BRITAIN = Market(
    "GB",
    "en_GB",
    "en",
    ZoneInfo("Europe/London"),
    "GBP",
    0.13,
    240,
    Decimal("0.88"),
    Decimal("0.20"),
    (
        "London",
        "Manchester",
        "Bristol",
        "Edinburgh",
        "Leeds",
        "Brighton",
        "Glasgow",
        "Oxford",
        "York",
        "Bath",
    ),
)
MARKETS = (DENMARK, SWEDEN, NETHERLANDS, GERMANY, BRITAIN)

# Euro for one unit, about what they were worth in 2026. Any currency may be the reporting one.
EUROS = {
    "EUR": 1.0,
    "DKK": 0.134,
    "SEK": 0.089,
    "GBP": 1.16,
    "NOK": 0.085,
    "CHF": 1.07,
    "USD": 0.86,
    "PLN": 0.235,
}
WOBBLE = {"DKK": 0.0002, "SEK": 0.006, "GBP": 0.005}


def rates(reporting: str, *, first: date, last: date, rng: Random) -> Iterator[dict[str, object]]:
    """Once a week from a week before the first day on: what one unit is worth in the reporting currency."""
    worth = {market.currency: EUROS[market.currency] for market in MARKETS}
    base = EUROS.get(reporting, 1.0)
    day = first - timedelta(days=7)
    while day <= last:
        for currency in sorted(worth):
            worth[currency] *= 1 + rng.gauss(0, WOBBLE.get(currency, 0))
            if currency != reporting:
                yield {"currency": currency, "on": day, "rate": Decimal(f"{worth[currency] / base:.6f}")}
        day += timedelta(days=7)
