"""Models and segments that ask for one another in a circle would move customers round for ever: it is refused.

A model asks for the stages of another, or for a segment, in its rules; a segment for stages or segments in its conditions.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from clm.base.conditions import InvalidCondition, Node, parse
from customers.conditions import InSegment
from customers.models import Segment
from customers.segments import nesting
from lifecycle.conditions import InStage, WasInStage
from lifecycle.models import ComponentRule, LifecycleModel, ModelVersion, Rule, VersionStatus

MODEL, SEGMENT = "model", "segment"


class Asked(NamedTuple):
    kind: str
    slug: str


def circle_of(draft: ModelVersion) -> list[str]:
    """The names on the circle that publishing this version would close, from its model back to it; else nothing.

    That rules ask for the present stage of their own model is no circle: the walk answers it. By a segment it is one.
    """
    own = Asked(MODEL, draft.model.slug)
    beside = (rule.condition for rule in draft.component_rules.all())
    trees = [*(rule.condition for rule in draft.rules.all()), *beside]
    return _circle(own, asked_by(trees) - {own})


def refuse_circle(segment: Segment, tree: Node) -> None:
    """Raises InvalidCondition when the segment with these conditions would rest on itself by a model's stages."""
    found = _circle(Asked(SEGMENT, segment.slug), _asked(tree))
    if found:
        raise InvalidCondition(
            _(
                "This segment and rules of a lifecycle model would ask for one another in a circle: %(circle)s. Take such a test out of one of them."
            )
            % {"circle": " → ".join(found)}
        )


def asked_by(trees: Iterable[object]) -> set[Asked]:
    found: set[Asked] = set()
    for tree in trees:
        try:
            found |= _asked(parse(tree))
        except InvalidCondition:
            continue
    return found


def _asked(tree: Node) -> set[Asked]:
    conditions = list(tree.conditions())
    models = {Asked(MODEL, one.model) for one in conditions if isinstance(one, InStage | WasInStage)}
    return models | {Asked(SEGMENT, one.segment) for one in conditions if isinstance(one, InSegment)}


def _circle(own: Asked, asked: set[Asked]) -> list[str]:
    path = _path_back(own, _asks_of_all() | {own: asked}) if asked else []
    names = _names(path)
    return [names[each] for each in path]


def _asks_of_all() -> dict[Asked, set[Asked]]:
    asks: dict[Asked, set[Asked]] = {}
    for kind in (Rule, ComponentRule):
        rows = kind.objects.filter(version__status=VersionStatus.PUBLISHED)
        for slug, tree in rows.values_list("version__model__slug", "condition"):
            asks.setdefault(Asked(MODEL, slug), set()).update(asked_by([tree]))
    for slug, tree in Segment.objects.dynamic().values_list("slug", "conditions"):
        asks[Asked(SEGMENT, slug)] = asked_by([tree])
    return asks


def _path_back(own: Asked, asks: dict[Asked, set[Asked]]) -> list[Asked]:
    """The shortest way back to itself."""
    paths, seen = [[own]], set[Asked]()
    while paths:
        path = paths.pop(0)
        for asked in sorted(asks.get(path[-1], ())):
            if asked == own:
                return [*path, own]
            if asked not in seen:
                seen.add(asked)
                paths.append([*path, asked])
    return []


def _names(path: list[Asked]) -> dict[Asked, str]:
    slugs = {asked.slug for asked in path}
    models = LifecycleModel.objects.filter(slug__in=slugs) if slugs else ()
    segments = Segment.objects.filter(slug__in=slugs) if slugs else ()
    names = {Asked(MODEL, model.slug): str(model) for model in models}
    return names | {
        Asked(SEGMENT, one.slug): _("the segment “%(segment)s”") % {"segment": one} for one in segments
    }


nesting.refuse_also(refuse_circle)
