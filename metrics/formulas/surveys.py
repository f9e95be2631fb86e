"""What customers say: Net Promoter Score, how many answer, and what share of those asked.

Promoters give 9 or 10, detractors 0 to 6 (Reichheld 2003). The interval is the adjusted Wald of Rocks (2016).
An answer counts in the stage that the customer was in when answering: just before, since the answer itself may
move them on.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models.survey import LINK_DAYS
from metrics.definition import Definition
from metrics.formulas.marks import finished
from metrics.question import Asked
from metrics.result import Result, Unit, count, promoter_score, proportion
from metrics.tally import Tally, select

_THEN_IN = """
    LEFT JOIN LATERAL (
        SELECT s.stage_id FROM stays s
        WHERE s.customer = a.customer AND s.entered <= a.at AND (s.left_at IS NULL OR s.left_at >= a.at)
        ORDER BY s.entered LIMIT 1
    ) then_in ON true"""


def _staged(asked: Asked, view: str, columns: str) -> tuple[str, str]:
    """The rows of a view within the spans, and by what they are grouped: the stage of their own instant."""
    spans, by_stage = asked.spans, asked.by == "stage"
    stage, join = (", then_in.stage_id", _THEN_IN) if by_stage else ("", "")
    source = f"""
        SELECT {spans.slot("a.at")} AS span, a.customer, {columns}{stage} FROM {view} a {join}
        WHERE {spans.within("a.at")}"""
    return source, "x.stage_id::text" if by_stage else ""


_PROMOTERS, _DETRACTORS = "count(*) FILTER (WHERE x.score >= 9)", "count(*) FILTER (WHERE x.score <= 6)"


def nps_sql(asked: Asked) -> str:
    source, key = _staged(asked, "answers", "a.score")
    parts = f"""json_build_object('promoters', {_PROMOTERS},
        'passives', count(*) FILTER (WHERE x.score BETWEEN 7 AND 8), 'detractors', {_DETRACTORS})"""
    return select(asked, source, {"denominator": "count(*)", "parts": parts}, key=key)


def read_nps(asked: Asked, tally: Tally) -> Result:
    nothing = _("No answers in this period.")
    promoters, detractors = tally.parts.get("promoters", 0), tally.parts.get("detractors", 0)
    found = promoter_score(promoters, detractors, int(tally.denominator), nothing=nothing)
    return finished(asked, tally, found)


def answers_sql(asked: Asked) -> str:
    source, key = _staged(asked, "answers", "a.score")
    return select(asked, source, {"numerator": "count(*)"}, key=key)


def read_answers(asked: Asked, tally: Tally) -> Result:
    return finished(asked, tally, count(int(tally.numerator)))


def rate_sql(asked: Asked) -> str:
    source, key = _staged(asked, "askings", "a.answered")
    columns = {"numerator": "count(*) FILTER (WHERE x.answered)", "denominator": "count(*)"}
    return select(asked, source, columns, key=key)


def read_rate(asked: Asked, tally: Tally) -> Result:
    nothing = _("Nobody was asked in this period.")
    share = proportion(int(tally.numerator), int(tally.denominator), nothing=nothing)
    return finished(asked, tally, share).unless(_still_open(asked, tally))


def _still_open(asked: Asked, tally: Tally) -> str:
    end = min(asked.spans.edges[tally.span + 1], asked.as_of)
    if (asked.setting.now - end).days >= LINK_DAYS:
        return ""
    return _("Links can be answered for %(days)d days: the newest may still be.") % {"days": LINK_DAYS}


_WHEN_ANSWERED = gettext_lazy("Of those who were in the stage when they answered, just before the answer.")

DEFINITIONS = [
    Definition(
        slug="nps",
        name=gettext_lazy("NPS"),
        about=gettext_lazy("Net Promoter Score"),
        unit=Unit.POINTS,
        better="up",
        formula=gettext_lazy("100 × (promoters − detractors) ÷ answers"),
        numerator=gettext_lazy("Answers of 9 and 10 less answers of 0 to 6, given in the period."),
        denominator=gettext_lazy("All answers given in the period, also the 7s and 8s."),
        edge_cases=gettext_lazy(
            "One answer for each time of asking: who changes an answer counts with the last one, on its day. Kept exact, rounded only when shown. Fewer than 30 answers are marked."
        ),
        source=gettext_lazy(
            "Reichheld 2003; interval: Rocks, The American Statistician 2016 (adjusted Wald)."
        ),
        per_stage=_WHEN_ANSWERED,
        of_surveys=True,
        sql=nps_sql,
        read=read_nps,
    ),
    Definition(
        slug="survey-responses",
        name=gettext_lazy("Survey responses"),
        about=gettext_lazy("Answers given"),
        unit=Unit.COUNT,
        better="up",
        formula=gettext_lazy("answers given in the period"),
        numerator=gettext_lazy("Answers by the instant they were given, also those from other systems."),
        denominator="",
        edge_cases=gettext_lazy("One answer for each time of asking, the last one."),
        source=gettext_lazy("Own definition."),
        per_stage=_WHEN_ANSWERED,
        of_surveys=True,
        sql=answers_sql,
        read=read_answers,
    ),
    Definition(
        slug="survey-response-rate",
        name=gettext_lazy("Response rate"),
        about=gettext_lazy("Of those who were asked"),
        unit=Unit.PERCENT,
        better="up",
        formula=gettext_lazy("askings that were answered ÷ askings of the period"),
        numerator=gettext_lazy("Askings of the period that were answered, whenever that was."),
        denominator=gettext_lazy(
            "Messages of the period that reached the mail server and did not bounce, and links handed over."
        ),
        edge_cases=gettext_lazy(
            "Answers from other systems are in neither number: who was asked there is not known. Links stay open for 90 days, so the newest rates may rise."
        ),
        source=gettext_lazy("Own definition; bounces are out of the denominator as usual."),
        per_stage=gettext_lazy("Of those who were in the stage when they were asked."),
        of_surveys=True,
        sql=rate_sql,
        read=read_rate,
    ),
]
