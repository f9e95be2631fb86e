"""How customers moved between two dates: who stayed, who moved on, skipped or went back."""

from django.utils.translation import gettext_lazy

from metrics.definition import Definition
from metrics.formulas.stages import read_count
from metrics.question import Asked
from metrics.result import Unit
from metrics.spans import literal
from metrics.tally import select, staying_at


def flow_sql(asked: Asked) -> str:
    """Keys are "stage>stage"; nothing before the arrow: not yet a customer at the start."""
    start, end = (staying_at(literal(edge)) for edge in (asked.spans.start, asked.spans.end))
    source = f"""
        SELECT 0 AS span, coalesce(a.stage_id::text, '') || '>' || coalesce(b.stage_id::text, '') AS key
        FROM (SELECT customer, stage_id FROM stays WHERE {start}) a
        FULL JOIN (SELECT customer, stage_id FROM stays WHERE {end}) b USING (customer)"""
    return select(asked, source, {"numerator": "count(*)"}, key="x.key")


DEFINITIONS = [
    Definition(
        slug="stage-flow",
        name=gettext_lazy("Stage flow"),
        about=gettext_lazy("From the stage at the start to the stage at the end"),
        unit=Unit.COUNT,
        better="",
        formula=gettext_lazy("customers by their stage at the start and at the end of the period"),
        numerator=gettext_lazy("Customers in the first stage at the start and in the second at the end."),
        denominator="",
        edge_cases=gettext_lazy(
            "Stages in between are not seen: the flow compares two dates. Marked: stay, skip (a stage was passed over), return (an earlier stage), new (not there at the start)."
        ),
        source=gettext_lazy("Own definition on stage periods."),
        per_stage=gettext_lazy("Both stages."),
        breakdowns=frozenset(),
        needs_model=True,
        shape="flow",
        sql=flow_sql,
        read=read_count,
    )
]
