"""How many move on, to where, and how many do not.

A stay leads somewhere when the customer's later stays do so within the days asked about. Three ways of counting:
reached (there or further on in the model's order, churned aside), visited (entered, whatever lay between), strict
(entered as the very next stage). Of the stays begun in a period only those count whose days are over.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.definition import SLICES, Definition
from metrics.formulas.marks import finished
from metrics.formulas.stages import own_stage
from metrics.question import Asked
from metrics.result import Result, Unit, proportion, undefined
from metrics.sharing import View
from metrics.spans import literal
from metrics.tally import Tally, select

REACHED, VISITED, STRICT = "reached", "visited", "strict"
WAYS = {
    REACHED: gettext_lazy("Reached: there or beyond"),
    VISITED: gettext_lazy("Visited: entered, by any way"),
    STRICT: gettext_lazy("Strict: directly next"),
}
_HITS = {
    REACHED: "coalesce(e.visited && a.ids, false) OR coalesce(e.furthest >= a.place, false)",
    VISITED: "coalesce(e.visited && a.ids, false)",
    STRICT: "coalesce(e.visited[1] = ANY(a.ids), false)",
}
_AHEAD = "(s.kind = 'churned' OR a.place IS NULL OR a.place > s.place)"


def _entries(asked: Asked, key: str) -> View:
    """The stays asked about, each with the stages entered within its days, in order, and the furthest of them.

    Those alike are one row that says how many `stays` it is, of no customer unless they are grouped by.
    They are worked out once, for all questions of a batch that ask about the same stays: it is nearly all the work.
    Each customer's stays are read once, in order, not joined with one another: a new model has no statistics, and two
    lists of stays compared row by row for a wrong guess take minutes.
    """
    horizon = f"make_interval(days => {asked.days})"
    begun, last = asked.spans.within("entered"), f"{literal(asked.spans.end)} + {horizon}"
    each = f"""
        SELECT {asked.spans.slot("entered")} AS span, customer, stage_id,
            entered + {horizon} <= {literal(asked.as_of)} AS mature, visited, furthest, is_lost
        FROM (
            SELECT y.customer, y.stage_id, y.entered, array_agg(y.stage_id) OVER later AS visited,
                max(s.place) FILTER (WHERE s.kind <> 'churned') OVER later AS furthest,
                bool_or(s.kind = 'churned') OVER later AS is_lost
            FROM stays y JOIN stages s ON s.id = y.stage_id
            WHERE y.entered >= {literal(asked.spans.start)} AND y.entered <= {last}
            WINDOW later AS (PARTITION BY y.customer ORDER BY y.entered
                             RANGE BETWEEN CURRENT ROW AND {horizon} FOLLOWING EXCLUDE GROUP)
        ) y WHERE {begun}"""
    customer = "NULL::bigint AS customer" if key or not asked.by else "customer"
    alike = f"""
        SELECT span, {customer}, stage_id, mature, visited, furthest, is_lost, count(*) AS stays FROM ({each}) e
        GROUP BY 1, 2, 3, 4, 5, 6, 7"""
    return View.of("entries", alike)


def _stays(condition: str) -> str:
    return f"coalesce(sum(x.stays) FILTER (WHERE {condition}), 0)"


def _next_of_each() -> str:
    return """
        SELECT s.id AS stage_id, a.* FROM stages s JOIN LATERAL (
            SELECT ARRAY[n.id] AS ids, n.place, n.id::text AS aim FROM stages n
            WHERE n.in_use AND n.kind <> 'churned' AND n.place > s.place ORDER BY n.place LIMIT 1) a ON true
        WHERE s.kind <> 'churned'"""


def _aims(asked: Asked) -> str:
    """aims(stage_id, ids, place, aim): for each stage, what moving on from it leads to."""
    target = asked.question.target
    if target is None:
        return _next_of_each()
    ids = ", ".join(map(str, target.stage_ids))
    place = f"(SELECT min(t.place) FROM stages t WHERE t.id IN ({ids}) AND t.kind <> 'churned')"
    ahead = f" AND {_AHEAD}" if asked.variant == REACHED else ""
    return f"""
        SELECT s.id AS stage_id, a.* FROM stages s
        CROSS JOIN (SELECT ARRAY[{ids}]::bigint[] AS ids, {place} AS place, ''::text AS aim) a
        WHERE NOT s.id = ANY(a.ids){ahead}"""


def _every_aim(asked: Asked) -> str:
    """Of every pair; by order of the model nobody reaches a stage that they are already beyond."""
    ahead = _AHEAD if asked.variant == REACHED else "true"
    return f"""
        SELECT s.id AS stage_id, a.* FROM stages s CROSS JOIN LATERAL (
            SELECT ARRAY[t.id] AS ids, CASE WHEN t.kind <> 'churned' THEN t.place END AS place, t.id::text AS aim
            FROM stages t WHERE t.id <> s.id) a
        WHERE {ahead}"""


MATURE = _stays("x.mature")
TOO_YOUNG = _stays("NOT x.mature")


def _shares(asked: Asked, aims: str, key: str) -> str:
    entries = _entries(asked, key)
    source = f"""
        SELECT e.span, e.customer, e.stage_id, a.aim, e.mature, e.stays, {_HITS[asked.variant]} AS moved_on
        FROM {entries.name} e JOIN aims a USING (stage_id)"""
    columns = {
        "numerator": _stays("x.mature AND x.moved_on"),
        "denominator": MATURE,
        "parts": f"json_build_object('too_young', {TOO_YOUNG})",
    }
    return select(asked, source, columns, views={"aims": aims}, shared=entries, key=key)


def conversion_sql(asked: Asked) -> str:
    return _shares(asked, _aims(asked), own_stage(asked))


def pairs_sql(asked: Asked) -> str:
    return _shares(asked, _every_aim(asked), "x.stage_id::text || '>' || x.aim")


def read_conversion(asked: Asked, tally: Tally) -> Result:
    return finished(asked, tally, _share(asked, tally))


def _share(asked: Asked, tally: Tally) -> Result:
    nothing = _("Nobody who entered in the period has had %(days)d days yet.") % {"days": asked.days}
    return proportion(int(tally.numerator), int(tally.denominator), nothing=nothing)


def read_pair(asked: Asked, tally: Tally) -> Result:
    if tally.total:
        return undefined(Unit.PERCENT, _("Shares of different pairs do not add up. Look at each."))
    return read_conversion(asked, tally)


def drop_off_sql(asked: Asked) -> str:
    outcome = """CASE WHEN coalesce(e.furthest > s.place, false) THEN 'moved_on' WHEN e.is_lost THEN 'lost'
        WHEN e.visited IS NOT NULL THEN 'went_back' ELSE 'still_there' END"""
    entries = _entries(asked, own_stage(asked))
    source = f"""
        SELECT e.span, e.customer, e.stage_id, e.mature, e.stays, {outcome} AS outcome
        FROM {entries.name} e JOIN stages s ON s.id = e.stage_id AND s.kind <> 'churned'"""
    outcomes = ("moved_on", "lost", "went_back", "still_there")
    ended = {name: _stays(f"x.mature AND x.outcome = '{name}'") for name in outcomes}
    counts = ", ".join(f"'{name}', {number}" for name, number in ended.items())
    columns = {
        "numerator": ended["lost"],
        "denominator": MATURE,
        "parts": f"json_build_object({counts}, 'too_young', {TOO_YOUNG})",
    }
    return select(asked, source, columns, shared=entries, key=own_stage(asked))


_ENTERED = gettext_lazy("Stays begun in the period whose days are over.")

DEFINITIONS = [
    Definition(
        slug="stage-conversion",
        name=gettext_lazy("Stage conversion"),
        about=gettext_lazy("Moved on within the days given"),
        unit=Unit.PERCENT,
        better="up",
        formula=gettext_lazy(
            "stays that led to the target within the days given ÷ stays begun in the period whose days are over"
        ),
        numerator=gettext_lazy(
            "Reached: a stage at the target or further on in the model was entered; skipping counts, churned does not. Visited: the target itself was entered, whatever lay between. Strict: the target was the very next stage."
        ),
        denominator=_ENTERED,
        edge_cases=gettext_lazy(
            "The target is the next stage of the model unless another stage, or a kind of the axis, is named; stages without one have no value. Younger stays are in neither number and shown as too young. Who is already at or beyond the target cannot reach it."
        ),
        source=gettext_lazy("HubSpot: differences between funnel report types (any order and strict order)."),
        per_stage=gettext_lazy("From the stage onwards."),
        variants=WAYS,
        needs_model=True,
        takes=frozenset({"target", "days"}),
        sql=conversion_sql,
        read=read_conversion,
        version=2,
    ),
    Definition(
        slug="stage-to-stage",
        name=gettext_lazy("Conversion between stages"),
        about=gettext_lazy("From every stage to every other"),
        unit=Unit.PERCENT,
        better="",
        formula=gettext_lazy("stage conversion, with every other stage as the target"),
        numerator=gettext_lazy("As of stage conversion, for each pair of stages."),
        denominator=_ENTERED,
        edge_cases=gettext_lazy(
            "By “reached” there is no way back: a pair whose target lies before has no line. The shares of a row may add up to more than 100 %: one stay may lead to several stages."
        ),
        source=gettext_lazy("As stage conversion; a test holds both equal."),
        per_stage=gettext_lazy("From the stage to the other one."),
        breakdowns=frozenset(),
        variants=WAYS,
        needs_model=True,
        takes=frozenset({"days"}),
        shape="pairs",
        sql=pairs_sql,
        read=read_pair,
    ),
    Definition(
        slug="stage-drop-off",
        name=gettext_lazy("Drop-off"),
        about=gettext_lazy("Churned without moving on"),
        unit=Unit.PERCENT,
        better="down",
        formula=gettext_lazy(
            "stays that led to a churned stage and to no later one within the days given ÷ stays begun in the period whose days are over"
        ),
        numerator=gettext_lazy(
            "Stays after which the customer churned within the days, before any later stage."
        ),
        denominator=_ENTERED,
        edge_cases=gettext_lazy(
            "Beside it stand those who moved on, who went back to an earlier stage and who are still there; the four add up to the whole. Still there is no drop-off. Churned stages have no value."
        ),
        source=gettext_lazy("Own definition on stage periods."),
        per_stage=gettext_lazy("From the stage."),
        breakdowns=SLICES,
        needs_model=True,
        takes=frozenset({"days"}),
        sql=drop_off_sql,
        read=read_conversion,
    ),
]
