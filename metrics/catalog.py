"""The catalog of metrics, and the one way to ask them: page, API and export all come through here."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from metrics import memory, rows
from metrics.answer import Answer
from metrics.definition import Definition
from metrics.formulas import (
    acquisition,
    activity,
    cohorts,
    flow,
    moving,
    orders,
    retention,
    stages,
    staying,
    surveys,
    value,
)
from metrics.lens import Lens, Row
from metrics.names import Names
from metrics.question import Asked, Question, QuestionError, Setting, resolve
from metrics.tally import Tally

GROUPS = (acquisition, retention, value, orders, activity, surveys, cohorts, stages, staying, moving, flow)
CATALOG: dict[str, Definition] = {found.slug: found for group in GROUPS for found in group.DEFINITIONS}

Request = tuple[str, Question]


def definition_of(slug: str) -> Definition:
    try:
        return CATALOG[slug]
    except KeyError:
        known = ", ".join(sorted(CATALOG))
        message = _("There is no metric “%(slug)s”. Use one of: %(known)s.") % {"slug": slug, "known": known}
        raise QuestionError("metric", message) from None


def ask(slug: str, question: Question, setting: Setting, *, names: Names | None = None) -> Answer:
    """Raises QuestionError. At most four queries, whatever the rows."""
    return ask_all({"it": (slug, question)}, setting, names=names)["it"]


def ask_all(
    requests: Mapping[str, Request], setting: Setting, *, names: Names | None = None
) -> dict[str, Answer]:
    """Many questions at the price of one statement for each pair of clocks and filters."""
    asked = {
        name: resolve(definition_of(slug), question, setting) for name, (slug, question) in requests.items()
    }
    tallies = tallies_of(
        asked | {f"{name}/total": _whole(one) for name, one in asked.items() if _is_apart(one)}
    )
    return {
        name: _answer(one, name, tallies, (names or Names()).of(one.question.model))
        for name, one in asked.items()
    }


def tallies_of(asked: Mapping[str, Asked]) -> dict[str, list[Tally]]:
    by_lens: dict[Lens, dict[str, str]] = {}
    for name, one in asked.items():
        by_lens.setdefault(Lens.of(one), {})[name] = one.definition.sql(one)
    found: dict[str, list[Row]] = {}
    raw = any(one.setting.raw for one in asked.values())
    for lens, selects in by_lens.items():
        found |= memory.look(lens, selects, raw=raw)
    return {name: [Tally.of(row) for row in read] for name, read in found.items()}


def _is_apart(asked: Asked) -> bool:
    """The whole is to be asked for itself: it is more than one span, or another one."""
    return len(asked.spans) > 1 or (asked.definition.whole_months and asked.question.breakdown == "month")


def _whole(asked: Asked) -> Asked:
    """The same over the whole time: rates of months cannot be added up."""
    return resolve(asked.definition, replace(asked.question, breakdown=None), asked.setting)


def _answer(asked: Asked, name: str, tallies: dict[str, list[Tally]], names: Names) -> Answer:
    whole, parts = tallies.get(f"{name}/total"), tallies[name]
    total = rows.total_of(asked, parts) if whole is None else rows.total_of(_whole(asked), whole)
    return Answer(asked, total, rows.rows_of(asked, parts, names))
