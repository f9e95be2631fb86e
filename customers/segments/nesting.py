"""Segments within segments: no circles, no depth without end, nothing private below something shared."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from clm.accounts.models import User
from clm.base.conditions import Condition, InvalidCondition, Node, misfits_of, parse, refuse_misfits, vet
from customers.conditions.profile import FieldIs
from customers.conditions.segments import InSegment
from customers.custom_fields.known import hidden_from
from customers.models import Segment
from customers.models.custom_field import PREFIX
from customers.profile_choices import field_label

MOST_NESTED = 5
MOST_TESTS = 200
# What higher apps know of circles that lead through them. Each raises InvalidCondition.
_refusals: list[Callable[[Segment, Node], None]] = []


def refuse_also(refusal: Callable[[Segment, Node], None]) -> None:
    _refusals.append(refusal)


def named_in(tree: Node) -> list[str]:
    """The slugs of the segments that a tree asks for, directly."""
    return list(dict.fromkeys(one.segment for one in tree.conditions() if isinstance(one, InSegment)))


def refuse_hidden(tree: Node, user: User | None) -> None:
    """Also how many are in a segment that one does not see, and who, is not for guessing. Raises InvalidCondition."""
    hidden = _hidden_from(tree, user)
    for one in tree.conditions():
        for _name, reason in hidden(one):
            raise InvalidCondition(reason)


def vet_for(tree: Any, user: User | None) -> Node:
    """`vet`, for somebody who asks it now: what they do not see is no name either. Raises InvalidCondition."""
    node = parse(tree)
    hidden = _hidden_from(node, user)
    refuse_misfits(tree, node, lambda one: [*hidden(one)] or misfits_of(one))
    return node


def _hidden_from(tree: Node, user: User | None) -> Callable[[Condition], Iterator[tuple[str, str]]]:
    """(parameter, reason) of what a test of the tree names and the user does not see. One query where segments are named."""
    fields = {f"{PREFIX}{key}" for key in hidden_from(user)} if user else set()
    visible = Segment.objects.visible_to(user) if user else Segment.objects.filter(is_shared=True)
    named = named_in(tree)
    seen = set(visible.filter(slug__in=named).values_list("slug", flat=True)) if named else set()

    def hidden(one: Condition) -> Iterator[tuple[str, str]]:
        if isinstance(one, InSegment) and one.segment not in seen:
            yield "segment", _there_is_none(one.segment)
        if isinstance(one, FieldIs) and one.field in fields:
            reason = _("The field “%(field)s” is not for you to ask.")
            yield "field", reason % {"field": field_label(one.field)}

    return hidden


def _there_is_none(slug: str) -> str:
    return _("There is no segment “%(slug)s”. Choose one that exists.") % {"slug": slug}


def check(conditions: Any, *, of: Segment | None = None) -> Node:
    """The tree, once it is sure that it can be asked. `of`: the segment that is to have these conditions.

    Raises InvalidCondition, which names the segments. Lock the segments before, so that two people who save at
    once don't close a circle together.
    """
    tree = vet(conditions)
    _Web(of, tree).check()
    if of:  # on a new one nothing rests yet
        for refuse in _refusals:
            refuse(of, tree)
    return tree


class _Web:
    """The dynamic segments as they are, with the one in question as it would be."""

    def __init__(self, of: Segment | None, tree: Node) -> None:
        self.slug, self.tree = of.slug if of else "", tree
        self.segments = {segment.slug: segment for segment in Segment.objects.all()}
        self.trees: dict[str, Node] = {self.slug: tree}

    def check(self) -> None:
        for slug in named_in(self.tree):
            if slug not in self.segments:
                raise InvalidCondition(_there_is_none(slug))
            if not self.segments[slug].is_shared:
                raise InvalidCondition(
                    _("“%(segment)s” is private. Open it to everybody before others rest on it.")
                    % {"segment": slug}  # whoever guessed it does not learn its name
                )
        self._walk(self.slug, [])
        for slug in (self.slug, *self._resting_on(self.slug)):
            self._check_size(slug)

    def _tree(self, slug: str) -> Node | None:
        if slug not in self.trees:
            segment = self.segments.get(slug)
            if segment is None or not segment.is_dynamic:
                return None
            self.trees[slug] = segment.tree
        return self.trees[slug]

    def _inner(self, slug: str) -> list[str]:
        tree = self._tree(slug)
        return named_in(tree) if tree else []

    def _walk(self, slug: str, path: list[str]) -> None:
        if slug in path:
            self._refuse_circle([*path[path.index(slug) :], slug])
        if len(path) >= MOST_NESTED:
            names = self._named([*path, slug])
            raise InvalidCondition(
                _("Segments rest on one another more than %(most)s deep: %(path)s. Take one out.")
                % {"most": MOST_NESTED, "path": names}
            )
        for inner in self._inner(slug):
            self._walk(inner, [*path, slug])

    def _refuse_circle(self, circle: list[str]) -> None:
        if len(circle) == 2:
            raise InvalidCondition(
                _("A segment can't rest on itself. Take “%(segment)s” out.")
                % {"segment": self._name(circle[0])}
            )
        raise InvalidCondition(
            _("These segments would rest on one another in a circle: %(path)s. Take one out.")
            % {"path": self._named(circle)}
        )

    def _resting_on(self, slug: str) -> Iterator[str]:
        """Segments whose conditions lead to this one, at whatever distance."""
        return (
            (other for other in self.segments if other != slug and slug in self._reached(other))
            if slug
            else iter(())
        )

    def _reached(self, slug: str) -> set[str]:
        found: set[str] = set()
        waiting = [slug]
        while waiting:
            inner = set(self._inner(waiting.pop())) - found
            found |= inner
            waiting += inner
        return found

    def _check_size(self, slug: str) -> None:
        tests = self._tests(slug)
        if tests > MOST_TESTS:
            raise InvalidCondition(
                _("With the segments in it “%(segment)s” has %(tests)s tests; at most %(most)s can be asked.")
                % {"segment": self._name(slug), "tests": tests, "most": MOST_TESTS}
            )

    def _tests(self, slug: str) -> int:
        tree = self._tree(slug)
        if tree is None:
            return 1
        asked = [leaf.condition for leaf in tree.leaves()]
        return sum(self._tests(one.segment) if isinstance(one, InSegment) else 1 for one in asked)

    def _named(self, slugs: list[str]) -> str:
        return " → ".join(f"“{self._name(slug)}”" for slug in slugs)

    def _name(self, slug: str) -> str:
        return str(self.segments[slug]) if slug in self.segments else _("this segment")
