"""Why a customer is in a stage, and what is missing for the others. At most a dozen queries for one customer."""

from dataclasses import dataclass, field
from datetime import datetime

from clm.base.conditions import FactRef, Verdict
from clm.base.conditions.asking import RowGone, truths_for
from clm.base.days import TICK
from customers.models import Customer
from lifecycle.admission import stage_at
from lifecycle.models import Cause, LifecycleModel, ModelVersion, NextDue, Parking, Stage, StagePeriod
from lifecycle.parking import Parked, parked_of
from lifecycle.walking.fold import Stay
from lifecycle.walking.program import Program


@dataclass(frozen=True)
class RuleVerdict:
    """What one rule says of the customer. `forbidden`: it holds, but the model does not allow the move."""

    name: str
    stage: Stage
    verdict: Verdict
    forbidden: bool = False
    priority: int = 0
    rule_id: int = 0

    @property
    def missing(self) -> list[Verdict]:
        return self.verdict.missing()


@dataclass(frozen=True)
class Explanation:
    """`why` is the rule that put the customer here, asked anew as of the instant; null when a person or nothing did.

    Where a newer version governs, it is that version's rule for the stage. `next_due` and `parked` are those of the present.
    """

    period: StagePeriod
    why: RuleVerdict | None
    elsewhere: list[RuleVerdict] = field(default_factory=list)
    next_due: datetime | None = None
    version: ModelVersion | None = None
    parked: Parked | None = None

    @property
    def facts(self) -> list[FactRef]:
        leaves = self.why.verdict.leaves() if self.why else []
        rows = [row for leaf in leaves if leaf.evidence for row in leaf.evidence.rows]
        unique = {(row.label, row.occurred_at): row for row in rows}
        return sorted(unique.values(), key=lambda row: row.occurred_at, reverse=True)


def explain(
    customer: Customer, model: LifecycleModel, *, as_of: datetime, known_at: datetime | None = None
) -> Explanation | None:
    """Why here, and what is missing for every other stage, as of an instant. None before the first sight."""
    period = stage_at(customer, model, as_of=as_of, known_at=known_at)
    if period is None:
        return None
    version = _governing(model, as_of) or period.version
    version.model = period.model
    program = Program(version)
    verdicts = _ask(program, customer, period, as_of=as_of, known_at=known_at)
    due = NextDue.objects.filter(customer=customer, model=model).values_list("at", flat=True).first()
    why = _reason(verdicts, period)
    others = [verdict for verdict in verdicts if verdict.stage.pk != period.stage_id]
    parked = parked_of(_parkings(customer, model))
    return Explanation(
        period,
        why if period.cause == Cause.RULE else None,
        others,
        due,
        version,
        parked[0] if parked else None,
    )


def _parkings(customer: Customer, model: LifecycleModel) -> list[int]:
    waiting = Parking.objects.filter(customer=customer, model=model, released_at=None)
    return list(waiting.values_list("pk", flat=True))


def _reason(verdicts: list[RuleVerdict], period: StagePeriod) -> RuleVerdict | None:
    here = [verdict for verdict in verdicts if verdict.stage.pk == period.stage_id]
    mover = next((verdict for verdict in here if verdict.rule_id == period.rule_id), None)
    return mover or next((verdict for verdict in here if verdict.verdict.holds), here[0] if here else None)


def _governing(model: LifecycleModel, as_of: datetime) -> ModelVersion | None:
    """The version that decided just before an instant; a stay may have begun under an earlier one."""
    return model.versions.filter(governs_from__lt=as_of).order_by("-governs_from").first()


def _ask(
    program: Program, customer: Customer, period: StagePeriod, *, as_of: datetime, known_at: datetime | None
) -> list[RuleVerdict]:
    asked = program.asked(as_of=as_of, known_at=known_at)
    answered = Customer.objects.filter(pk=customer.pk).first()
    if answered is None:
        raise RowGone
    truths = truths_for(answered, program.asked_in_sql, asked)
    stay = Stay(period.stage_id, period.entered_at, period.cause, program.version_id)
    for condition in program.own:
        slug = program.stage_slugs[stay.stage_id]
        truths[condition] = condition.holds_in(slug, stay.entered_at, as_of - TICK, program.zone)
    return [
        RuleVerdict(
            str(compiled.rule),
            compiled.rule.stage,
            compiled.tree.verdict(truths, answered, asked),
            forbidden=(period.stage_id, compiled.rule.stage_id) in program.edges_forbidden,
            priority=compiled.rule.priority,
            rule_id=compiled.rule.pk,
        )
        for compiled in program.rules
    ]
