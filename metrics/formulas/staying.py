"""How long customers stay in a stage, and where they go from there (`metrics.survival`).

The database counts stays by whole days and by where they led; the curves are folded from these counts.
"""

from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics import survival
from metrics.definition import Definition
from metrics.formulas.marks import finished
from metrics.formulas.stages import own_stage
from metrics.question import Asked
from metrics.result import PLACES, Result, Unit, undefined
from metrics.spans import literal
from metrics.survival import Exit, Step
from metrics.tally import Tally, select

EVERY, PERIOD = "all", "period"
WHICH = {
    EVERY: gettext_lazy("All stays"),
    PERIOD: gettext_lazy("Begun in the period"),
}
ANYWHERE = "anywhere"  # where to is not asked


def _begun(asked: Asked) -> str:
    if asked.variant != PERIOD:
        return "true"
    return f"y.entered >= {literal(asked.question.start)} AND y.entered < {literal(asked.question.end)}"


def _days_of_stay(asked: Asked) -> str:
    return f"extract(epoch FROM coalesce(y.left_at, {literal(asked.as_of)}) - y.entered)::bigint / 86400"


def time_sql(asked: Asked) -> str:
    source = f"""
        SELECT 0 AS span, y.stage_id, {_days_of_stay(asked)} AS day,
            CASE WHEN y.left_at IS NOT NULL THEN '{ANYWHERE}' END AS way, count(*) AS n
        FROM stays y WHERE {_begun(asked)} GROUP BY 1, 2, 3, 4"""
    return select(asked, source, _EXITS, key=own_stage(asked))


def one_stage_sql(asked: Asked) -> str:
    """Of the stage asked about, else of the model's first; there are no gaps: the next stay begins as one ends."""
    stage = asked.question.stage
    which = str(stage.pk) if stage else (
        "(SELECT id FROM stages WHERE in_use ORDER BY place LIMIT 1)"
    )  # fmt: skip
    source = f"""
        SELECT 0 AS span, {_days_of_stay(asked)} AS day,
            CASE WHEN y.left_at IS NOT NULL THEN coalesce(n.stage_id::text, '') END AS way, count(*) AS n
        FROM stays y LEFT JOIN stays n ON n.customer = y.customer AND n.entered = y.left_at
        WHERE y.stage_id = {which} AND {_begun(asked)} GROUP BY 1, 2, 3"""
    return select(asked, source, _EXITS)


_EXITS = {
    "exits": "json_agg(json_build_array(x.day, x.way, x.n) ORDER BY x.day, x.way, x.n)",
    "n": "sum(x.n)",
}


def read_time(asked: Asked, tally: Tally) -> Result:
    lower, middle, upper = survival.days_when(tally.exits, 0.25, 0.5, 0.75)
    tally = replace(tally, parts=_parts(tally.exits, lower_quartile=lower, upper_quartile=upper))
    if middle is None:
        return finished(asked, tally, undefined(Unit.DAYS, _not_reached(tally.exits), n=tally.n))
    return finished(asked, tally, Result(Unit.DAYS, Decimal(middle), n=tally.n))


def _parts(exits: tuple[Exit, ...], **days: int | None) -> dict[str, int]:
    """Beside a median: the quartiles that are reached, and how many stays are over."""
    open_still = sum(n for _day, way, n in exits if way is None)
    found = {name: day for name, day in days.items() if day is not None}
    return found | {"ended": sum(n for *_rest, n in exits) - open_still, "still_there": open_still}


def _not_reached(exits: tuple[Exit, ...]) -> str:
    if not exits:
        return _("Nobody was in the stage.")
    longest = max(day for day, _way, _n in exits)
    return _("More than half are still there: over %(days)d days.") % {"days": longest}


def read_still(asked: Asked, tally: Tally) -> Result:
    """The share still there after the days asked about."""
    step = survival.at(survival.curve(tally.exits), asked.days)
    if not tally.exits:
        return finished(asked, tally, undefined(Unit.PERCENT, _("Nobody was in the stage."), n=0))
    is_over = step is not None and step.staying <= survival.HAIR
    if not is_over and asked.days > max(day for day, _way, _n in tally.exits):
        reason = _("Nobody has been followed for %(days)d days.") % {"days": asked.days}
        return finished(asked, tally, undefined(Unit.PERCENT, reason, n=tally.n))
    return finished(asked, tally, still_there(step, tally.n))


def still_there(step: Step | None, n: int) -> Result:
    if step is None:
        return Result(Unit.PERCENT, Decimal(1), n=n)
    low, high = (None if edge is None else _decimal(edge) for edge in (step.low, step.high))
    return Result(Unit.PERCENT, _decimal(step.staying), n=n, ci_low=low, ci_high=high)


def read_gone(asked: Asked, tally: Tally) -> Result:
    """The share that has left for anywhere within the days asked about."""
    still = read_still(asked, tally)
    if still.value is None:
        return still
    return finished(asked, tally, Result(Unit.PERCENT, 1 - still.value, n=tally.n))


def share(value: float, n: int) -> Result:
    return Result(Unit.PERCENT, _decimal(value), n=n)


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(PLACES)


_STAYS = gettext_lazy("All stays begun before the as-of date, or only those begun in the period.")
_KAPLAN_MEIER = gettext_lazy("Kaplan and Meier 1958; Greenwood's variance.")

DEFINITIONS = [
    Definition(
        slug="time-in-stage",
        name=gettext_lazy("Time in stage"),
        about=gettext_lazy("Median days of a stay"),
        unit=Unit.DAYS,
        better="",
        formula=gettext_lazy("days by which half of the stays have ended (Kaplan–Meier)"),
        numerator=gettext_lazy(
            "All stays begun before the as-of date; those still open count as far as they go."
        ),
        denominator="",
        edge_cases=gettext_lazy(
            "When more than half are still there the median is not reached: the longest stay seen is shown."
        ),
        source=gettext_lazy("Kaplan and Meier 1958; lifelines documentation."),
        per_stage=gettext_lazy("Stays in the stage."),
        clock="state",
        is_open=True,
        breakdowns=frozenset({"stage"}),
        variants=WHICH,
        needs_model=True,
        sql=time_sql,
        read=read_time,
    ),
    Definition(
        slug="stage-survival",
        name=gettext_lazy("Still in the stage"),
        about=gettext_lazy("Share still there, by days since they came"),
        unit=Unit.PERCENT,
        better="",
        formula=gettext_lazy(
            "product over the days so far of 1 − stays ended ÷ stays at risk (Kaplan–Meier)"
        ),
        numerator=_STAYS,
        denominator=gettext_lazy(
            "At risk on a day: stays not ended before and followed at least until then."
        ),
        edge_cases=gettext_lazy(
            "Stays still open count as far as they go. The whole is the share after 30 days, or the days asked for. The 95 % band is left out once nobody is there any more."
        ),
        source=_KAPLAN_MEIER,
        per_stage=gettext_lazy("One stage at a time: the first, unless another is named."),
        clock="state",
        is_open=True,
        breakdowns=frozenset(),
        variants=WHICH,
        needs_model=True,
        takes=frozenset({"stage", "days"}),
        shape="curve",
        sql=one_stage_sql,
        read=read_still,
    ),
    Definition(
        slug="stage-destinations",
        name=gettext_lazy("Where they go next"),
        about=gettext_lazy("Share gone to each stage, by days since they came"),
        unit=Unit.PERCENT,
        better="",
        formula=gettext_lazy(
            "sum over the days so far of the share still there before × stays ended for this stage ÷ stays at risk (Aalen–Johansen)"
        ),
        numerator=_STAYS,
        denominator=gettext_lazy(
            "At risk on a day: stays not ended before and followed at least until then."
        ),
        edge_cases=gettext_lazy(
            "Ways out compete: whoever goes one way can no longer go another, so this is not 1 − Kaplan–Meier of each. All ways and those still there add up to 100 % on every day. The whole is the share gone anywhere after 30 days, or the days asked for."
        ),
        source=gettext_lazy("Aalen and Johansen 1978."),
        per_stage=gettext_lazy("One stage at a time: the first, unless another is named."),
        clock="state",
        is_open=True,
        breakdowns=frozenset(),
        variants=WHICH,
        needs_model=True,
        takes=frozenset({"stage", "days"}),
        shape="exits",
        sql=one_stage_sql,
        read=read_gone,
    ),
]
