"""The whole company in plain Python: rows as the importer takes them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from clm.base.days import end_of
from clm.demo import CUSTOMERS, DAYS, SEED, channels, doings, markets
from clm.demo.life import Life, Story, live
from clm.demo.markets import MARKETS, Market
from clm.demo.opinions import Asking, askings
from clm.demo.orders import Line, bought
from clm.demo.people import Registry
from clm.demo.pursuits import Pursuit, pursuits
from clm.demo.seasons import growth, season

Row = dict[str, object]


@dataclass
class Company:
    """`lives` are in order of arrival. `until` is the instant after which nothing has happened."""

    story: Story
    until: datetime
    seed: int
    lives: list[Life] = field(default_factory=list)
    customers: list[Row] = field(default_factory=list)
    touches: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)
    pursuits: list[Pursuit] = field(default_factory=list)
    askings: list[Asking] = field(default_factory=list)
    spend: list[Row] = field(default_factory=list)
    rates: list[Row] = field(default_factory=list)


def make(
    *, last: date, zone: ZoneInfo, reporting: str = "EUR", size: int = CUSTOMERS, seed: int = SEED
) -> Company:
    """A company of `size` customers whose last day is `last`, in the organisation's zone and currency."""
    story = Story(last - timedelta(days=DAYS - 1), last)
    company = Company(story, end_of(last, zone), seed)
    _let_live(company, size, seed)
    buyers = sum(bool(life.purchases) for life in company.lives)
    company.spend = list(channels.spend(buyers, first=story.first, last=last, rng=Random(f"{seed}/spend")))
    company.rates = list(markets.rates(reporting, first=story.first, last=last, rng=Random(f"{seed}/rates")))
    return company


def _let_live(company: Company, size: int, seed: int) -> None:
    registry, story = Registry(seed), company.story
    for number, (came_on, market) in enumerate(_arrivals(story, size, Random(f"{seed}/arrivals")), start=1):
        rng = Random(f"{seed}/{number}")
        life = live(registry.person(number, market, rng), came_on, story, rng)
        life.purchases = [purchase for purchase in life.purchases if purchase.at < company.until]
        if life.came_at < company.until:
            company.lives.append(life)
            _write_down(company, life, rng)


def _arrivals(story: Story, size: int, rng: Random) -> list[tuple[int, Market]]:
    """The day each customer comes, and where; more of them later and in busy seasons."""
    days = range(story.days)
    weights = [growth(number) * season(story.day(number)) for number in days]
    found = sorted(rng.choices(days, weights, k=size))
    return [(day, _market(day, rng)) for day in found]


def _market(day: int, rng: Random) -> Market:
    open_now = [market for market in MARKETS if market.opened <= day]
    return rng.choices(open_now, [market.share for market in open_now])[0]


def _write_down(company: Company, life: Life, rng: Random) -> None:
    until = company.until
    company.customers.append(life.person.row() | {"since": life.came_at})
    company.touches += doings.touches(life, company.story, until, rng)
    for one in bought(life, until, rng):
        company.orders.append(one.order)
        company.lines += one.lines
        company.refunds += [one.refund] if one.refund else []
    company.events += doings.Doings(life, company.story, until, rng).rows()
    company.consents += doings.consents(life, until, rng)
    company.askings += askings(life, until, rng)
    mine = list(pursuits(life, until, rng))
    company.pursuits += mine
    if mine:
        company.customers[-1] |= {"owner": mine[0].rep.email, "team": mine[0].rep.team}


def counts(company: Company) -> Iterator[tuple[str, int]]:
    for name in (
        "customers",
        "touches",
        "orders",
        "lines",
        "refunds",
        "events",
        "consents",
        "askings",
        "pursuits",
        "spend",
        "rates",
    ):
        yield name, len(getattr(company, name))
