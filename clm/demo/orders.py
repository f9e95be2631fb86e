"""What is in an order, what it costs, and what of it is paid back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from clm.demo.life import Life, Purchase
from clm.demo.people import Person
from clm.demo.products import GIFTS, HOME, OFFICE, DemoProduct

CENT = Decimal("0.01")
SHIPPING, FREE_FROM = Decimal("4.9"), Decimal(45)  # euro


@dataclass(frozen=True)
class Line:
    order: str
    sku: str
    quantity: int
    amount: Decimal

    @property
    def row(self) -> dict[str, object]:
        return {
            "order": self.order,
            "key": self.sku,
            "sku": self.sku,
            "quantity": self.quantity,
            "amount": self.amount,
        }


@dataclass
class Bought:
    """Rows as the importer takes them. `net` is what is left of the amount without discount, tax and shipping."""

    order: dict[str, object]
    lines: list[Line]
    net: Decimal
    refund: dict[str, object] | None = None


def bought(life: Life, until: datetime, rng: Random) -> Iterator[Bought]:
    """The orders of one customer, in order of time."""
    for number, purchase in enumerate(life.purchases, start=1):
        key = f"{life.person.key}-{number}"
        found = _order(life, purchase, key, number, rng)
        found.refund = _refund(found, purchase, until, rng)
        yield found


def _order(life: Life, purchase: Purchase, key: str, number: int, rng: Random) -> Bought:
    person, market = life.person, life.person.market
    lines = [
        Line(key, product.sku, quantity, _local(product.price * market.price) * quantity)
        for product, quantity in _basket(person, purchase, rng)
    ]
    goods = sum((line.amount for line in lines), Decimal(0))
    shipping = Decimal(0) if goods >= FREE_FROM * market.price else _local(SHIPPING * market.price)
    discount = _rounded(goods * Decimal("0.1")) if _has_discount(purchase, rng) else Decimal(0)
    tax = _rounded((goods - discount) * market.vat / (1 + market.vat))
    order: dict[str, object] = {
        "customer": person.key,
        "key": key,
        "occurred_at": purchase.at,
        "amount": goods + shipping,
        "discount": discount,
        "tax": tax,
        "shipping": shipping,
        "currency": market.currency,
        "status": "cancelled" if number > 1 and rng.random() < 0.008 else "paid",
    }
    if channel := _channel(life, number, rng):
        order["channel"] = channel
    return Bought(order, lines, goods - discount - tax)


def _basket(person: Person, purchase: Purchase, rng: Random) -> list[tuple[DemoProduct, int]]:
    if person.is_office:
        chosen = rng.sample(OFFICE, rng.choice((1, 1, 2, 2, 3)))
        return [(product, rng.choice((1, 1, 2, 2, 3, 4))) for product in chosen]
    kinds = rng.choices((1, 2, 3, 4), (24, 40, 26, 10))[0]
    chosen = _different(HOME, kinds, rng)
    if purchase.at.month in (11, 12) and rng.random() < 0.35:
        chosen.append(rng.choice(GIFTS))
    coffee = (1, 1, 1, 2, 2, 3)
    found = {
        product.sku: (product, rng.choice(coffee) if product.category in ("Coffee", "Tea") else 1)
        for product in chosen
    }
    return list(found.values())


def _different(products: tuple[DemoProduct, ...], count: int, rng: Random) -> list[DemoProduct]:
    found = rng.choices(products, [product.weight for product in products], k=count)
    return list(dict.fromkeys(found))


def _has_discount(purchase: Purchase, rng: Random) -> bool:
    black_week = purchase.at.month == 11 and purchase.at.day >= 23
    return rng.random() < (0.7 if black_week else 0.45 if purchase.is_first else 0.06)


def _channel(life: Life, number: int, rng: Random) -> str:
    """The first order comes through the customer's own channel, a later one often by the newsletter."""
    person = life.person
    if number == 1:
        return person.channel.name if person.channel else ""
    if person.reads_mail and rng.random() < 0.38:
        return "E-mail"
    return "Organic search" if rng.random() < 0.3 else ""


def _refund(found: Bought, purchase: Purchase, until: datetime, rng: Random) -> dict[str, object] | None:
    chance = {"": 0.012, "late": 0.14, "damaged": 0.75}[purchase.went_wrong]
    at = purchase.at + timedelta(days=rng.uniform(3, 16))
    is_back = rng.random() < chance
    if not is_back or found.order["status"] != "paid" or at >= until:
        return None
    whole = len(found.lines) == 1 or rng.random() < 0.3
    one = rng.choice(found.lines).amount * Decimal("0.8")
    amount = found.net if whole else min(_rounded(one), found.net)
    return {
        "order": found.order["key"],
        "key": f"{found.order['key']}-R",
        "occurred_at": at.replace(microsecond=0),
        "amount": amount,
        "reason": {"late": "arrived too late", "damaged": "arrived damaged"}.get(
            purchase.went_wrong, "returned"
        ),
    }


def _local(price: Decimal) -> Decimal:
    """A price as shops write it: whole crowns, or half euros and pounds."""
    return (
        price.quantize(Decimal(1), ROUND_HALF_UP)
        if price > 60
        else (price * 2).quantize(Decimal(1), ROUND_HALF_UP) / 2
    )


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
