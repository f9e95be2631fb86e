"""What new customers cost: CAC, whole and by channel, and the cost of reaching a stage.

Spend by its own day over customers by the day of their first qualifying order (gradient.works and
metrickittools.com, CAC). By channel the sums close: customers without a touch in the 90 days before are
`unattributed`, spend without a channel is `unallocated`.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.permissions import Capability
from metrics.definition import Definition
from metrics.formulas.marks import finished
from metrics.lens import claims_of
from metrics.question import UNATTRIBUTED, Asked
from metrics.result import PLACES, Result, Unit, count, ratio, undefined
from metrics.tally import Tally, select

UNALLOCATED = "unallocated"
CREDIT = {
    "first": "SELECT DISTINCT ON (customer) customer, channel_id, 1 AS share FROM claims ORDER BY customer, at, rank, id",
    "last": "SELECT DISTINCT ON (customer) customer, channel_id, 1 AS share FROM claims ORDER BY customer, at DESC, rank DESC, id DESC",
    "linear": "SELECT customer, channel_id, 1.0 / count(*) OVER (PARTITION BY customer) AS share FROM claims",
}
CREDIT["paid"] = CREDIT["first"]


def cost_sql(asked: Asked) -> str:
    if asked.by == "channel":
        return _by_channel(asked)
    return _by_stage(asked) if asked.by == "stage" else _blended(asked)


def _spent(asked: Asked) -> str:
    """spent(at, channel_id, amount)."""
    chosen = " AND type = 'media'" if asked.variant == "paid" else ""
    if asked.question.channel:
        chosen += " AND channel_id IN (SELECT id FROM customers_channel WHERE slug = %(channel)s)"
    return f"SELECT at, channel_id, amount FROM spend WHERE {asked.spans.within('at')}{chosen}"


def _won(asked: Asked) -> str:
    """won(customer, acquired_at, channel_id, share): new customers, once for each channel that has a share."""
    kept = (
        "WHERE c.channel_id IN (SELECT id FROM customers_channel WHERE is_paid)"
        if asked.variant == "paid"
        else ""
    )
    return f"""
        SELECT n.customer, n.acquired_at, c.channel_id, coalesce(c.share, 1) AS share
        FROM (SELECT * FROM newcomers WHERE {asked.spans.within("acquired_at")}) n LEFT JOIN credit c USING (customer) {kept}"""


def _blended(asked: Asked) -> str:
    spans = asked.spans
    won = f"SELECT acquired_at, 1 AS share FROM newcomers WHERE {spans.within('acquired_at')}"
    views = {"spent": _spent(asked), "won": won}
    if asked.variant == "paid":
        views = {"spent": _spent(asked), "credit": CREDIT["paid"], "won": _won(asked)}
    source = f"""
        SELECT {spans.slot("at")} AS span, NULL::bigint AS customer, amount, 0 AS share, amount IS NULL AS lost FROM spent
        UNION ALL SELECT {spans.slot("acquired_at")}, NULL, 0, share, false FROM won"""
    return select(asked, source, _COLUMNS, views=views)


_COLUMNS = {
    "numerator": "sum(x.amount)",
    "denominator": "sum(x.share)",
    "excluded": "count(*) FILTER (WHERE x.lost)",
}


def _by_channel(asked: Asked) -> str:
    views = {"spent": _spent(asked), "credit": CREDIT[asked.variant], "won": _won(asked)}
    source = f"""
        SELECT 0 AS span, NULL::bigint AS customer, coalesce(channel_id::text, '{UNALLOCATED}') AS key, amount, 0 AS share,
            amount IS NULL AS lost FROM spent
        UNION ALL SELECT 0, NULL, coalesce(channel_id::text, '{UNATTRIBUTED}'), 0, share, false FROM won"""
    return select(asked, source, _COLUMNS, views=views, key="x.key")


def _by_stage(asked: Asked) -> str:
    """All spend of the period over those who came for the first time to the stage's kind."""
    views = {
        "spent": _spent(asked),
        "reached": f"""
            SELECT s.id AS stage_id, e.customer, e.entered FROM (
                SELECT y.customer, k.kind, min(y.entered) AS entered
                FROM stays y JOIN stages k ON k.id = y.stage_id
                WHERE y.customer IN (SELECT customer FROM stays WHERE {asked.spans.within("entered")}) GROUP BY 1, 2) e
            JOIN stages s ON s.kind = e.kind
            WHERE {asked.spans.within("e.entered")}""",
        "heard": f"SELECT DISTINCT customer FROM ({claims_of('reached', 'entered')}) c",
    }
    source = """
        SELECT 0 AS span, s.id::text AS key, amount, 0 AS share, false AS lone, amount IS NULL AS lost
        FROM spent CROSS JOIN stages s
        UNION ALL SELECT 0, r.stage_id::text, 0, 1, h.customer IS NULL, false
        FROM reached r LEFT JOIN heard h USING (customer)"""
    parts = "json_build_object('unattributed', count(*) FILTER (WHERE x.lone))"
    return select(asked, source, _COLUMNS | {"parts": parts}, views=views, key="x.key")


def read_cost(asked: Asked, tally: Tally) -> Result:
    won = tally.denominator.quantize(PLACES)
    refused = _no_answer(asked, tally)
    if refused:
        found = undefined(
            Unit.MONEY,
            refused,
            numerator=tally.numerator,
            denominator=won,
            n=int(won),
            currency=asked.currency,
        )
        return finished(asked, tally, found)
    nothing = _("Nobody was won in the period.")
    found = ratio(Unit.MONEY, tally.numerator, won, nothing=nothing, n=round(won), currency=asked.currency)
    return finished(asked, tally, found)


def _no_answer(asked: Asked, tally: Tally) -> str:
    if asked.question.country:
        return _("Spend is not recorded by country. Clear the country filter.")
    if asked.question.segment:
        return _("Spend is not recorded by segment. Clear the segment filter.")
    if asked.question.user and asked.question.user.is_restricted:
        return _("Spend is known for the whole organisation only.")
    if asked.question.channel == UNATTRIBUTED or tally.key == UNATTRIBUTED:
        return _("No spend belongs to customers without a touch.")
    return ""


def won_sql(asked: Asked) -> str:
    spans = asked.spans
    source = f"SELECT {spans.slot('acquired_at')} AS span, customer FROM newcomers WHERE {spans.within('acquired_at')}"
    return select(asked, source, {"numerator": "count(*)"})


def read_won(asked: Asked, tally: Tally) -> Result:
    return finished(asked, tally, count(int(tally.numerator)))


def spent_sql(asked: Asked) -> str:
    spans = asked.spans
    source = f"""
        SELECT {spans.slot("at")} AS span, amount, coalesce(channel_id::text, '{UNALLOCATED}') AS key
        FROM spent WHERE {spans.within("at")}"""
    columns = {"numerator": "sum(x.amount)", "n": "count(*)", "excluded": "count(*) - count(x.amount)"}
    return select(
        asked, source, columns, views={"spent": _spent(asked)}, key="x.key" if asked.by == "channel" else ""
    )


def read_spent(asked: Asked, tally: Tally) -> Result:
    if asked.question.country or asked.question.segment:
        return undefined(Unit.MONEY, _no_answer(asked, tally), currency=asked.currency)
    found = Result(Unit.MONEY, tally.numerator, tally.numerator, currency=asked.currency, n=tally.n)
    return finished(asked, tally, found)


DEFINITIONS = [
    Definition(
        slug="cac",
        name=gettext_lazy("CAC"),
        about=gettext_lazy("Customer acquisition cost"),
        unit=Unit.MONEY,
        better="down",
        formula=gettext_lazy("spend of the period ÷ customers won in the period"),
        numerator=gettext_lazy("All spend by its own day; paid media only: spend of type media."),
        denominator=gettext_lazy(
            "Customers whose first qualifying order lies in the period. Who comes back is not new."
        ),
        edge_cases=gettext_lazy(
            "Nobody won: no value, the cost is shown. No cost: 0 is a value. By channel, a customer counts for the first (or last) touch in the 90 days before the first order, the order's own channel being the last touch; customers without one are unattributed, spend without a channel is unallocated, and the sums close."
        ),
        source=gettext_lazy("gradient.works glossary; metrickittools.com CAC guide."),
        per_stage=gettext_lazy(
            "Spend of the period ÷ customers who reached the stage's kind for the first time in it; how many had no touch before is shown."
        ),
        breakdowns=frozenset({"stage", "channel", "month"}),
        variants={
            "first": gettext_lazy("First touch"),
            "last": gettext_lazy("Last touch"),
            "linear": gettext_lazy("All touches alike"),
            "paid": gettext_lazy("Paid media only"),
        },
        capability=Capability.VIEW_COSTS,
        sql=cost_sql,
        read=read_cost,
    ),
    Definition(
        slug="new-customers",
        name=gettext_lazy("New customers"),
        about=gettext_lazy("First order in the period"),
        unit=Unit.COUNT,
        better="up",
        formula=gettext_lazy("customers whose first qualifying order lies in the period"),
        numerator=gettext_lazy("Customers by the day of their first qualifying order."),
        denominator="",
        edge_cases=gettext_lazy(
            "A first order that is refunded in full does not count: the next one does, if there is one."
        ),
        source=gettext_lazy("Own definition."),
        per_stage=gettext_lazy("By the stage at the as-of date."),
        sql=won_sql,
        read=read_won,
    ),
    Definition(
        slug="spend",
        name=gettext_lazy("Spend"),
        about=gettext_lazy("Sales and marketing cost"),
        unit=Unit.MONEY,
        better="down",
        formula=gettext_lazy("spend dated in the period"),
        numerator=gettext_lazy("All spend in the reporting currency; without a channel it is unallocated."),
        denominator="",
        edge_cases=gettext_lazy("Spend without an exchange rate is left out and counted."),
        source=gettext_lazy("Own definition."),
        breakdowns=frozenset({"channel", "month"}),
        capability=Capability.VIEW_COSTS,
        sql=spent_sql,
        read=read_spent,
    ),
]
