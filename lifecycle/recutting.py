"""History that was cut anew: what was believed before, since when not any more, and because of what."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, Model, OuterRef, Q
from django.utils.translation import gettext as _

from clm.base.templatetags.formats import date_local
from customers.models import Customer, Event, Order, Refund
from lifecycle.models import StagePeriod

# (occurred_at, what to say of it)
Reason = tuple[datetime, str]


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
    """By the stay's id, a sentence for each that was cut anew after its day. No query when none was.

    What changes within a day is no change of history: a day is decided at its end.
    """
    recut = [each for each in periods if getattr(each, "is_recut", False) and _is_late(each, zone)]
    if not recut:
        return {}
    model = recut[0].model_id
    gone = StagePeriod.objects.filter(customer=customer, model=model, superseded_at__isnull=False)
    rows = list(gone.select_related("stage").order_by("superseded_at"))
    facts = list(_facts(customer, min(row.recorded_at for row in rows)))
    return {each.pk: told for each in recut if (told := _note(each, rows, facts, zone))}


def _is_late(period: StagePeriod, zone: ZoneInfo) -> bool:
    return _day(period.recorded_at, zone) > _day(period.entered_at, zone)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _note(period: StagePeriod, gone: list[StagePeriod], facts: list["Known"], zone: ZoneInfo) -> str:
    before = [row for row in gone if row.superseded_at and row.superseded_at <= period.recorded_at]
    before = [row for row in before if _overlap(row, period)]
    was = before[-1] if before else None
    if was is None or (was.stage_id, was.entered_at) == (period.stage_id, period.entered_at):
        return ""  # what ended it otherwise says so itself
    told = {"day": date_local(period.recorded_at), "stage": was.stage}
    if was.version_id != period.version_id:
        return (
            _("Changed on %(day)s: the history was worked out again with another version. Before: %(stage)s.")
            % told
        )
    reason = _reason(was, period, facts)
    if reason is None:
        return _("Changed on %(day)s because of facts that came later. Before: %(stage)s.") % told
    at, text = reason
    return text % (told | {"when": date_local(at)})


def _overlap(one: StagePeriod, other: StagePeriod) -> bool:
    ends = one.left_at is None or one.left_at > other.entered_at
    return ends and (other.left_at is None or other.left_at > one.entered_at)


class Known:
    """A fact that came, was corrected or was taken back at an instant."""

    def __init__(self, kind: str, occurred_at: datetime, at: datetime, *, is_gone: bool) -> None:
        self.kind, self.occurred_at, self.at, self.is_gone = kind, occurred_at, at, is_gone

    @property
    def text(self) -> str:
        if self.is_gone:
            return _("Changed on %(day)s because a fact of %(when)s was corrected. Before: %(stage)s.")
        return {
            "order": _("Changed on %(day)s because an order of %(when)s came later. Before: %(stage)s."),
            "refund": _("Changed on %(day)s because a refund of %(when)s came later. Before: %(stage)s."),
        }.get(self.kind, _("Changed on %(day)s because an event of %(when)s came later. Before: %(stage)s."))


def _reason(was: StagePeriod, period: StagePeriod, facts: list[Known]) -> Reason | None:
    """What became known between the two beliefs: the fact that the stay begins with, else the earliest."""
    new = [fact for fact in facts if was.recorded_at < fact.at <= period.recorded_at]
    if not new:
        return None
    chosen = min(
        new, key=lambda fact: (fact.occurred_at != period.entered_at, fact.occurred_at, fact.is_gone)
    )
    return chosen.occurred_at, chosen.text


_KINDS: dict[str, type[Model]] = {"order": Order, "refund": Refund, "event": Event}


def _facts(customer: Customer, since: datetime) -> Iterator[Known]:
    """One query for each kind of fact."""
    for kind, model in _KINDS.items():
        news = model._default_manager.filter(Q(recorded_at__gt=since) | Q(superseded_at__gt=since))
        rows = news.filter(customer=customer).values_list("occurred_at", "recorded_at", "superseded_at")
        for occurred_at, recorded_at, superseded_at in rows:
            yield Known(kind, occurred_at, recorded_at, is_gone=False)
            if superseded_at:
                yield Known(kind, occurred_at, superseded_at, is_gone=True)
