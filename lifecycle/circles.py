"""Models whose rules ask for one another's stages in a circle would move customers round for ever: it is refused."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clm.base.conditions import InvalidCondition, parse
from customers.conditions import InSegment
from customers.models import Segment
from lifecycle.conditions import InStage, WasInStage
from lifecycle.models import ComponentRule, LifecycleModel, ModelVersion, Rule, VersionStatus


@dataclass(frozen=True)
class Asked:
    """A model whose stages a tree asks for, and whether it does so by a segment."""

    model: str
    by_segment: bool


def models_asked(
    tree: object, *, by_segment: bool = False, seen: frozenset[str] = frozenset()
) -> Iterator[Asked]:
    try:
        conditions = parse(tree).conditions()
    except InvalidCondition:
        return
    for condition in conditions:
        if isinstance(condition, InStage | WasInStage):
            yield Asked(condition.model, by_segment)
        if isinstance(condition, InSegment) and condition.segment not in seen:
            segment = Segment.objects.filter(slug=condition.segment).first()
            if segment and segment.conditions:
                within = seen | {condition.segment}
                yield from models_asked(segment.conditions, by_segment=True, seen=within)


def circle_of(draft: ModelVersion) -> list[LifecycleModel]:
    """The models of a circle that publishing this version would close, from its own model back to it; else nothing.

    That rules ask for the present stage of their own model is no circle: the walk answers it. By a segment it is one.
    """
    own = draft.model.slug
    asks = _asks_of_others(own)
    mine = set(models_asked_by(_trees(draft)))
    asks[own] = {asked.model for asked in mine if asked.model != own or asked.by_segment}
    path = _path_back(own, asks)
    by_slug = {model.slug: model for model in LifecycleModel.objects.filter(slug__in=path)}
    return [by_slug[slug] for slug in path]


def models_asked_by(trees: Iterable[object]) -> Iterator[Asked]:
    for tree in trees:
        yield from models_asked(tree)


def _trees(version: ModelVersion) -> list[object]:
    rules, beside = version.rules.all(), version.component_rules.all()
    return [*(rule.condition for rule in rules), *(rule.condition for rule in beside)]


def _asks_of_others(own: str) -> dict[str, set[str]]:
    asks: dict[str, set[str]] = {}
    for kind in (Rule, ComponentRule):
        rows = kind.objects.filter(version__status=VersionStatus.PUBLISHED).exclude(version__model__slug=own)
        for slug, tree in rows.values_list("version__model__slug", "condition"):
            asks.setdefault(slug, set()).update(asked.model for asked in models_asked(tree))
    return asks


def _path_back(own: str, asks: dict[str, set[str]]) -> list[str]:
    """The shortest way from a model back to itself."""
    paths, seen = [[own]], set()
    while paths:
        path = paths.pop(0)
        for asked in sorted(asks.get(path[-1], ())):
            if asked == own:
                return [*path, own]
            if asked not in seen:
                seen.add(asked)
                paths.append([*path, asked])
    return []
