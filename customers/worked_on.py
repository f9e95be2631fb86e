"""Rows that people work on (leads, tickets), many at once: each by its verb, and taken back as far as nobody changed it
since."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from clm.accounts import bulk
from clm.accounts.bulk.actions import Do
from clm.accounts.models import Team, User
from clm.base.db import among
from customers.models import Customer

Row = Any
Change = Callable[[Row, bulk.Values, User], Row]
Kept = Mapping[str, Any]


@dataclass(frozen=True)
class WorkedOn:
    """`kept` tells of a row, as plain JSON, what a change may give another value; `restore` puts that back by verbs."""

    model: Any
    kept: Callable[[Row], dict[str, Any]]
    restore: Callable[[Row, Kept, User], object]

    def doing(self, change: Change) -> Do:
        def do(ids: Sequence[int], values: bulk.Values, by: User) -> bulk.Outcome:
            rows = self._locked(ids)
            return bulk.one_by_one(lambda pk: self._done(rows[pk], change, values, by), sorted(rows))

        return do

    def _done(self, row: Row, change: Change, values: bulk.Values, by: User) -> dict[str, Any] | None:
        before = self.kept(row)
        changed = change(row, values, by)
        if self.kept(changed) == before:
            return None
        return before | {"changed_at": changed.changed_at.isoformat()}

    def _locked(self, ids: Sequence[int]) -> dict[int, Row]:
        """With their customers, in the order in which every verb locks."""
        rows = self.model.objects.filter(among("pk", ids))
        Customer.objects.filter(pk__in=rows.values("customer")).lock()
        found: dict[int, Row] = rows.select_related("owner", "team", "customer").in_bulk()
        return found

    def put_back(self, kept: Mapping[int, Any], values: bulk.Values, by: User) -> set[int]:
        """Those that nobody changed since."""
        rows = self._locked(list(kept))
        same = [pk for pk, row in rows.items() if row.changed_at == instant(kept[pk]["changed_at"])]

        def restored(pk: int) -> bool:
            self.restore(rows[pk], kept[pk], by)
            return True

        return set(bulk.one_by_one(restored, sorted(same)).before)


def instant(text: str | None) -> datetime | None:
    """As `plain` wrote it."""
    return datetime.fromisoformat(text) if text else None


def plain(row: Row, *names: str) -> dict[str, str | None]:
    """Instants of a row as JSON has them."""
    return {name: at.isoformat() if (at := getattr(row, name)) else None for name in names}


def whose(row: Row, values: bulk.Values) -> dict[str, Any]:
    """For the verb `assign`: a new owner brings the own team, unless one is named."""
    owner = User.objects.filter(pk=values["owner"]).first() if "owner" in values else row.owner
    team = Team.objects.filter(pk=values["team"]).first() if "team" in values else None
    keeps_team = "owner" not in values and "team" not in values
    return {"owner": owner, "team": row.team if keeps_team else team}


def people(kept: Kept) -> dict[str, Any]:
    """Whose it was."""
    owner, team = User.objects.filter(pk=kept["owner"]), Team.objects.filter(pk=kept["team"])
    return {"owner": owner.first(), "team": team.first()}


def told_assigned(values: bulk.Values) -> str:
    models: dict[str, Any] = {"owner": User, "team": Team}
    found = {name: models[name]._default_manager.filter(pk=pk).first() for name, pk in values.items()}
    return ", ".join(str(one or _("Nobody")) for one in found.values())
