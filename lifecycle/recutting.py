"""History that was cut anew: what was believed before, since when not any more, and because of what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Exists, Model, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clm.base.templatetags.formats import date_local, number
from customers.models import Customer, Event, Order, Refund
from lifecycle.models import StagePeriod

MOST_BELIEFS, MOST_REASONS = 200, 20  # of older ones only that they changed is said


def was_recut() -> Exists:
    """Over stays: whether another stay held this time until this one was written."""
    earlier = StagePeriod.objects.filter(
        Q(left_at=None) | Q(left_at__gt=OuterRef("entered_at")),
        customer=OuterRef("customer"),
        model=OuterRef("model"),
        superseded_at__lte=OuterRef("recorded_at"),
    )
    return Exists(earlier)


def notes_of(customer: Customer, periods: Sequence[StagePeriod], *, zone: ZoneInfo) -> dict[int, str]:
    """By the stay's id, a sentence for each that was cut anew after its day. No query when none was, else two.

    What changes within a day is no change of history: a day is decided at its end.
    """
    recut = [each for each in periods if getattr(each, "is_recut", False) and _is_late(each, zone)]
    if not recut:
        return {}
    model = recut[0].model_id
    gone = StagePeriod.objects.filter(customer=customer, model=model, superseded_at__isnull=False)
    rows = list(gone.select_related("stage").order_by("-superseded_at", "-pk")[:MOST_BELIEFS])
    beliefs = {each.pk: was for each in recut if (was := _before(each, rows))}
    told = [each for each in recut if each.pk in beliefs]
    reasons = _reasons(customer, [(each, beliefs[each.pk]) for each in told[-MOST_REASONS:]])
    return {each.pk: _note(each, beliefs[each.pk], reasons.get(each.pk)) for each in told}


def _is_late(period: StagePeriod, zone: ZoneInfo) -> bool:
    return _day(period.recorded_at, zone) > _day(period.entered_at, zone)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _before(period: StagePeriod, gone: list[StagePeriod]) -> StagePeriod | None:
    """What was believed of this time until then, the newest first among `gone`. What ended it otherwise says so itself."""
    was = next((row for row in gone if _is_until(row, period) and _overlap(row, period)), None)
    if was is None or (was.stage_id, was.entered_at) == (period.stage_id, period.entered_at):
        return None
    return was


def _is_until(row: StagePeriod, period: StagePeriod) -> bool:
    return row.superseded_at is not None and row.superseded_at <= period.recorded_at


def _overlap(one: StagePeriod, other: StagePeriod) -> bool:
    ends = one.left_at is None or one.left_at > other.entered_at
    return ends and (other.left_at is None or other.left_at > one.entered_at)


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
# Live and superseded rows apart: each has an index of its own. What the next version replaced at once was amended, not withdrawn.
_CHANGES = """
    SELECT '{kind}' AS kind, occurred_at, recorded_at AS at, CASE WHEN first_id IS NULL THEN 'added' ELSE 'amended' END AS how
    FROM {table} WHERE customer_id = %(customer)s AND superseded_at IS NULL AND recorded_at > %(since)s
    UNION ALL
    SELECT '{kind}', occurred_at, recorded_at, CASE WHEN first_id IS NULL THEN 'added' ELSE 'amended' END
    FROM {table} WHERE customer_id = %(customer)s AND superseded_at > %(since)s AND recorded_at > %(since)s
    UNION ALL
    SELECT '{kind}', occurred_at, superseded_at, 'withdrawn' FROM {table} f
    WHERE customer_id = %(customer)s AND superseded_at > %(since)s
        AND NOT EXISTS (
            SELECT FROM {table} n WHERE n.first_id = f.root AND n.id > f.id AND n.recorded_at <= f.superseded_at + interval '1 minute')"""


def _reasons(customer: Customer, changed: Sequence[tuple[StagePeriod, StagePeriod]]) -> dict[int, Reason]:
    """What became known between two beliefs: the fact that the stay begins with, else the earliest. One row for each."""
    if not changed:
        return {}
    tables = {kind: model._meta.db_table for kind, model in _KINDS.items()}
    changes = " UNION ALL ".join(_CHANGES.format(kind=kind, table=table) for kind, table in tables.items())
    columns: dict[str, Any] = {
        "ids": [now.pk for now, _was in changed],
        "after": [was.recorded_at for _now, was in changed],
        "until": [now.recorded_at for now, _was in changed],
        "entered": [now.entered_at for now, _was in changed],
    }
    since = min(was.recorded_at for _now, was in changed)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH changes AS MATERIALIZED ({changes})
            SELECT s.id, c.kind, c.how, c.occurred_at, c.n - 1
            FROM unnest(%(ids)s::bigint[], %(after)s::timestamptz[], %(until)s::timestamptz[], %(entered)s::timestamptz[])
                AS s (id, after, until, entered)
            CROSS JOIN LATERAL (
                SELECT *, count(*) OVER () AS n FROM changes WHERE at > s.after AND at <= s.until
                ORDER BY occurred_at <> s.entered, occurred_at, how LIMIT 1) c""",  # noqa: S608  # our own tables
            {"customer": customer.pk, "since": since, **columns},
        )
        return {pk: Reason(*rest) for pk, *rest in cursor.fetchall()}
