"""Your best 20 %: who brings the most revenue, what part of it, and what they have in common more than others."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from clm.accounts.models import Organisation, User
from clm.base import clock
from customers.models import IdealProfile
from customers.profile_choices import field_label, value_label
from customers.scoring import keeping

SHARE = 0.2
FEWEST = 5  # of the best: what fewer have in common is chance
LEAST_LIFT = 1.2
MOST_TRAITS = 15
WINDOWS = (90, 365, 1095)
ASKABLE = ("country", "language", "kind", "company")


@dataclass(frozen=True)
class Trait:
    """`lift`: how many times as usual it is among the best as among all who bought."""

    family: str
    value: str
    label: str
    best: int
    all: int
    lift: float
    share: float

    @property
    def key(self) -> str:
        return f"{self.family}:{self.value}"

    @property
    def condition(self) -> dict[str, Any] | None:
        """As a test of an ideal profile; None where no condition asks for it."""
        if self.family == "company":
            return _test("field", field="company", operator="is_set")
        if self.family in ASKABLE or self.family.startswith("fields."):
            return _test("field", field=self.family, operator="is", value=self.value)
        return _test("bought_product", sku=self.value) if self.family == "product" else None

    @property
    def in_words(self) -> str:
        texts = {
            "company": _("buys for a company"),
            "product": _("bought %(label)s"),
            "channel": _("first order through %(label)s"),
            "month": _("first order in %(label)s"),
        }
        known = texts.get(self.family)
        if known:
            return known % {"label": self.label}
        return _("%(field)s is %(value)s") % {"field": field_label(self.family), "value": self.label}


def _test(condition: str, **parameters: Any) -> dict[str, Any]:
    return {"condition": condition, "parameters": parameters}


@dataclass(frozen=True)
class Best:
    """Amounts in the reporting currency, net of refunds; orders without a rate are left out and counted."""

    since: datetime
    as_of: datetime
    currency: str
    best: int
    customers: int
    revenue_of_best: Decimal
    revenue: Decimal
    unconverted: int
    traits: list[Trait]

    @property
    def share(self) -> float | None:
        return float(self.revenue_of_best / self.revenue) if self.revenue else None


def best_customers(*, days: int = 365, as_of: datetime | None = None) -> Best:
    """Of all who bought in the days before an instant. Two statements, whatever there is."""
    organisation = Organisation.objects.current()
    until = as_of or clock.now()
    since = until - timedelta(days=days)
    given: dict[str, Any] = {
        "since": since,
        "until": until,
        "share": SHARE,
        "fewest": FEWEST,
        "zone": organisation.zone,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"{_RANKED} {_SUMMARY}", given)  # our own words; values travel as parameters
        ((customers, best, revenue, of_best, unconverted),) = cursor.fetchall()
        cursor.execute(f"{_RANKED} {_TRAITS}", given)  # as above
        rows = cursor.fetchall()
    traits = [_trait(row, best, customers) for row in rows] if best else []
    telling = sorted((one for one in traits if one.lift >= LEAST_LIFT), key=lambda one: (-one.lift, one.key))
    return Best(
        since,
        until,
        organisation.currency,
        best,
        customers,
        of_best,
        revenue,
        unconverted,
        telling[:MOST_TRAITS],
    )


def _trait(row: tuple[Any, ...], best: int, customers: int) -> Trait:
    family, value, label, of_best, of_all = row
    lift = (of_best / best) / (of_all / customers)
    told = label if family in ("product", "channel", "month") else value_label(family, value)
    return Trait(family, value, str(told), of_best, of_all, lift, of_best / best)


def suggest_profile(*, by: User, name: str, keys: list[str], days: int = 365) -> IdealProfile:
    """An ideal profile of these traits, the heavier the more telling. Raises ValidationError by field."""
    chosen = [one for one in best_customers(days=days).traits if one.key in keys and one.condition]
    tests = [{"weight": weight_of(one), "conditions": one.condition} for one in chosen]
    told = _("From what the best fifth of customers have in common.")
    return keeping.create_profile(by=by, name=name, tests=tests[: keeping.MOST_TESTS], description=told)


def weight_of(trait: Trait) -> int:
    """10 for each doubling, 5 at least, 40 at most."""
    return max(5, min(40, round(10 * math.log2(trait.lift))))


_RANKED = """
WITH sold AS MATERIALIZED (
    SELECT o.customer_id AS id, o.root, o.net_reporting - coalesce(r.reporting, 0) AS worth, o.net_reporting IS NULL AS is_open
    FROM customers_order o JOIN customers_customer c ON c.id = o.customer_id AND c.merged_into_id IS NULL
    LEFT JOIN LATERAL (
        SELECT sum(amount) AS amount, sum(reporting) AS reporting FROM customers_refund
        WHERE order_id = o.root AND superseded_at IS NULL AND occurred_at < %(until)s) r ON true
    WHERE o.superseded_at IS NULL AND o.status = 'paid' AND NOT o.is_test AND o.occurred_at >= %(since)s
        AND o.occurred_at < %(until)s AND o.net > coalesce(r.amount, 0)),
bought AS (SELECT id, sum(worth) AS revenue FROM sold WHERE NOT is_open GROUP BY id HAVING sum(worth) > 0),
ranked AS MATERIALIZED (
    SELECT id, revenue, row_number() OVER (ORDER BY revenue DESC, id) <= ceil(count(*) OVER () * %(share)s) AS is_best FROM bought)
"""
_SUMMARY = """
SELECT count(*), count(*) FILTER (WHERE is_best), coalesce(sum(revenue), 0),
    coalesce(sum(revenue) FILTER (WHERE is_best), 0), (SELECT count(*) FROM sold WHERE is_open)
FROM ranked
"""
_TRAITS = """
, who AS (SELECT c.*, r.is_best FROM ranked r JOIN customers_customer c USING (id)),
firsts AS (
    SELECT DISTINCT ON (o.customer_id) o.customer_id AS id, o.channel_id, o.occurred_at
    FROM customers_order o JOIN ranked ON ranked.id = o.customer_id
    WHERE o.superseded_at IS NULL AND o.status = 'paid' AND NOT o.is_test ORDER BY o.customer_id, o.occurred_at, o.id),
trait (family, value, label, id) AS (
    SELECT 'country', country, '', id FROM who WHERE country <> ''
    UNION ALL SELECT 'language', language, '', id FROM who WHERE language <> ''
    UNION ALL SELECT 'kind', kind, '', id FROM who
    UNION ALL SELECT 'company', 'yes', '', id FROM who WHERE company_id IS NOT NULL
    UNION ALL SELECT 'fields.' || f.key, f.value, '', id FROM who, jsonb_each_text(who.fields) f WHERE f.value <> ''
    UNION ALL SELECT 'channel', h.slug, h.name, f.id FROM firsts f JOIN customers_channel h ON h.id = f.channel_id
    UNION ALL SELECT 'month', m.month, m.month, m.id FROM (
        SELECT id, to_char(occurred_at AT TIME ZONE %(zone)s, 'YYYY-MM') AS month FROM firsts) m
    UNION ALL SELECT DISTINCT 'product', p.sku, p.name, s.id FROM sold s
        JOIN customers_orderline l ON l.order_id = s.root AND l.superseded_at IS NULL AND l.quantity > 0
        JOIN customers_product p ON p.id = l.product_id)
SELECT family, value, min(label), count(*) FILTER (WHERE is_best), count(*)
FROM trait JOIN ranked USING (id) GROUP BY family, value HAVING count(*) FILTER (WHERE is_best) >= %(fewest)s
"""
