"""What differs between two blueprints, in words: of two versions, of a draft and what is in force, of a file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clm.base.conditions import InvalidCondition, parse
from lifecycle.conditions import KnownStages
from lifecycle.designing.blueprint import Blueprint, MovePlan, RulePlan, StagePlan, by_slug, keyed
from lifecycle.models import Cause, Policy, Stage
from lifecycle.models.labels import Labels


@dataclass(frozen=True)
class Change:
    """One difference in words; `before` or `after` is empty for what is new or gone. `stage` gives name and colour."""

    name: str
    before: str
    after: str
    stage: StagePlan | None = None

    def __str__(self) -> str:
        if not self.before:
            return _("%(name)s, new: %(after)s") % {"name": self.name, "after": self.after}
        if not self.after:
            return _("%(name)s, gone: %(before)s") % {"name": self.name, "before": self.before}
        return f"{self.name}: {self.before} → {self.after}"


def difference(before: Blueprint, after: Blueprint) -> list[Change]:
    """Rules first, then stages, components and moves.

    Rules are matched by key; those without one, and those of versions that are not copies of one another, by name or test.
    """
    if not all(rule.key for rule in before.rules):
        before, after = _numbered(before), _without_keys(after)
    after = keyed(after, before)
    return [
        *_model(before, after),
        *_rules(before, after),
        *_stages(before, after),
        *_components(before, after),
        *_moves(before, after),
    ]


def _numbered(plan: Blueprint) -> Blueprint:
    rules = enumerate(plan.rules, start=1)
    return replace(plan, rules=tuple(replace(rule, key=place) for place, rule in rules))


def _without_keys(plan: Blueprint) -> Blueprint:
    return replace(plan, rules=tuple(replace(rule, key=0) for rule in plan.rules))


def _model(before: Blueprint, after: Blueprint) -> Iterator[Change]:
    yield from _texts(_("Name of the model"), before.labels, after.labels)
    yield from _texts(_("Description of the model"), before.description, after.description)


def _texts(name: str, before: Labels, after: Labels, stage: StagePlan | None = None) -> Iterator[Change]:
    for language in sorted({*before, *after}):
        was, now = before.get(language, ""), after.get(language, "")
        if was != now:
            named = _("%(name)s (%(language)s)") % {"name": name, "language": language}
            yield Change(named, was, now, stage)


def _rules(before: Blueprint, after: Blueprint) -> Iterator[Change]:
    was = {rule.key: rule for rule in before.rules}
    now = {rule.key for rule in after.rules}
    for rule in after.rules:
        stage, name = after.stage(rule.stage), after.rule_name(rule)
        if rule.key not in was:
            yield Change(_("Rule “%(rule)s”") % {"rule": name}, "", sentence_in(after, rule.condition), stage)
        else:
            yield from _rule(before, was[rule.key], after, rule)
    for rule in before.rules:
        if rule.key not in now:
            name = _("Rule “%(rule)s”") % {"rule": before.rule_name(rule)}
            yield Change(name, sentence_in(before, rule.condition), "", before.stage(rule.stage))
    yield from _order(
        _("Order of the rules"),
        [before.rule_name(rule) for rule in before.rules if rule.key in now],
        [after.rule_name(rule) for rule in after.rules if rule.key in was],
        same=[rule.key for rule in before.rules if rule.key in now]
        == [rule.key for rule in after.rules if rule.key in was],
    )


def _rule(before: Blueprint, was: RulePlan, after: Blueprint, rule: RulePlan) -> Iterator[Change]:
    stage, name = after.stage(rule.stage), after.rule_name(rule)
    if was.condition != rule.condition:
        tests = sentence_in(before, was.condition), sentence_in(after, rule.condition)
        yield Change(name, *tests, stage)
    if was.stage != rule.stage:
        names = str(before.stage(was.stage) or was.stage), str(stage or rule.stage)
        yield Change(_("Stage that “%(rule)s” leads to") % {"rule": name}, *names, stage)
    yield from _texts(_("Name of the rule “%(rule)s”") % {"rule": name}, was.labels, rule.labels, stage)


def sentence_of(condition: object, known: KnownStages | None = None) -> str:
    """A stored condition in words; what is wrong with it, when it can't be read any more."""
    try:
        tree = parse(condition)
    except InvalidCondition as error:
        return str(error)
    if known:
        known.name_in(tree)
    return tree.sentence()


def sentence_in(plan: Blueprint, condition: object) -> str:
    """The same of what a plan says: it knows its own stages, also new ones."""
    stages = [Stage(slug=one.slug, labels=one.labels) for one in plan.stages]
    return sentence_of(condition, KnownStages(plan.slug, stages))


def _order(name: str, before: list[str], after: list[str], *, same: bool) -> Iterator[Change]:
    if not same:
        yield Change(name, ", ".join(before), ", ".join(after))


def _stages(before: Blueprint, after: Blueprint) -> Iterator[Change]:
    was, now = by_slug(before.stages), by_slug(after.stages)
    for slug, stage in now.items():
        if slug not in was:
            yield Change(_("Stage"), "", str(stage), stage)
        else:
            yield from _stage(was[slug], stage)
    for slug, stage in was.items():
        if slug not in now:
            yield Change(_("Stage"), str(stage), "", stage)
    shared = [slug for slug in was if slug in now], [slug for slug in now if slug in was]
    yield from _order(
        _("Order of the stages"),
        [str(was[slug]) for slug in shared[0]],
        [str(now[slug]) for slug in shared[1]],
        same=shared[0] == shared[1],
    )


def _stage(was: StagePlan, now: StagePlan) -> Iterator[Change]:
    yield from _texts(_("Name of %(stage)s") % {"stage": was}, was.labels, now.labels, now)
    named = {"stage": now}
    if (was.kind, was.other_kinds) != (now.kind, now.other_kinds):
        yield Change(_("What %(stage)s stands for") % named, was.kinds_in_words, now.kinds_in_words, now)
    if was.minimum_stay != now.minimum_stay:
        days = in_days(was.minimum_stay), in_days(now.minimum_stay)
        yield Change(_("Minimum stay in %(stage)s") % named, *days, now)
    if now.is_initial and not was.is_initial:
        yield Change(_("First stage"), _("another stage"), str(now), now)
    if (was.colour, was.icon) != (now.colour, now.icon):
        looks = (
            _("colour %(number)s") % {"number": was.colour},
            _("colour %(number)s") % {"number": now.colour},
        )
        yield Change(_("Look of %(stage)s") % named, *looks, now)


def in_days(days: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days} if days else _("none")


def _components(before: Blueprint, after: Blueprint) -> Iterator[Change]:
    was = {one.slug: one for one in before.components}
    now = {one.slug: one for one in after.components}
    for slug in [*now, *(slug for slug in was if slug not in now)]:
        one, other = was.get(slug), now.get(slug)
        name = _("Beside the stages: %(component)s") % {"component": other or one}
        tests = sentence_of(one.condition) if one else "", sentence_of(other.condition) if other else ""
        if not (one and other) or one.condition != other.condition:
            yield Change(name, *tests)
        if one and other:
            yield from _texts(name, one.labels, other.labels)
    shared = [slug for slug in was if slug in now], [slug for slug in now if slug in was]
    names = [[str(was[slug]) for slug in shared[0]], [str(now[slug]) for slug in shared[1]]]
    yield from _order(_("Order beside the stages"), *names, same=shared[0] == shared[1])


def _moves(before: Blueprint, after: Blueprint) -> Iterator[Change]:
    was = {move.edge: move for move in before.moves}
    now = {move.edge: move for move in after.moves}
    for edge in sorted({*was, *now}):
        one, other = was.get(edge), now.get(edge)
        if (one and one.policy) != (other and other.policy):
            plan = after if after.stage(edge[0]) and after.stage(edge[1]) else before
            words = {
                "from": plan.stage(edge[0]) or edge[0],
                "to": plan.stage(edge[1]) or edge[1],
                "source": source_label(edge[2]),
            }
            name = _("Move from %(from)s to %(to)s by %(source)s") % words
            yield Change(name, policy_label(one), policy_label(other), plan.stage(edge[1]))


def policy_label(move: MovePlan | None) -> str:
    return str(Policy(move.policy).label) if move else _("Allowed")


def source_label(source: str) -> str:
    return str(Cause(source).label)
