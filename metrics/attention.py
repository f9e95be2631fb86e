"""Who needs attention: the most valuable customers about to become inactive, or who just did."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lifecycle.models import Stage
from metrics import memory
from metrics.lens import Lens, Row
from metrics.names import Names
from metrics.question import Asked
from metrics.spans import literal
from metrics.tally import staying_at

NEAR_DAYS = 30
SHOWN = 6


@dataclass(frozen=True)
class Fading:
    customer_id: int
    name: str
    worth: Decimal
    silent_days: int
    days_left: int  # negative: inactive since
    stage: Stage | None

    @property
    def sentence(self) -> str:
        silent = ngettext("No order for %(days)d day", "No order for %(days)d days", self.silent_days) % {
            "days": self.silent_days
        }
        return f"{silent} · {self.stage}" if self.stage else silent

    @property
    def badge(self) -> str:
        if self.days_left >= 0:
            return _("%(days)d d left") % {"days": self.days_left}
        return _("lost %(days)d d ago") % {"days": -self.days_left}


@dataclass(frozen=True)
class Attention:
    shown: list[Fading]
    count: int


def attention_sql(as_of: datetime) -> str:
    moment, near = literal(as_of), f"interval '{NEAR_DAYS} days'"
    return f"""
        WITH last AS (SELECT customer, sum(revenue) AS worth, max(at) AS at FROM orders GROUP BY customer),
        fading AS (
            SELECT l.*, l.at + make_interval(days => days) AS lapses, count(*) OVER () AS everyone
            FROM last l CROSS JOIN inactivity
            WHERE l.at + make_interval(days => days) BETWEEN {moment} - {near} AND {moment} + {near}
            ORDER BY worth DESC NULLS LAST, customer LIMIT {SHOWN})
        SELECT f.customer, f.worth, f.everyone, s.stage_id AS stage,
            coalesce(nullif(c.name, ''), nullif(c.email, ''), nullif(c.external_id, ''), '#' || c.id) AS name,
            extract(epoch FROM {moment} - f.at)::bigint / 86400 AS silent_days,
            floor(extract(epoch FROM f.lapses - {moment}) / 86400)::int AS days_left
        FROM fading f JOIN customers_customer c ON c.id = f.customer
        LEFT JOIN (SELECT customer, stage_id FROM stays WHERE {staying_at(moment)}) s ON s.customer = f.customer"""


def attention(rows: list[Row], names: Names) -> Attention:
    ordered = sorted(rows, key=lambda row: (-(row["worth"] or 0), row["customer"]))
    return Attention(list(_fading(ordered, names)), ordered[0]["everyone"] if ordered else 0)


def _fading(rows: list[Row], names: Names) -> Iterator[Fading]:
    for row in rows:
        yield Fading(
            customer_id=row["customer"],
            name=row["name"],
            worth=Decimal(row["worth"] or 0),
            silent_days=row["silent_days"],
            days_left=row["days_left"],
            stage=names.stage_by_id.get(str(row["stage"])),
        )


def of(asked: Asked, names: Names) -> Attention:
    found = memory.look(Lens.of(asked), {"attention": attention_sql(asked.as_of.astimezone(UTC))})
    return attention(found["attention"], names)
