"""From tallies to the rows of an answer: every stage, channel, country, month or cohort has its line, zeros too."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import islice

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clm.base.days import day_of
from metrics import stage_rows
from metrics.answer import Row
from metrics.formulas import activity, cohorts
from metrics.formulas.acquisition import UNALLOCATED
from metrics.names import Names
from metrics.question import UNATTRIBUTED, Asked
from metrics.result import Result
from metrics.tally import Tally

NO_STAGE = "none"
UNKNOWN = "unknown"


def rows_of(asked: Asked, tallies: list[Tally], names: Names) -> list[Row]:
    makers = {
        "groups": _parts,
        "kinds": _kinds,
        "flow": _flow,
        "cohorts": _cohorts,
        "pairs": stage_rows.pairs,
        "curve": stage_rows.curve,
        "exits": stage_rows.exits,
    }
    return list(makers[asked.definition.shape](asked, tallies, names))


def _parts(asked: Asked, tallies: list[Tally], names: Names) -> Iterator[Row]:
    by = {"stage": _stages, "channel": _channels, "country": _countries, "month": _months}
    if asked.question.breakdown:
        yield from by[asked.question.breakdown](asked, tallies, names)


def _kinds(asked: Asked, tallies: list[Tally], names: Names) -> Iterator[Row]:
    """A row for each kind of buyer, of the whole or of each part."""
    whole = Row({}, (), total_of(asked, tallies))
    for part in _parts(asked, tallies, names) if asked.question.breakdown else [whole]:
        for kind, label in activity.KINDS.items():
            result = part.result and activity.of_kind(part.result, kind)
            yield replace(
                part, keys=part.keys | {"kind": kind}, labels=(*part.labels, str(label)), result=result
            )


def total_of(asked: Asked, tallies: list[Tally]) -> Result:
    """Of the last span: the only one, but in a series. Months are asked for a total of their own."""
    if asked.definition.shape == "cohorts":
        return asked.definition.read(asked, _next_month(asked, tallies))
    last = len(asked.spans) - 1
    found = next((tally for tally in tallies if tally.total and tally.span == last), Tally(span=last))
    return asked.definition.read(asked, found)


def _next_month(asked: Asked, tallies: list[Tally]) -> Tally:
    """One number for all cohorts: who came back in the month after."""
    last = cohorts.month_number(day_of(asked.as_of, asked.setting.organisation.tz))
    return next(islice(_by_age(asked, _cells(tallies), last), 1, None), Tally())


def series_of(asked: Asked, tallies: list[Tally]) -> list[Result]:
    found = {tally.span: tally for tally in tallies if tally.total}
    return [
        asked.definition.read(asked, found.get(span, Tally(span=span))) for span in range(len(asked.spans))
    ]


def _groups(tallies: list[Tally]) -> dict[str | None, Tally]:
    return {tally.key: tally for tally in tallies if not tally.total}


def _stages(asked: Asked, tallies: list[Tally], names: Names) -> Iterator[Row]:
    found = _groups(tallies)
    for stage in names.stages:
        tally = found.get(str(stage.pk), Tally(key=str(stage.pk), total=False))
        yield Row({"stage": stage.slug}, (str(stage),), asked.definition.read(asked, tally), stage.colour)
    if None in found:
        yield Row({"stage": NO_STAGE}, (_("No stage"),), asked.definition.read(asked, found[None]), 0)


def _channels(asked: Asked, tallies: list[Tally], names: Names) -> Iterator[Row]:
    found = _groups(tallies)
    for channel in names.channels:
        if tally := found.get(str(channel.pk)):
            yield Row({"channel": channel.slug}, (channel.name,), asked.definition.read(asked, tally))
    rest = {None: _("Unattributed"), UNATTRIBUTED: _("Unattributed"), UNALLOCATED: _("Unallocated")}
    for key, label in rest.items():
        if tally := found.get(key):
            yield Row({"channel": key or UNATTRIBUTED}, (label,), asked.definition.read(asked, tally))


def _countries(asked: Asked, tallies: list[Tally], names: Names) -> Iterator[Row]:
    found = _groups(tallies)
    for code in sorted(found, key=lambda code: (code is None, names.country(code or ""))):
        result = asked.definition.read(asked, found[code])
        yield Row({"country": code or UNKNOWN}, (names.country(code or ""),), result)


def _months(asked: Asked, tallies: list[Tally], names: Names) -> Iterator[Row]:
    zone = asked.setting.organisation.tz
    for edge, result in zip(asked.spans.edges, series_of(asked, tallies), strict=False):
        month = edge.astimezone(zone).date()
        yield Row({"month": f"{month:%Y-%m}"}, (date_format(month, "M Y"),), result)


def _flow(asked: Asked, tallies: list[Tally], names: Names) -> Iterator[Row]:
    found, order = _groups(tallies), ["", *names.stage_by_id]
    for source in order:
        for target in order:
            if tally := found.get(f"{source}>{target}"):
                labels = tuple(
                    str(names.stage_by_id[key]) if key else _("Not there yet") for key in (source, target)
                )
                slugs = [names.stage_by_id[key].slug if key else "" for key in (source, target)]
                flag = _direction(asked, names, source, target)
                yield Row(
                    {"from": slugs[0], "to": slugs[1]}, labels, asked.definition.read(asked, tally), flag=flag
                )


def _direction(asked: Asked, names: Names, source: str, target: str) -> str:
    """As of a pair of stages; new, gone; nothing for the next stage."""
    if not source or not target:
        return "gone" if source else "new"
    found = stage_rows.direction(asked, names, names.stage_by_id[source], names.stage_by_id[target])
    return "" if found == "next" else found


def _cohorts(asked: Asked, tallies: list[Tally], names: Names) -> Iterator[Row]:
    """A row for each cell; age 0 is the month of the first purchase. Last comes the average by age."""
    last = cohorts.month_number(day_of(asked.as_of, asked.setting.organisation.tz))
    cells = _cells(tallies)
    ends = {number: cohorts.is_over(cohorts.month_of(number), asked) for number in _until(asked, last)}
    for month in cohorts.cohort_months(asked):
        cohort, name, label = cohorts.month_number(month), f"{month:%Y-%m}", date_format(month, "M Y")
        for age in range(last - cohort + 1):
            result = asked.definition.read(asked, _cell(cells, cohort, age)) if ends[cohort + age] else None
            yield Row({"cohort": name, "age": str(age)}, (label, str(age)), result)
    for age, tally in enumerate(_by_age(asked, cells, last)):
        if tally.denominator:
            result = asked.definition.read(asked, tally)
            yield Row({"cohort": "all", "age": str(age)}, (_("Average"), str(age)), result)


Cells = dict[str | None, Decimal]


def _until(asked: Asked, last: int) -> range:
    return range(cohorts.month_number(cohorts.cohort_months(asked)[0]), last + 1)


def _cells(tallies: list[Tally]) -> Cells:
    return {tally.key: tally.numerator for tally in tallies if not tally.total}


def _cell(cells: Cells, cohort: int, age: int) -> Tally:
    size = cells.get(f"{cohort}:{cohorts.SIZE}", Decimal(0))
    return Tally(numerator=cells.get(f"{cohort}:{age}", Decimal(0)), denominator=size)


def _by_age(asked: Asked, cells: Cells, last: int) -> Iterator[Tally]:
    """Over the cohorts whose month of that age is over: numbers are added up, not shares."""
    born = [cohorts.month_number(month) for month in cohorts.cohort_months(asked)]
    over_until = max(
        (number for number in _until(asked, last) if cohorts.is_over(cohorts.month_of(number), asked)),
        default=-1,
    )
    for age in range(last - born[0] + 1):
        over = [one for one in born if one + age <= over_until]
        found = [_cell(cells, cohort, age) for cohort in over]
        yield Tally(
            numerator=sum((cell.numerator for cell in found), Decimal(0)),
            denominator=sum((cell.denominator for cell in found), Decimal(0)),
        )
