"""Purchases: a purchase day is a local date with at least one qualifying order."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Lead
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clm.base.conditions import Asked, Condition, Evidence, FactRef, Felt, Leaving, offer, parameter
from clm.base.conditions.windows import ever, in_the_last
from clm.base.days import LocalDate, day_of, start_of
from clm.base.facts import FactQuerySet
from customers.fact_addresses import fact_address
from customers.models import Order, OrderLine, Product, Refund
from customers.models.order import OrderQuerySet, OrderStatus

MOST_DAYS = 36_500
MOST_OFFERED = 300
MOST_STEPS = 6
ALWAYS = Q(pk__isnull=False)


def _sums_of_money(known_at: datetime | None) -> OrderQuerySet:
    return Order.objects.known(known_at).filter(net__gt=0)


def _alone(days: int, known_at: datetime | None) -> Leaving:
    """Orders whose leaving is felt unless one that nothing can take back outlives them."""
    refunds = Refund.objects.known(known_at).filter(order_id=OuterRef("root"))
    lasting = _sums_of_money(known_at).filter(status=OrderStatus.PAID, is_test=False)
    later = lasting.filter(customer_id=OuterRef("customer_id"), occurred_at__gt=OuterRef("occurred_at"))
    next_at = later.exclude(Exists(refunds)).order_by("occurred_at").values("occurred_at")[:1]
    return Leaving(_sums_of_money(known_at).annotate(turn_at=Subquery(next_at)), days, Felt.ALONE)


def _followed(by: int, days: int, known_at: datetime | None) -> Leaving:
    """Orders whose leaving is felt while so many later ones are in."""
    turn_at = Window(Lead("occurred_at", offset=by), partition_by="customer_id", order_by="occurred_at")
    return Leaving(_sums_of_money(known_at).annotate(turn_at=turn_at), days, Felt.FOLLOWED)


@dataclass(frozen=True)
class _Purchases(Condition):
    """What all tests of purchases share: which orders count, and when that may change."""

    family = gettext_lazy("Purchases")

    def window(self) -> int | None:
        """Length in days of the window that orders fall out of; None when they never do."""
        return None

    def orders(self, asked: Asked) -> OrderQuerySet:
        return self._within(Order.objects.qualifying(asked.bound(), asked.known_at), asked).filter(
            customer_id=asked.whose()
        )

    def _within(self, orders: OrderQuerySet, asked: Asked) -> OrderQuerySet:
        days = self.window()
        return orders if days is None else orders.filter(occurred_at__gte=asked.days_ago(days))

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        return [
            _sums_of_money(known_at).values_list("customer_id", "occurred_at"),
            Refund.objects.known(known_at).values_list("customer_id", "occurred_at"),
        ]

    def leavings(self, *, known_at: datetime | None) -> list[Leaving]:
        days = self.window()
        return [] if days is None else [self.leaving(days, known_at)]

    def leaving(self, days: int, known_at: datetime | None) -> Leaving:
        """At least the orders that the answer can turn on when they leave the window."""
        return Leaving(_sums_of_money(known_at), days)

    def rows(self, customer: Model, asked: Asked) -> list[Order]:
        orders, days = _orders_of(customer, asked), self.window()
        if days is None:
            return orders
        zone = ZoneInfo(asked.zone)
        start = start_of(day_of(asked.instant, zone) - timedelta(days=days), zone)
        return [order for order in orders if order.occurred_at >= start]

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        orders = self.rows(customer, asked)
        have, missing = self.weigh(orders, asked)
        return Evidence(have, missing, [_reference(order) for order in orders[:10]])

    @abstractmethod
    def weigh(self, orders: list[Order], asked: Asked) -> tuple[str, str]:
        """What the orders amount to, and what is still missing (empty: nothing)."""


def _orders_of(customer: Model, asked: Asked) -> list[Order]:
    """The customer's qualifying orders, newest first; read once however many conditions ask."""
    read: dict[Any, list[Order]] = customer.__dict__.setdefault("_orders_read", {})
    key = (asked.instant, asked.known_at)
    if key not in read:
        orders = Order.objects.qualifying(asked.instant, asked.known_at).filter(customer_id=customer.pk)
        read[key] = list(orders.order_by("-occurred_at"))
    return read[key]


def _reference(order: Order) -> FactRef:
    amount = f"{number_format(order.net, decimal_pos=2, use_l10n=True, force_grouping=True)} {order.currency}"
    return FactRef(
        _("Order %(key)s, %(amount)s") % {"key": order.key, "amount": amount},
        order.occurred_at,
        fact_address(order.customer_id, f"order-{order.pk}", order.occurred_at),
    )


def _days(orders: list[Order], zone: str) -> set[Any]:
    return {order.occurred_at.astimezone(ZoneInfo(zone)).date() for order in orders}


@offer
@dataclass(frozen=True)
class PurchaseDays(_Purchases):
    name = "purchase_days"
    label = gettext_lazy("Number of purchase days")
    at_least: int = parameter(gettext_lazy("at least"), minimum=0)
    at_most: int | None = parameter(gettext_lazy("at most"), minimum=0, default=None)
    within_days: int | None = parameter(
        gettext_lazy("in the last days"), minimum=1, maximum=MOST_DAYS, default=None
    )

    def window(self) -> int | None:
        return self.within_days

    def leaving(self, days: int, known_at: datetime | None) -> Leaving:
        if self.at_least > 1:
            return _followed(self.at_least - 1, days, known_at)
        return _alone(days, known_at) if self.at_most is None else super().leaving(days, known_at)

    def to_q(self, asked: Asked) -> Q:
        more = ALWAYS if self.at_most is None else ~self._on_days(self.at_most + 1, asked)
        return self._on_days(self.at_least, asked) & more

    def _on_days(self, n: int, asked: Asked) -> Q:
        """Bought on at least so many days: stepping from day to day reads an order for each, counting reads them all."""
        if n == 0:
            return ALWAYS
        if n <= MOST_STEPS:
            return Q(Exists(self._after_days(n - 1, asked)))
        day = LocalDate(F("occurred_at"), asked.zone)
        days = self.orders(asked).values("customer_id").annotate(days=Count(day, distinct=True))
        return Q(Exists(days.filter(days__gte=n)))

    def _after_days(self, n: int, asked: Asked) -> OrderQuerySet:
        """The orders of the days that follow the first `n` purchase days."""
        orders = self.orders(asked)
        if n == 0:
            return orders
        day = self._after_days(n - 1, asked.further_in()).annotate(
            day=LocalDate(F("occurred_at"), asked.zone)
        )
        nth = Subquery(day.order_by("occurred_at").values("day")[:1])
        return orders.annotate(day=LocalDate(F("occurred_at"), asked.zone)).filter(day__gt=nth)

    def sentence(self) -> str:
        if self.at_least == self.at_most:
            text = ngettext("exactly %(n)s purchase day", "exactly %(n)s purchase days", self.at_least)
            said = text % {"n": self.at_least}
            return in_the_last(said, self.within_days) if self.within_days else ever(said)
        if self.at_most is None:
            text = ngettext("at least %(n)s purchase day", "at least %(n)s purchase days", self.at_least)
            return in_the_last(text % {"n": self.at_least}, self.within_days)
        span = _("%(least)s to %(most)s purchase days") % {"least": self.at_least, "most": self.at_most}
        return in_the_last(span, self.within_days)

    def weigh(self, orders: list[Order], asked: Asked) -> tuple[str, str]:
        n = len(_days(orders, asked.zone))
        have = in_the_last(
            ngettext("%(n)s purchase day", "%(n)s purchase days", n) % {"n": n}, self.within_days
        )
        if n < self.at_least:
            more = self.at_least - n
            return have, ngettext("%(n)s more purchase day", "%(n)s more purchase days", more) % {"n": more}
        if self.at_most is not None and n > self.at_most:
            return have, _("has bought on more days than that")
        return have, ""


@offer
@dataclass(frozen=True)
class PurchasedWithin(_Purchases):
    name = "purchased_within"
    label = gettext_lazy("Last purchase at most so many days ago")
    days: int = parameter(gettext_lazy("days"), minimum=0, maximum=MOST_DAYS)

    def window(self) -> int | None:
        return self.days

    def leaving(self, days: int, known_at: datetime | None) -> Leaving:
        return _alone(days, known_at)

    def to_q(self, asked: Asked) -> Q:
        return Q(Exists(self.orders(asked)))

    def sentence(self) -> str:
        return ngettext(
            "last purchase at most %(n)s day ago", "last purchase at most %(n)s days ago", self.days
        ) % {"n": self.days}

    def rows(self, customer: Model, asked: Asked) -> list[Order]:
        return _orders_of(customer, asked)[:1]

    def weigh(self, orders: list[Order], asked: Asked) -> tuple[str, str]:
        ago = _days_since_last(orders, asked)
        if ago is None:
            return _("has not bought yet"), _("a purchase")
        have = ngettext("last purchase %(n)s day ago", "last purchase %(n)s days ago", ago) % {"n": ago}
        return have, "" if ago <= self.days else _("a new purchase")


@offer
@dataclass(frozen=True)
class Lapsed(PurchasedWithin):
    name = "lapsed"
    label = gettext_lazy("Last purchase over so many days ago")

    def to_q(self, asked: Asked) -> Q:
        ever = Order.objects.qualifying(asked.bound(), asked.known_at).filter(customer_id=asked.whose())
        return ~super().to_q(asked) & Q(Exists(ever))

    def sentence(self) -> str:
        return ngettext(
            "last purchase over %(n)s day ago", "last purchase over %(n)s days ago", self.days
        ) % {"n": self.days}

    def weigh(self, orders: list[Order], asked: Asked) -> tuple[str, str]:
        ago = _days_since_last(orders, asked)
        if ago is None:
            return _("has not bought yet"), _("a purchase, and then none for %(n)s days") % {"n": self.days}
        have = ngettext("last purchase %(n)s day ago", "last purchase %(n)s days ago", ago) % {"n": ago}
        if ago > self.days:
            return have, ""
        more = self.days + 1 - ago
        return have, ngettext(
            "%(n)s more day without a purchase", "%(n)s more days without a purchase", more
        ) % {"n": more}


def _days_since_last(orders: list[Order], asked: Asked) -> int | None:
    if not orders:
        return None
    zone = ZoneInfo(asked.zone)
    return (day_of(asked.instant, zone) - orders[0].occurred_at.astimezone(zone).date()).days


@offer
@dataclass(frozen=True)
class Ordered(_Purchases):
    name = "orders"
    label = gettext_lazy("Number of orders")
    at_least: int = parameter(gettext_lazy("at least"), minimum=1)
    within_days: int | None = parameter(
        gettext_lazy("in the last days"), minimum=1, maximum=MOST_DAYS, default=None
    )

    def window(self) -> int | None:
        return self.within_days

    def to_q(self, asked: Asked) -> Q:
        counted = self.orders(asked).values("customer_id").annotate(n=Count("pk"))
        return Q(Exists(counted.filter(n__gte=self.at_least)))

    def sentence(self) -> str:
        text = ngettext("at least %(n)s order", "at least %(n)s orders", self.at_least) % {"n": self.at_least}
        return in_the_last(text, self.within_days)

    def weigh(self, orders: list[Order], asked: Asked) -> tuple[str, str]:
        n, more = len(orders), self.at_least - len(orders)
        have = in_the_last(ngettext("%(n)s order", "%(n)s orders", n) % {"n": n}, self.within_days)
        return have, ngettext("%(n)s more order", "%(n)s more orders", more) % {"n": more} if more > 0 else ""


@offer
@dataclass(frozen=True)
class Spent(_Purchases):
    """Net of refunds, in the reporting currency; orders without a rate do not count."""

    name = "spent"
    label = gettext_lazy("Amount spent")
    at_least: Decimal = parameter(gettext_lazy("at least"), minimum=0)
    within_days: int | None = parameter(
        gettext_lazy("in the last days"), minimum=1, maximum=MOST_DAYS, default=None
    )

    def window(self) -> int | None:
        return self.within_days

    def to_q(self, asked: Asked) -> Q:
        if not self.at_least:  # who never bought has spent that much, too
            return ALWAYS
        summed = self.orders(asked).values("customer_id").annotate(total=Sum(F("kept") * F("rate")))
        return Q(Exists(summed.filter(total__gte=self.at_least)))

    def sentence(self) -> str:
        return in_the_last(_("spent at least %(amount)s") % {"amount": self.at_least}, self.within_days)

    def weigh(self, orders: list[Order], asked: Asked) -> tuple[str, str]:
        worth = [order.kept * order.rate for order in orders if order.rate is not None]  # type: ignore[attr-defined]
        total = sum(worth, Decimal(0)).quantize(Decimal("0.01"))
        have = in_the_last(_("spent %(amount)s") % {"amount": total}, self.within_days)
        more = self.at_least - total
        return have, _("%(amount)s more") % {"amount": more} if more > 0 else ""


@offer
@dataclass(frozen=True)
class BoughtProduct(_Purchases):
    name = "bought_product"
    label = gettext_lazy("Bought a product")
    sku: str = parameter(gettext_lazy("product (SKU)"))

    @classmethod
    def suggests(cls, name: str) -> Sequence[tuple[str, Any]]:
        return (
            list(Product.objects.order_by("name").values_list("sku", "name")[:MOST_OFFERED])
            if name == "sku"
            else ()
        )

    within_days: int | None = parameter(
        gettext_lazy("in the last days"), minimum=1, maximum=MOST_DAYS, default=None
    )

    def window(self) -> int | None:
        return self.within_days

    def _within(self, orders: OrderQuerySet, asked: Asked) -> OrderQuerySet:
        return (
            super()
            ._within(orders, asked)
            .filter(Exists(self._lines(asked).filter(order_id=OuterRef("root"))))
        )

    def _lines(self, asked: Asked) -> FactQuerySet[OrderLine]:
        return OrderLine.objects.known(asked.known_at).bought().filter(product__sku=self.sku)

    def to_q(self, asked: Asked) -> Q:
        return Q(Exists(self.orders(asked)))

    def sentence(self) -> str:
        return in_the_last(_("bought %(sku)s") % {"sku": self.sku}, self.within_days)

    def rows(self, customer: Model, asked: Asked) -> list[Order]:
        orders = super().rows(customer, asked)
        lines = self._lines(asked).filter(order_id__in=[order.root for order in orders])
        with_it = set(lines.values_list("order_id", flat=True))
        return [order for order in orders if order.root in with_it]

    def weigh(self, orders: list[Order], asked: Asked) -> tuple[str, str]:
        wish = _("a purchase of %(sku)s") % {"sku": self.sku}
        return (_("bought it"), "") if orders else (_("has not bought it"), wish)
