"""A model as its page tells it: stages with their customers, rules in words, versions, exceptions."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Count, Func, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, JSONObject
from django.utils.translation import gettext as _

from clm.accounts.models import Job, User
from customers.models import Customer
from lifecycle.conditions import KnownStages
from lifecycle.designing.versions import Versions
from lifecycle.drafting import sentence_of
from lifecycle.models import (
    ComponentRule,
    CurrentStage,
    EdgePolicy,
    LifecycleModel,
    ModelVersion,
    Rule,
    Stage,
    VersionStage,
)
from lifecycle.sourcing import Sourced, Sources
from lifecycle.walking.everybody import walks_of


@dataclass(frozen=True)
class StageLine:
    """`sourced` says whether there are facts for its rules; of a stage without rules that is left open."""

    use: VersionStage
    customers: int
    sourced: Sourced | None

    @property
    def stage(self) -> Stage:
        return self.use.stage


@dataclass(frozen=True)
class RuleLine:
    place: int
    rule: Rule
    sentence: str


@dataclass(frozen=True)
class ComponentLine:
    name: str
    sentence: str
    sourced: Sourced


@dataclass(frozen=True)
class Description:
    """`everybody`: how many customers there are, in a stage or not; one or none where that was not to be counted."""

    version: ModelVersion
    stages: list[StageLine]
    rules: list[RuleLine]
    edges: list[EdgePolicy]
    components: list[ComponentLine]
    everybody: int = 0

    @property
    def customers(self) -> int:
        return sum(line.customers for line in self.stages)


def describe(version: ModelVersion, *, seen_by: User, count_all: bool = False) -> Description:
    """With the customers that the user may see, as they are now. At most five queries."""
    counts, everybody = _counts(version.model, seen_by, count_all=count_all)
    uses = list(_with_exceptions(version).select_related("stage"))
    rules = list(version.rules.select_related("stage").order_by("priority", "pk"))
    components = _components(version)
    known = KnownStages(version.model.slug, [use.stage for use in uses])
    sources = Sources([*(rule.condition for rule in rules), *(rule.condition for rule in components)])
    return Description(
        version,
        [StageLine(use, counts.get(use.stage_id, 0), _sourced(use, rules, sources)) for use in uses],
        [
            RuleLine(place, rule, sentence_of(rule.condition, known))
            for place, rule in enumerate(rules, start=1)
        ],
        _exceptions(uses),
        [
            ComponentLine(str(rule), sentence_of(rule.condition), sources.of([rule.condition]))
            for rule in components
        ],
        everybody,
    )


def _with_exceptions(version: ModelVersion) -> QuerySet[VersionStage]:
    """The stages in use, each with the exceptions for moves from it; without, where the version has none."""
    if not getattr(version, "has_exceptions", True):
        return version.stage_uses.all()
    leaving = EdgePolicy.objects.filter(version=OuterRef("version"), from_stage=OuterRef("stage"))
    each = JSONObject(to="to_stage", source="source", policy="policy")
    return version.stage_uses.annotate(exceptions=ArraySubquery(leaving.order_by("pk").values(each=each)))


def _exceptions(uses: list[VersionStage]) -> list[EdgePolicy]:
    stages = {use.stage_id: use.stage for use in uses}
    return [
        EdgePolicy(
            from_stage=use.stage, to_stage=stages[each["to"]], source=each["source"], policy=each["policy"]
        )
        for use in uses
        for each in getattr(use, "exceptions", [])
        if each["to"] in stages
    ]


def _components(version: ModelVersion) -> list[ComponentRule]:
    """No query where the version was read with the word that it has none."""
    if not getattr(version, "has_components", True):
        return []
    return list(version.component_rules.select_related("component").order_by("component__position"))


def _sourced(use: VersionStage, rules: list[Rule], sources: Sources) -> Sourced | None:
    leading = [rule.condition for rule in rules if rule.stage_id == use.stage_id]
    return sources.of(leading) if leading else None


def customers_by_stage(model: LifecycleModel, *, seen_by: User) -> dict[int, int]:
    return dict(_current(model, seen_by).values_list("stage_id").annotate(n=Count("pk")))


def _counts(model: LifecycleModel, seen_by: User, *, count_all: bool) -> tuple[dict[int, int], int]:
    """Customers by stage, and how many there are at all, or whether there is any. One query."""
    by_stage = _current(model, seen_by).values_list("stage_id").annotate(n=Count("pk"))
    nowhere = Cast(Value(None), BigIntegerField())
    present = Customer.objects.visible_to(seen_by).present().order_by()
    if count_all:
        everybody = present.values_list(nowhere, Func("pk", function="count"))
    else:
        everybody = present.values_list(nowhere, Value(1))[:1]
    counts = dict(by_stage.union(everybody, all=True))
    return counts, counts.pop(None, 0)


def _current(model: LifecycleModel, seen_by: User) -> QuerySet[CurrentStage]:
    current = CurrentStage.objects.filter(model=model)
    if not seen_by.is_restricted:
        return current
    return current.filter(customer__in=Customer.objects.visible_to(seen_by))


@dataclass(frozen=True)
class HistoryState:
    """Whether somebody is working out the history, and how long it took the last time."""

    running: Job | None
    last: Job | None

    @property
    def took(self) -> timedelta | None:
        last = self.last
        return last.finished_at - last.started_at if last and last.finished_at and last.started_at else None

    @property
    def took_text(self) -> str:
        seconds = self.took.total_seconds() if self.took else 0
        if seconds < 60:
            return _("%(seconds)s s") % {"seconds": round(seconds, 1)}
        return _("%(minutes)d min %(seconds)d s") % {"minutes": seconds // 60, "seconds": seconds % 60}

    @property
    def is_replay(self) -> bool:
        return self.running is not None and self.running.kind == "lifecycle.replay"


LOOKED_AT = 20


def history_state(versions: Versions) -> HistoryState:
    jobs = list(walks_of(versions.all)[:LOOKED_AT])
    return HistoryState(
        next((job for job in jobs if job.is_open), None),
        next(
            (job for job in jobs if job.kind == "lifecycle.replay" and not job.is_open),
            None,
        ),
    )
