"""The facts as a question sees them: before `as_of`, as known at `known_at`, of the customers asked about.

Formulas are SELECT statements over the views below. A batch of them runs as one statement, in which a view
that several use is worked out once.

    every_order(customer, at, day, kept, revenue, gross, channel_id, id)  qualifying orders; revenue and gross
                                       in the reporting currency, null where a rate is missing
    acquired(customer, acquired_at)    the first qualifying order
    orders, newcomers                  the same, of the customers asked about (country, channel)
    moves(customer, at, amount)        money in and out on its own day: orders, and refunds when refunded
    touches(customer, at, channel_id, id), claims(customer, channel_id, at, rank, id), sources(customer, channel_id)
    spend(at, channel_id, type, amount)
    stages(id, place, kind, in_use)    of the question's model, as of then (`lifecycle.places`)
    stays(customer, stage_id, entered, left_at)  of the question's model; still open ones have no left_at
    countries(customer, country), members(customer) of the segment asked about, asked(customer)
    answers(customer, at, score), askings(customer, at, answered)  of surveys; those that did not arrive are no askings
    inactivity(days)                   W: how long after an order a customer counts as active
    followed(customer, at, next, is_first)  each order with the one after it
    spells(customer, at, next, lapses) each order with the one after it, and when it no longer makes active
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection

from clm.accounts.models import User
from customers.models import Customer
from lifecycle.places import PLACES
from metrics.purchases import followed_sql, paid_sql, qualifying_sql
from metrics.question import UNATTRIBUTED, Asked
from metrics.sharing import shared_by

ATTRIBUTION_DAYS = 90
PIECE = 2000
SHORTEST_INACTIVITY = 30
Row = dict[str, Any]

RAW = {
    "every_order": qualifying_sql("paid", "refunds"),
    "gaps": """
        SELECT customer, at, lead(at) OVER own AS next, lead(day) OVER own - day AS gap,
            row_number() OVER own = 1 AS is_first
        FROM every_order WINDOW own AS (PARTITION BY customer ORDER BY at)""",
    "acquired": "SELECT customer, min(at) AS acquired_at FROM every_order GROUP BY customer",
}
# Changed since the last fold; or refunded later than the question looks, which the roll-up has taken off already.
BEHIND = """
    SELECT customer_id AS customer FROM metrics_changedpurchases
    UNION SELECT customer_id FROM customers_refund WHERE superseded_at IS NULL AND occurred_at >= %(as_of)s"""
FOLDED = """
    SELECT f.customer_id AS customer, f.at, f.day, f.kept, f.revenue, f.gross, f.channel_id, f.order_id AS id,
        CASE WHEN f.next_at < %(as_of)s THEN f.next_at END AS next, CASE WHEN f.next_at < %(as_of)s THEN f.gap END AS gap,
        f.is_first
    FROM metrics_purchase f
    WHERE f.at < %(as_of)s AND NOT EXISTS (SELECT FROM behind b WHERE b.customer = f.customer_id)"""
PUSHED = {"acquired", "newcomers"}
FOLLOWED = "customer, at, day, kept, revenue, gross, channel_id, id, next, gap, is_first"


@dataclass(frozen=True)
class Lens:
    as_of: datetime
    known_at: datetime | None
    zone: str
    inactive_after_days: int | None
    model_id: int | None
    country: str
    channel: str
    survey: str
    members: tuple[str, tuple[Any, ...]] | None
    user: User | None
    is_folded: bool = False  # the roll-up of purchases may be used: `metrics.memory` knows

    @classmethod
    def of(cls, asked: Asked) -> "Lens":
        question, organisation = asked.question, asked.setting.organisation
        return cls(
            as_of=asked.as_of,
            known_at=question.known_at,
            zone=organisation.zone,
            inactive_after_days=organisation.inactive_after_days,
            model_id=question.model.pk if question.model else None,
            country=question.country,
            channel=question.channel,
            survey=question.survey,
            members=_members(asked),
            user=question.user if question.user and question.user.is_restricted else None,
        )

    def look(self, selects: Mapping[str, str]) -> dict[str, list[Row]]:
        """Run the SELECT statements as one; the rows of each, in no particular order."""
        found: dict[str, list[Row]] = {name: [] for name in selects}
        if not selects:
            return found
        with connection.cursor() as cursor:
            cursor.execute(self._statement(selects), self.parameters)
            for name, row in cursor.fetchall():
                found[name].append(json.loads(row, parse_float=Decimal))
        return found

    def stream(self, select: str) -> Iterator[Row]:
        """The rows of one SELECT in its order, read piece by piece: the statement runs once, whatever comes of it.

        For the inside of a transaction: its cursor lives no longer, so the database need not have all rows ready
        before the first, each piece has a statement's time, and a pool that lends connections by transaction keeps it.
        """
        with connection.chunked_cursor() as cursor:
            cursor.execute(self._statement({"rows": select}), self.parameters)
            while piece := cursor.fetchmany(PIECE):
                yield from (json.loads(row, parse_float=Decimal) for _name, row in piece)

    def _statement(self, selects: Mapping[str, str]) -> str:
        shared = shared_by(selects.values())
        views = self._used(" ".join([*shared.values(), *selects.values()]))
        united = "\nUNION ALL\n".join(
            f"SELECT '{name}' AS part, row_to_json(x)::text AS row FROM ({select}) x"
            for name, select in selects.items()
        )
        shown = [f"{name} AS {self._kept(name)}({self.views[name]})" for name in views]
        shown += [f"{name} AS MATERIALIZED ({sql})" for name, sql in shared.items()]
        return f"WITH {','.join(shown)}\n{united}" if shown else united

    def _kept(self, name: str) -> str:
        """Read anew by each select that can push its period down to an index; else worked out once."""
        if name in ("orders_behind", "marked_orders"):
            return "MATERIALIZED "
        return "NOT MATERIALIZED " if name == "stays" or (self.is_folded and name in PUSHED) else ""

    def _used(self, sql: str) -> list[str]:
        """The views a statement needs, those that others build on first."""
        named = set(re.findall(r"\w+", sql))
        ordered: list[str] = []
        for name in reversed(self.views):
            if name in named:
                named |= set(re.findall(r"\w+", self.views[name]))
                ordered.insert(0, name)
        return ordered

    @cached_property
    def views(self) -> dict[str, str]:
        """Each may use those before it."""
        views = {"visible": self._visible(), "merged": self._merged()}
        paid = {"customer": self._who("o"), "join": self._join("o")}
        live = f"{self._known('o')} AND o.occurred_at < %(as_of)s {self._seen('o')}"
        views |= {
            "paid": paid_sql(**paid, where=live),
            "refunds": f"""
                SELECT r.order_id AS root, r.occurred_at AS at, r.amount FROM customers_refund r
                WHERE {self._known("r")} AND r.occurred_at < %(as_of)s""",
            "behind": BEHIND,
            "paid_behind": paid_sql(
                **paid, where=f"{live} AND o.customer_id IN (SELECT customer FROM behind)"
            ),
        }
        views |= self._folded() if self.is_folded else RAW
        views |= {
            "touches": f"""
                SELECT {self._who("t")} AS customer, t.occurred_at AS at, t.channel_id, t.id
                FROM customers_touch t {self._join("t")}
                WHERE {self._known("t")} AND t.occurred_at < %(as_of)s {self._seen("t")}""",
            "marked_orders": "SELECT customer, at, channel_id, id FROM every_order WHERE channel_id IS NOT NULL",
            "claims": claims_of("acquired", "acquired_at"),
            "sources": """
                SELECT * FROM (SELECT DISTINCT ON (customer) customer, channel_id FROM claims
                    ORDER BY customer, at, rank, id) first_of_buyers
                UNION ALL
                SELECT * FROM (SELECT DISTINCT ON (t.customer) t.customer, t.channel_id
                    FROM touches t LEFT JOIN acquired a USING (customer)
                    WHERE a.customer IS NULL ORDER BY t.customer, t.at, t.id) first_of_others""",
            "countries": f"""
                SELECT c.id AS customer, nullif(CASE WHEN f.customer IS NULL THEN c.country ELSE f.country END, '') AS country
                FROM customers_customer c LEFT JOIN (
                    SELECT {self._who("p")} AS customer, (array_agg(p.value #>> '{{}}' ORDER BY p.occurred_at DESC, p.id DESC)
                        FILTER (WHERE p.occurred_at < %(as_of)s))[1] AS country
                    FROM customers_profilechange p {self._join("p")}
                    WHERE p.field = 'country' AND {self._known("p")} GROUP BY 1) f ON f.customer = c.id""",
            "members": self._members(),
            "asked": self._asked(),
            "orders": f"SELECT * FROM every_order {self._filtered}",
            "newcomers": f"SELECT * FROM acquired {self._filtered}",
            "moves": f"""
                SELECT * FROM (
                    SELECT customer, at, net * rate AS amount, 1 AS orders FROM paid
                    UNION ALL SELECT p.customer, r.at, -r.amount * p.rate, 0 FROM refunds r JOIN paid p USING (root)
                ) x {self._filtered}""",
            "spend": f"""
                SELECT s.occurred_at AS at, s.channel_id, s.type, s.reporting AS amount FROM metrics_spend s
                WHERE {self._known("s")} AND s.occurred_at < %(as_of)s""",
            "stages": PLACES,
            "stays": f"""
                SELECT * FROM (
                    SELECT {self._who("s")} AS customer, s.stage_id, s.entered_at AS entered,
                        CASE WHEN s.left_at < %(as_of)s {self._closed()} THEN s.left_at END AS left_at
                    FROM lifecycle_stageperiod s {self._join("s")}
                    WHERE {self._known("s")} AND s.model_id = %(model)s AND s.entered_at < %(as_of)s {self._seen("s")}
                ) x {self._filtered}""",
            "answers": f"""
                SELECT * FROM (
                    SELECT {self._who("r")} AS customer, r.occurred_at AS at, r.score
                    FROM campaigns_response r {self._join("r")}
                    WHERE {self._known("r")} AND r.occurred_at < %(as_of)s {self._seen("r")} {self._of_survey("r")}
                ) x {self._filtered}""",
            "askings": f"SELECT * FROM ({self._askings()}) x {self._filtered}",
            "followed": f"SELECT customer, at, next, is_first FROM gaps {self._filtered}",
            "inactivity": self._inactivity(),
            "spells": f"""
                SELECT customer, at, next, at + make_interval(days => days) AS lapses
                FROM gaps CROSS JOIN inactivity {self._filtered}""",
        }
        return views

    @cached_property
    def parameters(self) -> dict[str, Any]:
        members = self.members[1] if self.members else ()
        scope = (
            Customer.objects.visible_to(self.user).order_by().values_list("pk").query.sql_with_params()[1]
            if self.user
            else ()
        )
        return (
            {
                "as_of": self.as_of,
                "known_at": self.known_at,
                "zone": self.zone,
                "model": self.model_id,
                "country": self.country,
                "channel": self.channel,
                "survey": self.survey,
                "inactive_after": self.inactive_after_days,
            }
            | _by_name("scope", scope)
            | _by_name("member", members)
            | {"members": self.members and self.members[0]}
        )

    def _folded(self) -> dict[str, str]:
        """From the roll-up; from the facts for those customers whose roll-up does not hold."""
        behind = followed_sql(f"({qualifying_sql('paid_behind', 'refunds')})")
        return {
            "orders_behind": f"SELECT {FOLLOWED} FROM ({behind}) b",
            "every_order": f"{FOLDED} {self._seen('f')} UNION ALL SELECT {FOLLOWED} FROM orders_behind",
            "gaps": "SELECT customer, at, next, gap, is_first FROM every_order",
            "acquired": "SELECT customer, at AS acquired_at FROM every_order WHERE is_first",
        }

    @property
    def _filtered(self) -> str:
        return (
            "WHERE customer IN (SELECT customer FROM asked)"
            if self.country or self.channel or self.members
            else ""
        )

    def _known(self, alias: str) -> str:
        if self.known_at is None:
            return f"{alias}.superseded_at IS NULL"
        return (
            f"{alias}.recorded_at <= %(known_at)s"
            f" AND ({alias}.superseded_at IS NULL OR {alias}.superseded_at > %(known_at)s)"
        )

    def _closed(self) -> str:
        """A stay that was closed later was open as far as anybody knew."""
        return "" if self.known_at is None else "AND s.left_at <= %(known_at)s"

    def _who(self, alias: str) -> str:
        """Whom a fact belonged to, as was known: merges that came later are not followed."""
        return (
            f"{alias}.customer_id"
            if self.known_at is None
            else f"coalesce(merge.winner, {alias}.original_customer_id)"
        )

    def _join(self, alias: str) -> str:
        return (
            ""
            if self.known_at is None
            else f"LEFT JOIN merged merge ON merge.loser = {alias}.original_customer_id"
        )

    def _seen(self, alias: str) -> str:
        return f"AND {self._who(alias)} IN (SELECT id FROM visible)" if self.user else ""

    def _visible(self) -> str:
        if not self.user:
            return "SELECT id FROM customers_customer"
        seen = Customer.objects.visible_to(self.user).order_by().values_list("pk")
        return f"SELECT v.pk AS id FROM ({_with_names(seen.query.sql_with_params()[0], 'scope')}) v(pk)"

    def _members(self) -> str:
        """Of the segment asked about."""
        if not self.members:
            return "SELECT id AS customer FROM customers_customer"
        return f"SELECT v.pk AS customer FROM ({_with_names(self.members[0], 'member')}) v(pk)"

    def _merged(self) -> str:
        known = "m.recorded_at <= %(known_at)s AND (m.undone_at IS NULL OR m.undone_at > %(known_at)s)"
        return f"""
            WITH RECURSIVE chain AS (
                SELECT m.loser_id AS loser, m.winner_id AS winner, 1 AS steps FROM customers_customermerge m WHERE {known}
                UNION ALL
                SELECT c.loser, m.winner_id, c.steps + 1 FROM chain c
                JOIN customers_customermerge m ON m.loser_id = c.winner WHERE c.steps < 20 AND {known}
            )
            SELECT DISTINCT ON (loser) loser, winner FROM chain ORDER BY loser, steps DESC"""

    def _asked(self) -> str:
        wanted = ["SELECT c.id AS customer FROM customers_customer c"]
        if self.country:
            wanted.append("SELECT customer FROM countries WHERE country = %(country)s")
        if self.members:
            wanted.append("SELECT customer FROM members")
        if self.channel == UNATTRIBUTED:
            wanted.append(
                "(SELECT id AS customer FROM customers_customer EXCEPT SELECT customer FROM sources)"
            )
        elif self.channel:
            wanted.append(
                "SELECT s.customer FROM sources s JOIN customers_channel c ON c.id = s.channel_id WHERE c.slug = %(channel)s"
            )
        return " INTERSECT ".join(wanted[1:] or wanted)

    def _of_survey(self, alias: str) -> str:
        if not self.survey:
            return ""
        return f"AND {alias}.survey_id = (SELECT id FROM campaigns_survey WHERE slug = %(survey)s)"

    def _askings(self) -> str:
        """Links handed over, and messages that were delivered, or were answered after all."""
        answered = f"""EXISTS (SELECT FROM campaigns_response r WHERE r.invitation_id = i.root
            AND {self._known("r")} AND r.occurred_at < %(as_of)s)"""
        known = "d.recorded_at <= %(known_at)s" if self.known_at else "true"
        arrived = f"""coalesce((SELECT bool_or(d.kind IN ('sent', 'counted_as_sent')) AND NOT bool_or(d.kind = 'bounced')
            FROM campaigns_delivery d WHERE d.occurred_at < %(as_of)s AND {known}
            AND d.message_id = CASE WHEN i.source = 'message' THEN split_part(i.key, ':', 1)::bigint END), false)"""
        return f"""
            SELECT * FROM (
                SELECT {self._who("i")} AS customer, i.occurred_at AS at, {answered} AS answered,
                    i.source <> 'message' OR {arrived} AS arrived
                FROM campaigns_invitation i {self._join("i")}
                WHERE {self._known("i")} AND i.occurred_at < %(as_of)s {self._seen("i")} {self._of_survey("i")}
            ) sent WHERE arrived OR answered"""

    def _inactivity(self) -> str:
        """W: set by the organisation, else the 90th percentile of the gaps between purchase days, in whole weeks."""
        if self.inactive_after_days:
            return "SELECT %(inactive_after)s::int AS days"
        return f"""
            SELECT greatest({SHORTEST_INACTIVITY}, coalesce(
                round(percentile_disc(0.9) WITHIN GROUP (ORDER BY gap) / 7.0) * 7, 0))::int AS days
            FROM gaps WHERE gap > 0"""


def _members(asked: Asked) -> tuple[str, tuple[Any, ...]] | None:
    """Who belongs to the segment as of the question's as-of date, as a query."""
    if asked.question.segment is None:
        return None
    members = asked.question.segment.customers(
        asked.as_of, asked.question.known_at, zone=asked.setting.organisation.zone
    )
    sql, parameters = members.order_by().values_list("pk").query.sql_with_params()
    return str(sql), tuple(parameters)


def _with_names(sql: str, stem: str) -> str:
    """A query of the ORM with its values by name: "stem_0" and so on."""
    pieces = sql.split("%s")
    names = [*(f"%({stem}_{number})s" for number in range(len(pieces) - 1)), ""]
    return "".join(map(str.__add__, pieces, names))


def _by_name(stem: str, values: Sequence[Any]) -> dict[str, Any]:
    return {f"{stem}_{number}": value for number, value in enumerate(values)}


def claims_of(reached: str, moment: str) -> str:
    """Touches in the window before a moment of a customer's life; the order's own channel counts as the last."""
    return f"""
        SELECT t.customer, t.channel_id, t.at, 0 AS rank, t.id FROM touches t JOIN {reached} a USING (customer)
        WHERE t.at <= a.{moment} AND t.at >= a.{moment} - interval '{ATTRIBUTION_DAYS} days'
        UNION ALL
        SELECT o.customer, o.channel_id, o.at, 1, o.id FROM marked_orders o
        JOIN {reached} a ON a.customer = o.customer AND a.{moment} = o.at"""
