"""Who the customers are. Names and addresses come from Faker; nobody of them can be written to."""

import unicodedata
from dataclasses import dataclass
from random import Random

from clm.demo import fields
from clm.demo.channels import CHANNELS, DIRECT_SHARE, PARTNER, DemoChannel
from clm.demo.markets import MARKETS, Market

OFFICE_SHARE = 0.08
CITY_WEIGHTS = (10, 6, 5, 4, 3, 3, 2, 2, 2, 1)
# Kept free of charge for examples: RFC 2606.
DOMAINS = ("example.com", "example.org", "example.net")
# Numbers that the regulators keep for films and books.
_FICTION = {"GB": ("+447700900", 1000, 3), "DE": ("+493023125", 1000, 3)}


@dataclass(frozen=True)
class Person:
    """`taste` is how often somebody buys, `patience` how little it takes to lose them; both around 1.

    Who reads mail asks for it some days after the arrival (`signs_up_after`), or with the first order (None).
    """

    number: int
    market: Market
    channel: DemoChannel | None
    is_office: bool
    first_name: str
    last_name: str
    company: str
    email: str
    phone: str
    city: str
    taste: float
    patience: float
    mood: float
    reads_mail: bool
    signs_up_after: float | None

    @property
    def key(self) -> str:
        return f"BB-{self.number:05}"

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def row(self) -> dict[str, object]:
        found: dict[str, object] = {
            "customer": self.key,
            "email": self.email,
            "name": self.name,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "country": self.market.country,
            "language": self.market.language,
            "zone": self.market.zone.key,
            "fields": fields.told(self.number, self.city),
        }
        return (
            found
            | ({"phone": self.phone} if self.phone else {})
            | ({"company": self.company} if self.company else {})
        )


class Registry:
    """Makes people, one after the other; asked in the same order it makes the same ones."""

    def __init__(self, seed: int) -> None:
        from faker import Faker  # of the extra `demo`: production starts without it, and starts sooner

        self._fakes = {market.locale: Faker(market.locale) for market in MARKETS}
        for number, fake in enumerate(self._fakes.values()):
            fake.seed_instance(seed * 100 + number)

    def person(self, number: int, market: Market, rng: Random) -> Person:
        fake = self._fakes[market.locale]
        first, last = fake.first_name(), fake.last_name()
        channel = _channel(rng)
        is_office = rng.random() < (0.3 if channel is PARTNER else OFFICE_SHARE)
        return Person(
            number=number,
            market=market,
            channel=channel,
            is_office=is_office,
            first_name=first,
            last_name=last,
            company=fake.company() if is_office else "",
            email=f"{_plain(first)}.{_plain(last)}.{number}@{DOMAINS[number % 3]}",
            phone=_phone(market, number),
            city=rng.choices(market.cities, CITY_WEIGHTS)[0],
            taste=rng.gammavariate(1.7, 1 / 1.7) * (1.5 if is_office else 1.0),
            patience=(channel.loyal if channel else 1.0) * (1.6 if is_office else 1.0),
            mood=rng.gauss(0.15, 0.8),
            reads_mail=rng.random() < 0.72,
            signs_up_after=rng.choices((0.0, rng.expovariate(1 / 8), None), (30, 35, 35))[0],
        )


def _channel(rng: Random) -> DemoChannel | None:
    if rng.random() < DIRECT_SHARE:
        return None
    return rng.choices(CHANNELS, [channel.share for channel in CHANNELS])[0]


def _phone(market: Market, number: int) -> str:
    """Only where there are numbers that ring nowhere, and each once."""
    if market.country not in _FICTION or number % 5:
        return ""
    prefix, count, digits = _FICTION[market.country]
    return f"{prefix}{number // 5 % count:0{digits}}"


_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "ß": "ss", "ä": "a", "ö": "o", "ü": "u"})


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    return "".join(sign for sign in letters if sign.isascii() and sign.isalnum()) or "x"
