"""What all rules of a model say of one customer. At most a dozen queries."""

from collections.abc import Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from clm.base.conditions import Asked, Node, Verdict
from clm.base.conditions.asking import RowGone, truths_for
from clm.base.conditions.tree import All, Leaf
from clm.base.conditions.tree import Any as AnyOf
from clm.base.days import TICK
from customers.models import Customer
from lifecycle.admission import stage_at
from lifecycle.conditions import InStage, KnownStages
from lifecycle.models import (
    EdgePolicy,
    LifecycleModel,
    ModelVersion,
    NextDue,
    Parking,
    Policy,
    Stage,
    StagePeriod,
    VersionStage,
)
from lifecycle.parking import Parked, parked_of
from lifecycle.walking.program import Program


@dataclass(frozen=True)
class RuleVerdict:
    """What one rule says of the customer. `forbidden`: it holds, but the model does not allow the move.

    `from_here`: whatever is still missing, it may come to hold while the customer is in the stage they are in.
    """

    name: str
    stage: Stage
    verdict: Verdict
    forbidden: bool = False
    priority: int = 0
    rule_id: int = 0
    from_here: bool = True

    @property
    def missing(self) -> list[Verdict]:
        return self.verdict.missing()


@dataclass(frozen=True)
class Explanation:
    """What the rules of the version that governs say of the customer: `here` those that lead to the stage there is.

    `uses` are that version's stages, in order. `next_due` and `parked` are those of the present.
    """

    period: StagePeriod
    version: ModelVersion
    here: list[RuleVerdict]
    elsewhere: list[RuleVerdict] = field(default_factory=list)
    next_due: datetime | None = None
    parked: Parked | None = None
    uses: list[VersionStage] = field(default_factory=list)

    @property
    def keeping(self) -> RuleVerdict | None:
        """The first rule that would lead to the stage there is: those after it move nobody out."""
        return next((rule for rule in self.here if rule.verdict.holds), None)


def explain(
    customer: Customer, model: LifecycleModel, *, as_of: datetime, known_at: datetime | None = None
) -> Explanation | None:
    """What the rules say of this stage and of every other, as of an instant. None before the first sight."""
    period = stage_at(customer, model, as_of=as_of, known_at=known_at)
    if period is None:
        return None
    answered = Customer.objects.filter(pk=customer.pk).first()
    if answered is None:
        raise RowGone
    told = explain_stay(answered, period, as_of=as_of, known_at=known_at)
    due = NextDue.objects.filter(customer=customer, model=model).values_list("at", flat=True).first()
    parked = parked_of(_parkings(customer, model))
    return replace(told, next_due=due, parked=parked[0] if parked else None)


def explain_stay(
    customer: Customer, period: StagePeriod, *, as_of: datetime, known_at: datetime | None = None
) -> Explanation:
    """The same of a stay that is known already, and a customer just read; `next_due` and `parked` are left out.

    Three queries, and those of the rules' tests. Raises RowGone.
    """
    uses = _uses(period, as_of)
    version = uses[0].version if uses else period.version
    version.model = period.model
    program = Program(version, with_components=False)
    known = KnownStages(period.model.slug, [use.stage for use in uses])
    for rule in program.rules:
        known.name_in(rule.tree)
    barred = {use.stage_id for use in uses if use.is_barred}
    verdicts = _ask(program, customer, period, barred, program.asked(as_of=as_of, known_at=known_at))
    here = [verdict for verdict in verdicts if verdict.stage.pk == period.stage_id]
    others = [verdict for verdict in verdicts if verdict.stage.pk != period.stage_id]
    return Explanation(period, version, here, others, uses=list(uses))


def _parkings(customer: Customer, model: LifecycleModel) -> list[int]:
    waiting = Parking.objects.filter(customer=customer, model=model, released_at=None)
    return list(waiting.values_list("pk", flat=True))


def _uses(period: StagePeriod, as_of: datetime) -> list[Any]:
    """Of the version that decided just before an instant, as a stay may have begun under an earlier one.

    `is_barred`: rules may not move anybody there from the stage of the stay.
    """
    versions = ModelVersion.objects.filter(model=period.model_id, governs_from__lt=as_of)
    governing = Subquery(versions.order_by("-governs_from").values("pk")[:1])
    barred = EdgePolicy.objects.filter(
        version=OuterRef("version"),
        from_stage=period.stage_id,
        to_stage=OuterRef("stage"),
        source="rule",
        policy=Policy.FORBIDDEN,
    )
    uses = VersionStage.objects.filter(version=Coalesce(governing, period.version_id))
    return list(uses.select_related("stage", "version").annotate(is_barred=Exists(barred)))


def _ask(
    program: Program, customer: Customer, period: StagePeriod, barred: set[int], asked: Asked
) -> list[RuleVerdict]:
    truths = truths_for(customer, program.asked_in_sql, asked)
    for condition in program.own:
        until = asked.instant - TICK
        truths[condition] = condition.holds_in(period.stage.slug, period.entered_at, until, program.zone)
    return [
        RuleVerdict(
            str(compiled.rule),
            compiled.rule.stage,
            compiled.tree.verdict(truths, customer, asked),
            forbidden=compiled.rule.stage_id in barred,
            priority=compiled.rule.priority,
            rule_id=compiled.rule.pk,
            from_here=_may_hold(compiled.tree, set(program.own), period.stage.slug),
        )
        for compiled in program.rules
    ]


def _may_hold(tree: Node, own: Set[InStage], stage: str) -> bool:
    """Whether facts and days could make it hold in that stage of the model that it is a rule of."""
    if isinstance(tree, Leaf):
        asked = tree.condition
        return not isinstance(asked, InStage) or asked not in own or stage in asked.stages
    if isinstance(tree, All):
        return all(_may_hold(part, own, stage) for part in tree.parts)
    if isinstance(tree, AnyOf):
        return any(_may_hold(part, own, stage) for part in tree.parts)
    return True
