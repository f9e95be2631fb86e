"""What publishing a draft would do, beside the buttons that do it: from now on, and over the whole history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clm.accounts.models import User
from lifecycle.models import ModelVersion, Simulation, Span
from lifecycle.publishing import CannotPublish, check
from lifecycle.simulating.asking import Question, is_told_at_once, simulate
from lifecycle.simulating.telling import Told


@dataclass(frozen=True)
class Rehearsal:
    """The latest simulation of what each button does, the one of the main button first; None where there is none.

    Where nothing is in force every button works the history out, so there is but one.
    """

    draft: ModelVersion
    heirs: Mapping[str, str]
    as_of: datetime
    simulated: Mapping[str, Told | None]

    @classmethod
    def of(
        cls, draft: ModelVersion, *, heirs: Mapping[str, str], as_of: datetime, seen_by: User
    ) -> "Rehearsal":
        latest = {
            span: Simulation.objects.for_page().rehearsals(draft, span).first() for span in _spans(draft)
        }
        told = {span: Told(found, seen_by) if found else None for span, found in latest.items()}
        return cls(draft, heirs, as_of, told)

    @property
    def main(self) -> Told | None:
        return next(iter(self.simulated.values()))

    @property
    def history(self) -> Told | None:
        """Over the history, where its numbers hold."""
        told = self.simulated[Span.HISTORY]
        return told if told and self._is_known(told) else None

    @property
    def is_main_known(self) -> bool:
        return bool(self.main and self._is_known(self.main))

    @property
    def is_first(self) -> bool:
        """Of a model that never had a version in force: its customers have no stage yet."""
        return not self.draft.model.versions.filter(governs_from__isnull=False).exists()

    @property
    def begins_by_itself(self) -> bool:
        """Whether its numbers are to be found out unasked: few customers, and a draft that could be published."""
        if all(told and self._is_fresh(told) for told in self.simulated.values()) or not is_told_at_once():
            return False
        try:
            check(self.draft)
        except CannotPublish:
            return False
        return True

    def _is_known(self, told: Told) -> bool:
        return told.simulation.finished_at is not None and self._is_fresh(told)

    def _is_fresh(self, told: Told) -> bool:
        return not (told.is_stale or told.is_old(self.as_of) or told.is_for_others(self.heirs))


def rehearse(draft: ModelVersion, *, heirs: Mapping[str, str], by: User | None) -> None:
    """Simulate what the buttons do, of a large company only the main one. Raises CannotSimulate."""
    spans = _spans(draft)
    for span in spans if is_told_at_once() else spans[:1]:
        simulate(draft, Question(span, heirs=heirs), by=by)


def _spans(draft: ModelVersion) -> list[str]:
    return [Span.NOW, Span.HISTORY] if draft.model.published() else [Span.HISTORY]
