"""Rows of answers about stays: pairs of stages, the days of a curve, the days of each way out."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lifecycle.models import Kind, Stage
from metrics import survival
from metrics.answer import Row
from metrics.formulas.staying import share, still_there
from metrics.names import Names
from metrics.question import Asked
from metrics.result import Result
from metrics.tally import Tally

GONE = "none"
LAST = Decimal(100_000)
DIRECTIONS = {
    "next": gettext_lazy("next stage"),
    "stay": gettext_lazy("stays"),
    "new": gettext_lazy("new"),
    "gone": gettext_lazy("gone"),
    "skip": gettext_lazy("skips"),
    "return": gettext_lazy("comes back"),
    "churn": gettext_lazy("churns"),
}


def stage_asked(asked: Asked, names: Names) -> Stage:
    return asked.question.stage or names.first(asked.as_of)


def pairs(asked: Asked, tallies: list[Tally], names: Names) -> Iterator[Row]:
    found = {tally.key: tally for tally in tallies if not tally.total}
    for source in names.stages:
        for target in names.stages:
            if tally := found.get(f"{source.pk}>{target.pk}"):
                keys = {"from": source.slug, "to": target.slug}
                result = asked.definition.read(asked, tally)
                yield Row(
                    keys, (str(source), str(target)), result, flag=direction(asked, names, source, target)
                )


def direction(asked: Asked, names: Names, before: Stage, after: Stage) -> str:
    """stay, churn, skip (a stage passed over), return (an earlier stage, or back from churned), next."""
    if before == after:
        return "stay"
    places = names.places(asked.as_of)
    here, there = places[before.pk], places[after.pk]
    if there.kind == Kind.CHURNED:
        return "churn"
    if here.kind == Kind.CHURNED or there.place < here.place:
        return "return"
    between = (one for one in places.values() if one.in_use and one.kind != Kind.CHURNED)
    return "skip" if any(here.place < one.place < there.place for one in between) else "next"


def curve(asked: Asked, tallies: list[Tally], names: Names) -> Iterator[Row]:
    tally = next(iter(tallies), Tally())
    stage = stage_asked(asked, names)
    steps = survival.curve(tally.exits)
    if steps and steps[0].day > 0:
        yield _on_day(stage, 0, still_there(None, tally.n))
    for step in steps:
        yield _on_day(stage, step.day, still_there(step, step.at_risk))


def _on_day(stage: Stage, day: int, result: Result) -> Row:
    return Row({"stage": stage.slug, "day": str(day)}, (str(stage), days_in_words(day)), result)


def exits(asked: Asked, tallies: list[Tally], names: Names) -> Iterator[Row]:
    tally = next(iter(tallies), Tally())
    stage, by_id = stage_asked(asked, names), names.stage_by_id
    steps = survival.curve(tally.exits)
    for way in sorted(steps[-1].gone if steps else (), key=lambda way: _place(asked, names, by_id.get(way))):
        target, before = by_id.get(way), 0.0
        for step in steps:
            if step.gone[way] != before or step is steps[-1]:
                keys = {"stage": stage.slug, "to": target.slug if target else GONE, "day": str(step.day)}
                labels = (str(stage), str(target or _("No stage")), days_in_words(step.day))
                flag = direction(asked, names, stage, target) if target else "gone"
                yield Row(keys, labels, share(step.gone[way], step.at_risk), flag=flag)
            before = step.gone[way]


def _place(asked: Asked, names: Names, stage: Stage | None) -> Decimal:
    return names.places(asked.as_of)[stage.pk].place if stage else LAST


def days_in_words(days: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
