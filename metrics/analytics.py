"""What the pages about stages show: one batch of questions each, everything as of one date."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from clm.base.charts import SeriesChart
from lifecycle.models import Kind, Stage
from metrics.answer import Answer
from metrics.catalog import ask_all
from metrics.names import Names
from metrics.question import Question, Target
from metrics.result import Result, count, text
from metrics.scene import Scene

WAITS = (7, 14, 30, 60, 90, 180, 270, 365)
MARKS = (7, 30, 90, 180, 365)


def question_of(scene: Scene) -> Question:
    """As of today unless another day is chosen: what came of the period's stays until then, all on a page alike."""
    question = scene.asking.question
    as_of = question.as_of or scene.setting.end_of_today
    return replace(question, as_of=as_of, breakdown=None, survey="", stage=None, target=None)


@dataclass(frozen=True)
class StageLine:
    """at start + entered - left = at end."""

    stage: Stage
    start: Result
    entered: Result
    left: Result
    end: Result
    onward: Result
    dropped: Result
    days: Result

    def cells(self) -> list[str]:
        found = (self.start, self.entered, self.left, self.end, self.onward, self.dropped, self.days)
        return [self.stage.slug, str(self.stage), *(text(one.value) or "" for one in found)]


@dataclass(frozen=True)
class Overview:
    lines: list[StageLine]
    answers: dict[str, Answer]

    def as_table(self) -> Iterator[list[str]]:
        """Lines for CSV, the heading first."""
        yield ["stage", "label", "at_start", "entered", "left", "at_end", *SHARES, "median_days"]
        yield from (line.cells() for line in self.lines)

    @property
    def is_too_young(self) -> bool:
        return _is_too_young(self.answers["onward"])

    def chart(self) -> SeriesChart:
        """Who came and who went, side by side."""
        return {
            "labels": [str(line.stage) for line in self.lines],
            "series": [
                {
                    "name": self.answers["entered"].name,
                    "values": [_float(line.entered) for line in self.lines],
                },
                {"name": self.answers["left"].name, "values": [_float(line.left) for line in self.lines]},
            ],
            "unit": "count",
        }


SHOWN_ALONE = ("onward", "dropped", "days")
SHARES = ("conversion", "drop_off")
ASKED = {
    "end": "customers-per-stage",
    "entered": "stage-entries",
    "left": "stage-exits",
    "onward": "stage-conversion",
    "dropped": "stage-drop-off",
    "days": "time-in-stage",
}


def overview(scene: Scene) -> Overview:
    days = scene.asking.question.days
    question = replace(question_of(scene), breakdown="stage", variant="", days=None)
    wanted = {
        name: (slug, replace(question, days=days if name in ("onward", "dropped") else None))
        for name, slug in ASKED.items()
    }
    if question.as_of and question.as_of > question.end:
        after = question.over(question.end, question.as_of)
        wanted |= {"came": (ASKED["entered"], after), "went": (ASKED["left"], after)}
    answers = ask_all(wanted, scene.setting, names=scene.names)
    return Overview([_line(stage, answers) for stage in scene.names.stages], answers)


def _line(stage: Stage, answers: dict[str, Answer]) -> StageLine:
    """What was there at the as-of date, less what came and plus what went since the end of the period; and before."""
    found = {name: _of(answer, stage) for name, answer in answers.items()}
    number = {name: int(result.value or 0) for name, result in found.items() if name not in SHOWN_ALONE}
    end = number["end"] - number.get("came", 0) + number.get("went", 0)
    return StageLine(
        stage=stage,
        start=count(end - number["entered"] + number["left"]),
        entered=found["entered"],
        left=found["left"],
        end=count(end),
        onward=found["onward"],
        dropped=found["dropped"],
        days=found["days"],
    )


def _is_too_young(onward: Answer) -> bool:
    """More than three in four stays began too late in the period to have had their days."""
    results = [row.result for row in onward.rows if row.result]
    young = sum(result.parts.get("too_young", 0) for result in results)
    return young > 3 * sum(result.denominator or 0 for result in results)


def _of(answer: Answer, stage: Stage) -> Result:
    row = answer.by_key.get(stage.slug)
    return row.result if row and row.result else answer.total


def _float(result: Result) -> float | None:
    return None if result.value is None else float(result.value)


@dataclass(frozen=True)
class Cell:
    result: Result | None
    flag: str = ""


@dataclass(frozen=True)
class Conversion:
    onward: Answer
    pairs: Answer
    matrix: list[tuple[Stage, list[Cell]]]
    target: Target | None
    targets: list[tuple[str, str]]  # name, label: stages, then kinds

    @property
    def is_too_young(self) -> bool:
        return _is_too_young(self.onward)


def conversion(scene: Scene) -> Conversion:
    asked, names = scene.asking.question, scene.names
    question = replace(question_of(scene), days=asked.days)
    wanted = {
        "onward": ("stage-conversion", replace(question, breakdown="stage", target=asked.target)),
        "pairs": ("stage-to-stage", question),
    }
    answers = ask_all(wanted, scene.setting, names=names)
    rows = answers["pairs"].by_key
    matrix = [
        (source, [_cell(rows.get(f"{source.slug}>{target.slug}")) for target in names.stages])
        for source in names.stages
    ]
    return Conversion(answers["onward"], answers["pairs"], matrix, asked.target, _targets(names))


def _cell(row: object) -> Cell:
    result, flag = getattr(row, "result", None), getattr(row, "flag", "")
    return Cell(result, flag)


def _targets(names: Names) -> list[tuple[str, str]]:
    kinds = [kind for kind in Kind if any(kind in (one.kind, *one.other_kinds) for one in names.stages)]
    taken = {stage.slug for stage in names.stages}
    told = [(kind.value, _("Kind: %(kind)s") % {"kind": kind.label}) for kind in kinds if kind not in taken]
    return [*((stage.slug, str(stage)) for stage in names.stages), *told]


Mark = tuple[str, list[tuple[int, Decimal | None]], Decimal]  # where to, share by day, in the end


@dataclass(frozen=True)
class Staying:
    stage: Stage
    median: Result
    curve: Answer
    ways: Answer
    marks: list[Mark]


def staying(scene: Scene) -> Staying:
    asked, names = scene.asking.question, scene.names
    stage = asked.stage or names.stages[0]
    question = replace(question_of(scene), stage=stage)
    wanted = {
        "median": ("time-in-stage", replace(question, stage=None, breakdown="stage")),
        "curve": ("stage-survival", replace(question, days=asked.days)),
        "ways": ("stage-destinations", replace(question, days=asked.days)),
    }
    answers = ask_all(wanted, scene.setting, names=names)
    return Staying(
        stage, _of(answers["median"], stage), answers["curve"], answers["ways"], _marks(answers["ways"])
    )


def _marks(ways: Answer) -> list[Mark]:
    """The shares after some round numbers of days, as far as anybody was followed."""
    last = max((int(row.keys["day"]) for row in ways.rows), default=0)
    found: dict[str, list[tuple[int, Decimal]]] = {}
    for row in ways.rows:
        if row.result and row.result.value is not None:
            found.setdefault(row.labels[1], []).append((int(row.keys["day"]), row.result.value))
    if sum(points[-1][1] for points in found.values()) >= 1:  # all have left: nothing is open any more
        last = max(MARKS)
    return [
        (label, [(day, _by(points, day) if day <= last else None) for day in MARKS], points[-1][1])
        for label, points in found.items()
    ]


def _by(points: list[tuple[int, Decimal]], day: int) -> Decimal:
    return next((share for at, share in reversed(points) if at <= day), Decimal(0))


def flow(scene: Scene) -> Answer:
    wanted = {"flow": ("stage-flow", replace(question_of(scene), variant="", days=None))}
    return ask_all(wanted, scene.setting, names=scene.names)["flow"]
