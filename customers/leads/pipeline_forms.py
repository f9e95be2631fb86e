"""The steps of a pipeline as people type them: rows that go up and down, come and go, until they are saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.leads.pipeline_editing import MOST_STEPS, Expectations, StepDraft
from customers.models import LeadPipeline, LeadStatus
from customers.models.lead_pipeline import LONGEST_RESPONSE
from customers.models.lead_status import OPEN


class ExpectationsForm(forms.Form):
    respond_within_hours = forms.IntegerField(
        label=_("First contact within (hours)"),
        required=False,
        min_value=1,
        max_value=LONGEST_RESPONSE,
        help_text=_("A new lead that nobody has contacted by then is marked as late. Empty: no target."),
    )
    demands_next_action = forms.BooleanField(
        label=_("Open leads need a next action"),
        required=False,
        help_text=_("Forms ask for it. Leads that come without are marked, and listed under “Unplanned”."),
    )

    def expectations(self) -> Expectations:
        return Expectations(**self.cleaned_data)


@dataclass
class StepRows:
    rows: list[StepDraft] = field(default_factory=list)

    open_statuses = [(status.value, status.label) for status in OPEN]

    @classmethod
    def of(cls, pipeline: LeadPipeline) -> "StepRows":
        return cls([StepDraft(step.name, step.status, step.pk) for step in pipeline.steps])

    @classmethod
    def typed(cls, data: Mapping[str, str]) -> "StepRows":
        numbers = range(MOST_STEPS + 1)
        return cls([_draft(data, number) for number in numbers if f"step-{number}-status" in data])

    def act(self, what: str) -> bool:
        """Do what a button says ("up-2", "down-2", "remove-2", "add"); False when it is none of these."""
        verb, _dash, at = what.partition("-")
        number = int(at) if at.isascii() and at.isdigit() and len(at) < 3 else -1
        if verb == "add":
            self.rows.insert(self._opens, StepDraft("", LeadStatus.CONTACTED))
        elif verb == "remove" and 0 <= number < len(self.rows):
            del self.rows[number]
        elif verb in ("up", "down"):
            self._exchange(number, number + (-1 if verb == "up" else 1))
        else:
            return False
        return True

    @property
    def shown(self) -> list[dict[str, object]]:
        return [
            {"draft": draft, "word": LeadStatus(draft.status).label, "is_open": draft.status in OPEN}
            for draft in self.rows
        ]

    @property
    def _opens(self) -> int:
        return sum(draft.status in OPEN for draft in self.rows)

    def _exchange(self, one: int, other: int) -> None:
        if min(one, other) >= 0 and max(one, other) < self._opens:
            self.rows[one], self.rows[other] = self.rows[other], self.rows[one]


def _draft(data: Mapping[str, str], number: int) -> StepDraft:
    status, pk = data[f"step-{number}-status"], data.get(f"step-{number}-id", "")
    known = status if status in LeadStatus.values else LeadStatus.NEW
    is_id = pk.isascii() and pk.isdigit() and len(pk) < 19
    return StepDraft(data.get(f"step-{number}-name", ""), known, int(pk) if is_id else None)
