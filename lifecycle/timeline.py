"""Stage moves on a customer's timeline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.timeline import Entry, Source, register
from customers.models import Customer
from lifecycle.journey import periods_of
from lifecycle.models import Cause, StagePeriod


def stage_moves(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    periods = [period for period in periods_of(customer) if before is None or period.entered_at < before]
    newest = sorted(periods, key=lambda period: period.entered_at, reverse=True)[:most]
    several = len({period.model_id for period in periods}) > 1
    return [_entry(period, several) for period in newest]


def _entry(period: StagePeriod, names_model: bool) -> Entry:
    return Entry(
        f"stage-{period.pk}",
        period.entered_at,
        _("Entered %(stage)s") % {"stage": period.stage},
        icon=period.stage.icon or "workflow",
        detail=" · ".join(filter(None, [str(period.model) if names_model else "", caused_by(period)])),
        colour=period.stage.colour,
    )


def caused_by(period: StagePeriod) -> str:
    """What moved the customer there, in one line."""
    if period.rule:
        return _("By the rule “%(rule)s”") % {"rule": period.rule}
    if period.cause == Cause.INITIAL:
        return _("First seen")
    who = {"who": period.actor or _("somebody"), "cause": period.get_cause_display(), "reason": period.reason}
    text = _("By hand: %(who)s") if period.cause == Cause.PERSON else _("%(cause)s: %(who)s")
    return text % who + (f" – {period.reason}" if period.reason else "")


def moments(customer: Customer) -> list[tuple[Any, str]]:
    return [(StagePeriod.objects.live().filter(customer=customer), "entered_at")]


register("customer", Source("stages", gettext_lazy("Stages"), stage_moves, moments))
