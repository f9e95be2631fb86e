"""What a customer still needs for each stage they are not in, in words."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clm.accounts.models import Organisation
from clm.base.conditions import Verdict
from clm.base.templatetags.formats import datetime_local
from customers.models import Customer
from lifecycle.explanation import Explanation, RuleVerdict, explain
from lifecycle.models import LifecycleModel, Stage, VersionStage
from lifecycle.models.stage import FALLEN


@dataclass(frozen=True)
class Need:
    """A test that does not hold: what has to come, and what is there now. Or several ways, one of which is enough."""

    test: str
    missing: str = ""
    have: str = ""
    ways: list[list["Need"]] = field(default_factory=list)


class Way(IntEnum):
    """Where a stage lies from the one there is; who has fallen away has all others before them."""

    ONWARD = 1
    BACK = 2
    AWAY = 3


@dataclass(frozen=True)
class Elsewhere:
    """One rule that leads to another stage: what it needs, or why it does not act although it holds."""

    stage: Stage
    rule: str
    needs: list[Need]
    obstacle: str = ""
    way: Way = Way.ONWARD


def what_is_missing(
    customer: Customer, model: LifecycleModel, *, as_of: datetime, known_at: datetime | None = None
) -> list[Elsewhere]:
    """See `still_missing`; nothing before the first sight. About a dozen queries."""
    explanation = explain(customer, model, as_of=as_of, known_at=known_at)
    return still_missing(explanation, as_of=as_of) if explanation else []


def still_missing(explanation: Explanation, *, as_of: datetime) -> list[Elsewhere]:
    """In the order of the stages; stages that no rule leads to say so. One query."""
    period = explanation.period
    uses = {use.stage_id: use for use in explanation.uses}
    stay = uses[period.stage_id].minimum_stay_days if period.stage_id in uses else 0
    here = _Here(explanation, as_of, stay, Organisation.objects.current().tz)
    by_stage: dict[int, list[RuleVerdict]] = {}
    for verdict in explanation.elsewhere:
        by_stage.setdefault(verdict.stage.pk, []).append(verdict)
    here_now = uses.get(period.stage_id)
    return [
        replace(line, way=_way(here_now, use))
        for use in uses.values()
        if use.stage_id != period.stage_id
        for line in [_elsewhere(verdict, here) for verdict in by_stage.get(use.stage_id, [])]
        or [_no_rule(use)]
    ]


def _way(here: VersionStage | None, there: VersionStage) -> Way:
    if there.kind in FALLEN:
        return Way.AWAY
    place = here.position if here and here.kind not in FALLEN else 0
    return Way.ONWARD if there.position > place and not there.is_initial else Way.BACK


@dataclass(frozen=True)
class _Here:
    explanation: Explanation
    as_of: datetime
    minimum_stay: int
    zone: ZoneInfo


def free_at(entered_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The end of a minimum stay, by the wall clock, as the walk has it."""
    return (entered_at.astimezone(zone) + timedelta(days=days)).astimezone(UTC)


def _no_rule(use: VersionStage) -> Elsewhere:
    if use.is_initial:
        return Elsewhere(use.stage, "", [], _("Everybody starts here; no rule leads back."))
    return Elsewhere(use.stage, "", [], _("No rule leads here; people, the API and imports may."))


def _elsewhere(verdict: RuleVerdict, here: _Here) -> Elsewhere:
    if not verdict.from_here:
        told = _("Not from here. The rule asks: %(tests)s.") % {"tests": verdict.verdict.sentence}
        return Elsewhere(verdict.stage, verdict.name, [], told)
    if not verdict.verdict.holds:
        return Elsewhere(verdict.stage, verdict.name, needs_of(verdict.verdict))
    return Elsewhere(verdict.stage, verdict.name, [], _obstacle(verdict, here))


def _obstacle(verdict: RuleVerdict, here: _Here) -> str:
    """Why a rule that holds does not move the customer."""
    period, keeping, stay = here.explanation.period, here.explanation.keeping, here.minimum_stay
    if verdict.forbidden:
        names = {"from": period.stage, "to": verdict.stage}
        return _("Holds, but the model forbids rules to move anybody from %(from)s to %(to)s.") % names
    if keeping and keeping.priority < verdict.priority:
        return _("Holds, but “%(rule)s” comes first.") % {"rule": keeping.name}
    if period.held_until and period.held_until > here.as_of:
        when = datetime_local(period.held_until)
        return _("Holds, but the customer is held here until %(when)s.") % {"when": when}
    if stay and free_at(period.entered_at, stay, here.zone) > here.as_of:
        text = ngettext(
            "Holds, but everybody stays here for at least %(n)s day.",
            "Holds, but everybody stays here for at least %(n)s days.",
            stay,
        )
        return text % {"n": stay}
    return _("Holds; the next evaluation takes it into account.")


def needs_of(verdict: Verdict) -> list[Need]:
    """What has to change for the verdict to hold; all of it, but for a need with several ways."""
    if verdict.holds:
        return []
    if not verdict.parts:
        evidence = verdict.evidence
        missing, have = (evidence.missing, evidence.have) if evidence else ("", "")
        return [Need(verdict.sentence, "" if missing == verdict.sentence else missing, have)]
    if not verdict.any_of:
        return [need for part in verdict.parts for need in needs_of(part)]
    ways = [needs_of(part) for part in verdict.parts]
    return ways[0] if len(ways) == 1 else [Need("", ways=ways)]


def nearest_of(lines: list[Elsewhere]) -> Elsewhere | None:
    """Of the ways that are open the one that asks least; back only where none leads onward, away only as the last."""
    open_ways = [line for line in lines if not line.obstacle]
    return min(open_ways, key=lambda line: (line.way, len(line.needs)), default=None)


@dataclass(frozen=True)
class Nearest:
    """The shortest way to a stage: all that is needed on it, or what keeps a rule that holds from acting."""

    stage: Stage
    needs: list[Need]
    obstacle: str = ""


def nearest_ways(explanation: Explanation, *, as_of: datetime) -> list[Nearest]:
    """To each stage that a rule may move the customer to, in the order of the stages. One query."""
    open_to_rules = [one for one in explanation.elsewhere if one.from_here and not one.forbidden]
    lines = still_missing(replace(explanation, elsewhere=open_to_rules), as_of=as_of)
    nearest: dict[int, Nearest] = {}
    for line in lines:
        way = Nearest(line.stage, _shortest(line.needs), line.obstacle)
        known = nearest.get(line.stage.pk)
        if line.rule and (known is None or len(way.needs) < len(known.needs)):
            nearest[line.stage.pk] = way
    return list(nearest.values())


def _shortest(needs: list[Need]) -> list[Need]:
    """Where there are several ways, the one that asks least."""
    return [
        one for need in needs for one in (min(map(_shortest, need.ways), key=len) if need.ways else [need])
    ]
