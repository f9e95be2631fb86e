from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Expression, ExpressionWrapper, QuerySet

from clm.accounts.models import Organisation
from clm.base.conditions import Asked, Condition, Leaving, Node, parse
from clm.base.conditions.leaving import each_once
from lifecycle.conditions.stages import own_of
from lifecycle.models import ModelVersion, Policy, Rule, Stage
from lifecycle.walking.fold import Stay, Target


@dataclass(frozen=True)
class CompiledRule:
    rule: Rule
    tree: Node


class Program:
    """A version's rules, ready to be asked in one statement over many customers or moments.

    Each distinct condition is asked once, in SQL; the rules are put together from the answers. Conditions on the
    model's own stages are answered by the walk itself, since they depend on where it has led so far.
    Without components where only the stages are asked about: one query less, and fewer conditions.
    """

    def __init__(self, version: ModelVersion, *, with_components: bool = True) -> None:
        self.version = version
        self.version_id = version.pk
        self.zone = ZoneInfo(Organisation.objects.current().zone)
        rules = version.rules.select_related("stage").order_by("priority", "pk")
        self.rules = [CompiledRule(rule, parse(rule.condition)) for rule in rules]
        beside = version.component_rules.order_by("component") if with_components else []
        self.components = [(rule.component_id, parse(rule.condition)) for rule in beside]
        trees = [*(rule.tree for rule in self.rules), *(tree for _component, tree in self.components)]
        distinct = dict.fromkeys(condition for tree in trees for condition in tree.conditions())
        self.own = own_of(distinct, version.model.slug)
        self.asked_in_sql = [asked for asked in distinct if asked not in self.own]
        self._holding: dict[str, list[Target]] = {}
        self._active: dict[str, frozenset[int]] = {}

    @cached_property
    def stage_slugs(self) -> dict[int, str]:
        return dict(Stage.objects.filter(model=self.version.model_id).values_list("pk", "slug"))

    @cached_property
    def edges_forbidden(self) -> frozenset[tuple[int, int]]:
        edges = self.version.edge_policies.filter(source="rule", policy=Policy.FORBIDDEN)
        return frozenset(edges.values_list("from_stage_id", "to_stage_id"))

    @cached_property
    def minimum_stays(self) -> dict[int, timedelta]:
        uses = self.version.stage_uses.filter(minimum_stay_days__gt=0)
        return {use.stage_id: timedelta(days=use.minimum_stay_days) for use in uses}

    def asked(
        self, *, as_of: datetime | str, customer: str = "pk", known_at: datetime | None = None
    ) -> Asked:
        return Asked(zone=self.zone.key, as_of=as_of, known_at=known_at, customer=customer)

    def questions(self, asked: Asked) -> dict[str, Expression]:
        """One boolean column per condition, in the order of the answers."""
        return {
            f"answer_{place}": ExpressionWrapper(condition.to_q(asked), BooleanField())
            for place, condition in enumerate(self.asked_in_sql)
        }

    def changes(self) -> list[QuerySet[Any, Any]]:
        """Instants at which an answer may change, besides `leavings`: querysets of (customer_id, at), each once."""
        queries = [
            query
            for condition in self.asked_in_sql
            for query in condition.changes(zone=self.zone.key, known_at=None)
        ]
        return each_once(queries)

    def leavings(self) -> list[Leaving]:
        return [leaving for condition in self.asked_in_sql for leaving in condition.leavings(known_at=None)]

    def holding(self, answers: str, stay: Stay, at: datetime) -> list[Target]:
        """The targets of the rules that hold, best first. `answers` has a "1" or "0" per condition asked."""
        if not self.own:
            if answers not in self._holding:
                self._holding[answers] = self._targets(self._truths(answers))
            return self._holding[answers]
        truths, slug = self._truths(answers), self.stage_slugs[stay.stage_id]
        own = {condition: condition.holds_in(slug, stay.entered_at, at, self.zone) for condition in self.own}
        return self._targets(truths | own)

    def _truths(self, answers: str) -> dict[Condition, bool]:
        return {
            condition: answer == "1" for condition, answer in zip(self.asked_in_sql, answers, strict=True)
        }

    def _targets(self, truths: dict[Condition, bool]) -> list[Target]:
        return [
            Target(compiled.rule.stage_id, compiled.rule.pk, self.version_id)
            for compiled in self.rules
            if compiled.tree.holds(truths)
        ]

    def active(self, answers: str) -> frozenset[int]:
        """The components whose condition holds."""
        if answers not in self._active:
            truths = self._truths(answers)
            holding = (component for component, tree in self.components if tree.holds(truths))
            self._active[answers] = frozenset(holding)
        return self._active[answers]

    def due_by_stay(self, stay: Stay) -> Sequence[datetime]:
        """When rules that ask for days in stages of their own model may decide otherwise."""
        if not self.own:
            return ()
        slug = self.stage_slugs[stay.stage_id]
        dues = (condition.due_in(slug, stay.entered_at, self.zone) for condition in self.own)
        return [due for due in dues if due is not None]

    def redefined_at(self) -> datetime | None:
        """When what its conditions rest on, besides facts, last changed."""
        changed = (condition.redefined_at() for condition in self.asked_in_sql)
        return max(filter(None, changed), default=None)
