"""What a customer still needs for each stage they are not in, in words."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clm.base.conditions import Verdict
from clm.base.templatetags.formats import datetime_local
from customers.models import Customer
from lifecycle.explanation import RuleVerdict, explain
from lifecycle.models import LifecycleModel, Stage, StagePeriod


@dataclass(frozen=True)
class Need:
    """What has to come, and what is there now; or several ways, one of which is enough."""

    text: str
    have: str = ""
    ways: list[list["Need"]] = field(default_factory=list)


@dataclass(frozen=True)
class Elsewhere:
    """One rule that leads to another stage: what it needs, or why it does not act although it holds."""

    stage: Stage
    rule: str
    needs: list[Need]
    obstacle: str = ""


def what_is_missing(customer: Customer, model: LifecycleModel, *, as_of: datetime) -> list[Elsewhere]:
    """In the order of the stages; stages that no rule leads to say so. About a dozen queries."""
    explanation = explain(customer, model, as_of=as_of)
    if explanation is None:
        return []
    period = explanation.period
    by_stage: dict[int, list[RuleVerdict]] = {}
    for verdict in explanation.elsewhere:
        by_stage.setdefault(verdict.stage.pk, []).append(verdict)
    stages = [
        use.stage
        for use in period.version.stage_uses.select_related("stage")
        if use.stage_id != period.stage_id
    ]
    return [
        line
        for stage in stages
        for line in [_elsewhere(verdict, period, as_of) for verdict in by_stage.get(stage.pk, [])]
        or [_no_rule(stage)]
    ]


def _no_rule(stage: Stage) -> Elsewhere:
    if stage.is_initial:
        return Elsewhere(stage, "", [], _("Everybody starts here; no rule leads back."))
    return Elsewhere(stage, "", [], _("No rule leads here; people, the API and imports may."))


def _elsewhere(verdict: RuleVerdict, period: StagePeriod, as_of: datetime) -> Elsewhere:
    if not verdict.verdict.holds:
        return Elsewhere(verdict.stage, verdict.name, needs_of(verdict.verdict))
    return Elsewhere(verdict.stage, verdict.name, [], _obstacle(verdict, period, as_of))


def _obstacle(verdict: RuleVerdict, period: StagePeriod, as_of: datetime) -> str:
    """Why a rule that holds does not move the customer."""
    if verdict.forbidden:
        names = {"from": period.stage, "to": verdict.stage}
        return _("Holds, but the model forbids rules to move anybody from %(from)s to %(to)s.") % names
    if period.rule and verdict.priority > period.rule.priority:
        return _("Holds, but “%(rule)s” comes first.") % {"rule": period.rule}
    if period.held_until and period.held_until > as_of:
        return _("Holds, but the customer is held here until %(when)s.") % {
            "when": datetime_local(period.held_until)
        }
    use = period.version.stage_uses.filter(stage=period.stage_id, minimum_stay_days__gt=0).first()
    if use:
        days = use.minimum_stay_days
        text = ngettext(
            "Holds, but stays here last at least %(n)s day.",
            "Holds, but stays here last at least %(n)s days.",
            days,
        )
        return text % {"n": days}
    return _("Holds; the next evaluation takes it into account.")


def needs_of(verdict: Verdict) -> list[Need]:
    """What has to change for the verdict to hold; all of it, but for a need with several ways."""
    if verdict.holds:
        return []
    if not verdict.parts:
        evidence = verdict.evidence
        return [
            Need(
                (evidence.missing if evidence else "") or verdict.sentence, evidence.have if evidence else ""
            )
        ]
    if not verdict.any_of:
        return [need for part in verdict.parts for need in needs_of(part)]
    ways = [needs_of(part) for part in verdict.parts]
    return ways[0] if len(ways) == 1 else [Need("", ways=ways)]
