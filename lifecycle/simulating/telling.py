"""A simulation as its page and the API tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from clm.accounts.models import User
from clm.base.charts import FlowChart
from customers.models import Customer
from lifecycle.conditions import KnownStages
from lifecycle.drafting import sentence_of
from lifecycle.models import Cause, Rule, SimulatedMove, Simulation, Span, Stage
from lifecycle.models.labels import label_of
from lifecycle.simulating.asking import reading
from lifecycle.simulating.consequences import Consequence

MOST_DRAWN = 24
KEEPS_FOR = timedelta(days=1)


@dataclass(frozen=True)
class StageLine:
    """`entered` and `would_enter` are None for a version that is tried now."""

    stage: Stage
    now: int
    after: int
    entering: int
    leaving: int
    entered: int | None = None
    would_enter: int | None = None


@dataclass(frozen=True)
class FlowLine:
    from_stage: Stage | None
    to_stage: Stage | None
    customers: int


@dataclass(frozen=True)
class Affected:
    """A customer who would be elsewhere; `rule` and `sentence` are those that would have them there."""

    move: SimulatedMove
    from_stage: Stage | None
    to_stage: Stage
    rule: str
    sentence: str

    @property
    def customer(self) -> Customer:
        return self.move.customer

    @property
    def why(self) -> str:
        return f"{self.rule}: {self.sentence}" if self.rule else self.sentence


@dataclass(frozen=True)
class Told:
    simulation: Simulation
    seen_by: User

    @property
    def is_under_way(self) -> bool:
        job = self.simulation.job
        return self.simulation.finished_at is None and bool(job and job.is_open)

    @property
    def failure(self) -> str:
        """Why there will be no result; empty while there may be one."""
        job = self.simulation.job
        if self.simulation.finished_at or self.is_under_way:
            return ""
        return (job.error if job else "") or _("It was cancelled. Simulate again for a result.")

    @property
    def is_stale(self) -> bool:
        return reading(self.simulation.version) != self.simulation.read

    def is_old(self, as_of: datetime) -> bool:
        """So old that the customers in it may well have moved since."""
        return as_of - self.simulation.until > KEEPS_FOR

    def is_for_others(self, heirs: Mapping[str, str]) -> bool:
        """Whether it has other stages for the people of those that vanish than these, slugs by slug."""
        return any(self.simulation.heirs.get(old) != heir for old, heir in heirs.items())

    @property
    def is_of_days(self) -> bool:
        return self.simulation.span == Span.DAYS

    @property
    def compares_history(self) -> bool:
        return self.simulation.span != Span.NOW

    @cached_property
    def _stages(self) -> dict[int, Stage]:
        return Stage.objects.filter(model=self.simulation.version.model_id).in_bulk()

    @cached_property
    def stages(self) -> list[StageLine]:
        """In the model's order. A stage that is gone for good is left out."""
        lines = [
            StageLine(self._stages[told["stage"]], **{name: told[name] for name in told if name != "stage"})
            for told in self.simulation.result.get("stages", ())
            if told["stage"] in self._stages
        ]
        return sorted(lines, key=lambda line: (line.stage.position, line.stage.pk))

    @property
    def changing(self) -> list[StageLine]:
        """The stages that somebody would enter or leave."""
        return [line for line in self.stages if line.entering or line.leaving]

    @cached_property
    def flows(self) -> list[FlowLine]:
        return [
            FlowLine(self._stages.get(flow["from"]), self._stages.get(flow["to"]), flow["customers"])
            for flow in self.simulation.result.get("flows", ())
        ]

    @property
    def drawing(self) -> FlowChart | None:
        """Those who would move, from left to right. None when there is but one flow to draw."""
        drawn = [flow for flow in self.flows if flow.from_stage and flow.to_stage][:MOST_DRAWN]
        if len(drawn) < 2:
            return None
        places = {line.stage.pk: place for place, line in enumerate(self.stages)}
        return {
            "stages": [{"name": str(line.stage), "slot": line.stage.colour} for line in self.stages],
            "periods": self.sides,
            "flows": [
                {"period": 0, "source": places[flow.from_stage.pk], "target": places[flow.to_stage.pk],
                 "value": flow.customers}
                for flow in drawn if flow.from_stage and flow.to_stage
            ],
            "unit": "count",
        }  # fmt: skip

    @property
    def sides(self) -> list[str]:
        """What is compared, as column heads."""
        return [_("Actual"), _("With this version")] if self.compares_history else [_("Now"), _("After")]

    @property
    def consequences(self) -> list[Consequence]:
        return [Consequence(**each) for each in self.simulation.result.get("consequences", ())]

    @cached_property
    def heirs(self) -> list[FlowLine]:
        """Where those go whose stage the version has no more, when no rule claims them."""
        by_slug = {stage.slug: stage for stage in self._stages.values()}
        return [
            FlowLine(by_slug[old], by_slug[new], 0)
            for old, new in self.simulation.heirs.items()
            if old in by_slug and new in by_slug
        ]

    @cached_property
    def affected(self) -> list[Affected]:
        """Up to 50, of every flow some, whom the reader may see."""
        chosen = self.simulation.result.get("examples", [])
        moves = self.simulation.moves.filter(customer__in=chosen).select_related("customer")
        if self.seen_by.is_restricted:
            moves = moves.filter(customer__in=Customer.objects.visible_to(self.seen_by))
        found = {move.customer_id: move for move in moves}
        rules = self._rules(list(found.values()))
        return [self._affected(found[customer], rules) for customer in chosen if customer in found]

    def _affected(self, move: SimulatedMove, rules: dict[int, tuple[str, str]]) -> Affected:
        gone = {line.from_stage.pk for line in self.heirs if line.from_stage}
        told = rules.get(move.rule_id or 0, ("", _unruled(move, gone)))
        from_stage = self._stages.get(move.from_stage_id or 0)
        return Affected(move, from_stage, self._stages[move.to_stage_id], *told)

    def _rules(self, moves: Sequence[SimulatedMove]) -> dict[int, tuple[str, str]]:
        """(name, sentence) by id: as they were when simulated, else as earlier versions have them."""
        kept: dict[str, dict[str, Any]] = self.simulation.rules
        told = {int(pk): (self._name(rule), self._in_words(rule["condition"])) for pk, rule in kept.items()}
        others = {move.rule_id for move in moves if move.rule_id and move.rule_id not in told}
        if others:
            for rule in Rule.objects.filter(pk__in=others).select_related("stage"):
                told[rule.pk] = (str(rule), self._in_words(rule.condition))
        return told

    def _in_words(self, condition: object) -> str:
        model = self.simulation.version.model
        return sentence_of(condition, KnownStages(model.slug, list(self._stages.values())))

    def _name(self, rule: dict[str, Any]) -> str:
        stage = self._stages.get(rule["stage"])
        return label_of(rule["labels"]) or (f"→ {stage}" if stage else "")


def _unruled(move: SimulatedMove, gone: set[int]) -> str:
    if move.cause == Cause.PERSON and move.from_stage_id in gone:
        return _("their stage is not part of this version, and no rule claims them")
    if move.cause == Cause.INITIAL:
        return _("first seen, and no rule would move them on")
    if move.cause == Cause.RULE:
        return _("by a rule that is gone")
    return _("moved by hand, and no rule would move them on")
