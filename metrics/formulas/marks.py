"""What every result says about how far it can be trusted."""

from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metrics.question import Asked
from metrics.result import Result
from metrics.tally import Tally


def finished(asked: Asked, tally: Tally, result: Result) -> Result:
    """With the counts beside it, and marked provisional where rows were left out or the period still runs."""
    elapsed = asked.elapsed if tally.span == len(asked.spans) - 1 else None
    marked = replace(
        result,
        parts=dict(tally.parts),
        excluded_n=tally.excluded,
        elapsed=elapsed,
        definition_version=asked.definition.version,
    )
    running = _("The period is not over.") if elapsed is not None else ""
    return marked.unless(_left_out(tally.excluded)).unless(running)


def _left_out(number: int) -> str:
    if not number:
        return ""
    return ngettext(
        "%(count)d row has no exchange rate and is left out.",
        "%(count)d rows have no exchange rate and are left out.",
        number,
    ) % {"count": number}
