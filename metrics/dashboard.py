"""What the lifecycle dashboard shows: one batch of questions, everything as of one date."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clm.accounts.permissions import Capability, may
from clm.base.templatetags.formats import signed, signed_percent
from lifecycle.models import Kind, Stage
from metrics import attention, memory, rows
from metrics.answer import Answer, Row
from metrics.asking import Asking
from metrics.catalog import Request, definition_of
from metrics.definition import Definition
from metrics.lens import Lens
from metrics.names import Names
from metrics.periods import Period
from metrics.question import HORIZON_DAYS, Asked, Question, Setting, plain, resolve
from metrics.result import Result, Unit
from metrics.spans import Spans, first_of_month
from metrics.tally import Tally

TREND = 8
COUNTRIES = "SELECT DISTINCT country FROM countries WHERE country IS NOT NULL"
SEEN_COUNTRIES = (
    "SELECT DISTINCT country FROM countries JOIN visible ON id = customer WHERE country IS NOT NULL"
)
COHORTS = 24  # months looked back; those without new customers are left out
HEADLINES = ("cac", "crr", "clv", "repeat-purchase-rate")
WITHOUT_COSTS = ("aov", "crr", "clv", "repeat-purchase-rate")
WHEN_ANSWERED = "nps"  # takes the last place once customers have answered
METRIC_OF_KIND = {
    Kind.BUYING: "cac",
    Kind.AWARE: "cac",
    Kind.UNAWARE: "cac",
    Kind.ACTIVE: "crr",
    Kind.AT_RISK: "crr",
    Kind.RENEWING: "crr",
    Kind.ADVOCATE: "nps",
}


@dataclass(frozen=True)
class Change:
    text: str
    direction: Literal["up", "down", "flat"]
    tone: Literal["good", "bad", ""]
    note: str = ""


@dataclass(frozen=True)
class Tile:
    answer: Answer
    trend: list[float | None]
    change: Change | None

    @property
    def definition(self) -> Definition:
        return self.answer.asked.definition


@dataclass(frozen=True)
class StageCell:
    stage: Stage
    count: Result
    from_previous: Result | None
    median_days: Result
    metric: Answer
    value: Result | None


@dataclass(frozen=True)
class Dashboard:
    tiles: list[Tile]
    stages: list[StageCell]
    stock: Answer | None
    flow: Answer | None
    cohorts: Answer
    cost: Answer | None
    attention: attention.Attention
    countries: list[str]

    @property
    def customers(self) -> int:
        return int(self.stock.total.value or 0) if self.stock else 0


class Desk:
    """Collects the questions, asks them as one statement, hands out the answers."""

    def __init__(self, asking: Asking, setting: Setting, names: Names) -> None:
        self.setting, self.names, self.period = setting, names, asking.period
        as_of = asking.question.as_of or min(asking.question.end, setting.end_of_today)
        self.question = plain(replace(asking.question, as_of=as_of))
        self.as_of = as_of
        self.costs = asking.question.user is None or may(asking.question.user, Capability.VIEW_COSTS)
        self.asked: dict[str, Asked] = {}
        self.tallies: dict[str, list[Tally]] = {}
        self.countries: list[str] = []

    @property
    def is_running(self) -> bool:
        """The period is not over at the as-of date."""
        return self.question.end > self.as_of

    def put(self, name: str, request: Request, spans: Spans | None = None) -> None:
        slug, question = request
        resolved = resolve(definition_of(slug), question, self.setting)
        self.asked[name] = replace(resolved, spans=spans) if spans else resolved

    def look(self) -> attention.Attention:
        """One statement: all questions have the same clocks and filters."""
        lens = Lens.of(next(iter(self.asked.values())))
        countries = SEEN_COUNTRIES if lens.user else COUNTRIES
        selects = {name: asked.definition.sql(asked) for name, asked in self.asked.items()}
        found = memory.look(
            lens, selects | {"attention": attention.attention_sql(self.as_of), "countries": countries}
        )
        fading = attention.attention(found.pop("attention"), self.names)
        self.countries = sorted(row["country"] for row in found.pop("countries"))
        self.tallies = {name: [Tally.of(row) for row in read] for name, read in found.items()}
        return fading

    def answer(self, name: str) -> Answer:
        asked, tallies = self.asked[name], self.tallies[name]
        return Answer(asked, rows.total_of(asked, tallies), rows.rows_of(asked, tallies, self.names))

    def series(self, name: str) -> list[Result]:
        return rows.series_of(self.asked[name], self.tallies[name])


def dashboard(asking: Asking, setting: Setting, names: Names) -> Dashboard:
    desk = Desk(asking, setting, names)
    headlines = [*(HEADLINES if desk.costs else WITHOUT_COSTS), WHEN_ANSWERED]
    for slug in headlines:
        _put_headline(desk, slug)
    if names.model:
        _put_stages(desk)
    desk.put("cohorts", ("cohort-retention", _cohort_question(desk)))
    if desk.costs:
        desk.put("cost", ("cac", replace(desk.question, breakdown="channel", country="", segment=None)))
    fading = desk.look()
    return Dashboard(
        tiles=[_tile(desk, slug) for slug in _shown(desk, headlines)],
        stages=_cells(desk) if names.model else [],
        stock=desk.answer("stock") if names.model else None,
        flow=desk.answer("flow") if names.model else None,
        cohorts=desk.answer("cohorts"),
        cost=desk.answer("cost") if desk.costs else None,
        attention=fading,
        countries=desk.countries,
    )


def _put_headline(desk: Desk, slug: str) -> None:
    """The run-up ends with the period itself; the one before is in it too, unless this one still runs."""
    run_up = desk.period.run_up(TREND, desk.setting.organisation.tz, until=desk.as_of)
    desk.put(slug, (slug, desk.question), run_up)
    if desk.is_running:
        desk.put(f"{slug}/before", (slug, desk.question), _before(desk, slug))


def _before(desk: Desk, slug: str) -> Spans:
    """As much of the period before as has gone by of this one."""
    zone, before = desk.setting.organisation.tz, desk.period.shifted(-1)
    start, end = before.start(zone), before.end(zone)
    end = min(end, start + max(timedelta(microseconds=1), desk.as_of - desk.question.start))
    return Spans.until(end) if definition_of(slug).clock == "state" else Spans.one(start, end)


def _put_stages(desk: Desk) -> None:
    by_stage = replace(desk.question, breakdown="stage")
    desk.put("stock", ("customers-per-stage", by_stage))
    desk.put("time", ("time-in-stage", by_stage))
    earlier = timedelta(days=HORIZON_DAYS)
    shifted = by_stage.over(by_stage.start - earlier, min(by_stage.end, desk.as_of) - earlier)
    desk.put("conversion", ("stage-conversion", replace(shifted, days=HORIZON_DAYS)))
    for slug in ("crr", "clv", "nps", *(["cac"] if desk.costs else [])):
        desk.put(f"{slug}/stage", (slug, by_stage))
    desk.put("flow", ("stage-flow", desk.question))


def _cohort_question(desk: Desk) -> Question:
    """The last months up to the as-of date, whichever the period."""
    zone = desk.setting.organisation.tz
    last = (desk.as_of - timedelta(microseconds=1)).astimezone(zone).date()
    months = Period(first_of_month(last, plus=1 - COHORTS), last)
    return desk.question.over(months.start(zone), months.end(zone))


def _shown(desk: Desk, headlines: list[str]) -> list[str]:
    """Four, whether anybody has answered in the period and its run-up or not."""
    *first, last, when_answered = headlines
    return [*first, when_answered if any(one.n for one in desk.series(when_answered)) else last]


def _tile(desk: Desk, slug: str) -> Tile:
    series = desk.series(slug)
    before = desk.series(f"{slug}/before")[-1] if desk.is_running else series[-2]
    answer = Answer(desk.asked[slug], series[-1])
    trend = [None if one.value is None else float(one.value) for one in series]
    return Tile(answer, trend, change(before, answer.total, better=answer.asked.definition.better))


def change(before: Result, now: Result, *, better: str) -> Change | None:
    """In per cent, in percentage points for shares, in words for points; null when one of the two has no value."""
    if before.value is None or now.value is None:
        return None
    if now.unit == Unit.POINTS:
        return _in_points(before, now, now.value - before.value, better)
    if now.unit == Unit.PERCENT:
        moved = round((now.value - before.value) * 100, 1)
        return _worded(moved, _("%(number)s pp") % {"number": signed(moved)}, better)
    if before.value == 0:
        return None
    share = round(now.value / before.value - 1, 3)
    return _worded(share, signed_percent(share), better)


def _in_points(before: Result, now: Result, moved: Decimal, better: str) -> Change:
    """The exact difference, rounded at the end; said to be chance where the two intervals leave room for it."""
    whole = int(moved.quantize(Decimal(1), ROUND_HALF_UP))
    if whole == 0:
        return Change(_("no change"), "flat", "")
    note = _("may be chance") if abs(moved) <= _leeway(before, now) else ""
    up = ngettext("%(n)d point up", "%(n)d points up", whole)
    down = ngettext("%(n)d point down", "%(n)d points down", -whole)
    if whole > 0:
        return Change(up % {"n": whole}, "up", "" if note else "good" if better == "up" else "bad", note)
    return Change(down % {"n": -whole}, "down", "" if note else "good" if better == "down" else "bad", note)


def _leeway(*results: Result) -> Decimal:
    """Half the 95 % interval of the difference of two independent results."""
    halves = [((one.ci_high or Decimal(0)) - (one.ci_low or Decimal(0))) / 2 for one in results]
    return sum((half * half for half in halves), Decimal(0)).sqrt()


def _worded(moved: Decimal, words: str, better: str) -> Change:
    if moved == 0:
        return Change(_("no change"), "flat", "")
    direction: Literal["up", "down"] = "up" if moved > 0 else "down"
    return Change(words, direction, "good" if direction == better else "bad")


def _cells(desk: Desk) -> list[StageCell]:
    stock, time, conversion = desk.answer("stock"), desk.answer("time"), desk.answer("conversion")
    metrics = {
        slug: desk.answer(f"{slug}/stage")
        for slug in ("crr", "clv", "cac", "nps")
        if f"{slug}/stage" in desk.asked
    }
    if not metrics["nps"].total.n:
        del metrics["nps"]
    cells, previous = [], None
    for stage in desk.names.stages:
        chosen = metrics.get(METRIC_OF_KIND.get(Kind(stage.kind), "clv"), metrics["clv"])
        cells.append(
            StageCell(
                stage=stage,
                count=_result(stock, stage) or stock.total,
                from_previous=_result(conversion, previous)
                if previous and stage.kind != Kind.CHURNED
                else None,
                median_days=_result(time, stage) or time.total,
                metric=chosen,
                value=_result(chosen, stage),
            )
        )
        previous = stage
    return cells


def _result(answer: Answer, stage: Stage) -> Result | None:
    row: Row | None = answer.by_key.get(stage.slug)
    return row.result if row else None
