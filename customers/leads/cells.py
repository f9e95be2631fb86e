"""The cells of the list of leads that are edited in their place."""

from collections.abc import Mapping
from typing import Any

from clm.accounts.models import User
from customers.leads.forms import LeadForm
from customers.models import Lead

# Cell: the fields of `LeadForm` that stand in it.
CELLS: dict[str, tuple[str, ...]] = {
    "next": ("next_action", "next_action_on"),
    "value": ("value", "currency"),
    "close": ("expected_close_on",),
    "owner": ("owner",),
}


class CellForm(LeadForm):
    """Asks for the fields of one cell alone."""

    def __init__(self, data: Any = None, *, cell: str, lead: Lead, user: User) -> None:
        super().__init__(data, lead=lead, user=user)
        for name in set(self.fields) - {*CELLS[cell], "expected"}:
            del self.fields[name]
        self.cell = cell

    def values(self) -> Mapping[str, Any]:  # type: ignore[override]
        given = {name: self.cleaned_data[name] for name in CELLS[self.cell]}
        if self.cell == "value" and given["value"] is None:
            return given | {"currency": ""}
        return given
