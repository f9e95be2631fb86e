"""History that was cut anew: what was believed before, since when not any more, and because of what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Model, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clm.base.days import end_of
from clm.base.templatetags.formats import date_local, number
from customers.models import Customer, Event, Order, Refund
from lifecycle.models import StagePeriod

MOST_REASONS = 20  # of older ones only that they changed is said


def believed_before() -> Subquery:
    """Over stays: the id of the stay that held the moment each begins at until it was written, if another did."""
    gone = StagePeriod.objects.filter(
        Q(left_at=None) | Q(left_at__gt=OuterRef("entered_at")),
        customer=OuterRef("customer"),
        model=OuterRef("model"),
        entered_at__lte=OuterRef("entered_at"),
        superseded_at__lte=OuterRef("recorded_at"),
    )
    return Subquery(gone.order_by("-superseded_at", "-pk").values("pk")[:1])


def notes_of(customer: Customer, periods: Sequence[StagePeriod], *, zone: ZoneInfo) -> dict[int, str]:
    """By the stay's id, a sentence for each that was cut anew after its day. No query when none was, else two.

    The stays are those of one model, each with its `believed_before` as `before_id`. What changes within a day is no
    change of history: a day is decided at its end.
    """
    before = {each.pk: pk for each in periods if (pk := _before_id(each)) and _is_late(each, zone)}
    if not before:
        return {}
    rows = StagePeriod.objects.select_related("stage").in_bulk(set(before.values()))
    beliefs = {pk: rows[was] for pk, was in before.items()}
    told = [each for each in periods if each.pk in beliefs and _is_other(each, beliefs[each.pk])]
    reasons = _reasons(customer, [(each, beliefs[each.pk]) for each in told[-MOST_REASONS:]], zone)
    return {each.pk: _note(each, beliefs[each.pk], reasons.get(each.pk)) for each in told}


def _before_id(period: StagePeriod) -> int | None:
    return getattr(period, "before_id", None)


def _is_late(period: StagePeriod, zone: ZoneInfo) -> bool:
    return _day(period.recorded_at, zone) > _day(period.entered_at, zone)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _is_other(period: StagePeriod, was: StagePeriod) -> bool:
    """What only ends otherwise is none: the stay after it says so."""
    return (was.stage_id, was.entered_at) != (period.stage_id, period.entered_at)


@dataclass(frozen=True)
class Reason:
    """The fact that changed what was believed, and how many others did in the same time."""

    kind: str
    how: str
    occurred_at: datetime
    others: int


def _note(period: StagePeriod, was: StagePeriod, reason: Reason | None) -> str:
    told = {"day": date_local(period.recorded_at), "stage": was.stage}
    if was.version_id != period.version_id:
        return (
            _("Changed on %(day)s: the history was worked out again with another version. Before: %(stage)s.")
            % told
        )
    if reason is None:
        return _("Changed on %(day)s because of facts that came later. Before: %(stage)s.") % told
    text = str(TEXTS[reason.kind, reason.how]) % (told | {"when": date_local(reason.occurred_at)})
    return f"{text} {_others(reason.others)}" if reason.others else text


def _others(count: int) -> str:
    text = ngettext(
        "%(n)s other fact changed in the same time.", "%(n)s other facts changed in the same time.", count
    )
    return text % {"n": number(count)}


TEXTS = {
    ("order", "added"): gettext_lazy(
        "Changed on %(day)s because an order of %(when)s came later. Before: %(stage)s."
    ),
    ("order", "amended"): gettext_lazy(
        "Changed on %(day)s because an order of %(when)s was corrected. Before: %(stage)s."
    ),
    ("order", "withdrawn"): gettext_lazy(
        "Changed on %(day)s because an order of %(when)s was withdrawn. Before: %(stage)s."
    ),
    ("refund", "added"): gettext_lazy(
        "Changed on %(day)s because a refund of %(when)s came later. Before: %(stage)s."
    ),
    ("refund", "amended"): gettext_lazy(
        "Changed on %(day)s because a refund of %(when)s was corrected. Before: %(stage)s."
    ),
    ("refund", "withdrawn"): gettext_lazy(
        "Changed on %(day)s because a refund of %(when)s was withdrawn. Before: %(stage)s."
    ),
    ("event", "added"): gettext_lazy(
        "Changed on %(day)s because an event of %(when)s came later. Before: %(stage)s."
    ),
    ("event", "amended"): gettext_lazy(
        "Changed on %(day)s because an event of %(when)s was corrected. Before: %(stage)s."
    ),
    ("event", "withdrawn"): gettext_lazy(
        "Changed on %(day)s because an event of %(when)s was withdrawn. Before: %(stage)s."
    ),
}
_KINDS: dict[str, type[Model]] = {"order": Order, "refund": Refund, "event": Event}
# Versions that came or went since. Live and superseded rows apart: each has an index of its own.
_VERSIONS = """
    SELECT '{kind}' AS kind, root, occurred_at, recorded_at, superseded_at
    FROM {table} WHERE customer_id = %(customer)s AND superseded_at IS NULL AND recorded_at > %(since)s
    UNION ALL
    SELECT '{kind}', root, occurred_at, recorded_at, superseded_at
    FROM {table} WHERE customer_id = %(customer)s AND superseded_at > %(since)s"""
# A stay rests on the facts until the end of its first day. Those learned on their own day change no history; what an
# earlier writing knew changed nothing now; and facts are looked at within minutes, so the last day of news is the cause.
_REASONS = """
    WITH versions AS MATERIALIZED ({versions})
    SELECT s.id, c.kind, c.how, c.occurred_at, c.others
    FROM unnest(%(ids)s::bigint[], %(until)s::timestamptz[], %(entered)s::timestamptz[], %(day_end)s::timestamptz[])
        AS s (id, until, entered, day_end)
    CROSS JOIN LATERAL (
        SELECT max(recorded_at) AS at FROM lifecycle_stageperiod
        WHERE customer_id = %(customer)s AND model_id = %(model)s AND superseded_at <= s.until) written
    CROSS JOIN LATERAL (
        SELECT greatest(written.at, date_trunc('day', max(news.at), %(zone)s)) AS at
        FROM (SELECT recorded_at AS at, occurred_at FROM versions
            UNION ALL SELECT superseded_at, occurred_at FROM versions) news
        WHERE news.at > written.at AND news.at <= s.until AND news.occurred_at < s.day_end
            AND date_trunc('day', news.at, %(zone)s) > news.occurred_at) since
    CROSS JOIN LATERAL (
        SELECT kind, how, occurred_at, count(*) OVER () - 1 AS others
        FROM (
            SELECT kind, root, coalesce(max(occurred_at) FILTER (WHERE is_known), max(occurred_at)) AS occurred_at,
                min(occurred_at) AS first_at, max(CASE WHEN is_known THEN recorded_at ELSE superseded_at END) AS at,
                CASE WHEN NOT bool_or(was_known) THEN 'added' WHEN bool_or(is_known) THEN 'amended' ELSE 'withdrawn' END AS how
            FROM (
                SELECT *, recorded_at <= since.at AND (superseded_at IS NULL OR superseded_at > since.at) AS was_known,
                    recorded_at <= s.until AND (superseded_at IS NULL OR superseded_at > s.until) AS is_known
                FROM versions) v
            WHERE was_known <> is_known GROUP BY kind, root) change
        WHERE first_at < s.day_end AND date_trunc('day', at, %(zone)s) > first_at
        ORDER BY occurred_at <> s.entered, occurred_at, how LIMIT 1) c"""


def _reasons(
    customer: Customer, changed: Sequence[tuple[StagePeriod, StagePeriod]], zone: ZoneInfo
) -> dict[int, Reason]:
    """What became known between two beliefs: the fact that the stay begins with, else the earliest. One row for each."""
    if not changed:
        return {}
    tables = {kind: model._meta.db_table for kind, model in _KINDS.items()}
    versions = " UNION ALL ".join(_VERSIONS.format(kind=kind, table=table) for kind, table in tables.items())
    parameters: dict[str, Any] = {
        "customer": customer.pk,
        "model": changed[0][0].model_id,
        "zone": zone.key,
        "since": min(was.recorded_at for _now, was in changed),
        "ids": [now.pk for now, _was in changed],
        "until": [now.recorded_at for now, _was in changed],
        "entered": [now.entered_at for now, _was in changed],
        "day_end": [end_of(_day(now.entered_at, zone), zone) for now, _was in changed],
    }
    with connection.cursor() as cursor:
        cursor.execute(_REASONS.format(versions=versions), parameters)
        return {pk: Reason(*rest) for pk, *rest in cursor.fetchall()}
