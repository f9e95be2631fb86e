"""How long this organisation keeps things: the usual, and what an administrator chose instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, Organisation, User
from clm.accounts.stale import Read
from clm.base import clock, deadline
from clm.base.kept import LONGEST, Kept, RowsUpTo, all_kept

NAMES = ("kept_for", "bookkeeping_years")
BOOKKEEPING = "bookkeeping_years"
MOST_YEARS = 30
COUNTED_UP_TO = 100_000
PATIENCE_MS = 5_000
Lengths = dict[str, int | None]


def lengths(organisation: Organisation) -> Lengths:
    """Of all that is kept, by name; None is for ever."""
    return {kept.name: organisation.kept_for.get(kept.name, kept.usual) for kept in all_kept()}


@transaction.atomic
def keep_for(
    wanted: Mapping[str, int | None],
    *,
    by: User | None,
    bookkeeping_years: int | None = None,
    read: Read | None = None,
) -> Organisation:
    """From the next night on; names that are left out stay. Raises ValidationError (by name), Stale."""
    organisation = Organisation.objects.current()
    organisation.refresh_from_db(from_queryset=Organisation.objects.select_for_update())
    if read:
        read.hold_against(organisation)
    years = organisation.bookkeeping_years if bookkeeping_years is None else bookkeeping_years
    _refuse(wanted, years)
    before = _told(organisation)
    usual = {kept.name: kept.usual for kept in all_kept()}
    chosen = lengths(organisation) | dict(wanted)
    organisation.kept_for = {name: length for name, length in chosen.items() if length != usual[name]}
    organisation.bookkeeping_years = years
    after = _told(organisation)
    if changed := {name for name, value in after.items() if before[name] != value}:
        organisation.save(update_fields=NAMES)
        _record(
            organisation, by, *({name: told[name] for name in sorted(changed)} for told in (before, after))
        )
    return organisation


def _told(organisation: Organisation) -> Lengths:
    return lengths(organisation) | {BOOKKEEPING: organisation.bookkeeping_years}


def _record(organisation: Organisation, by: User | None, before: Lengths, after: Lengths) -> None:
    AuditEntry.objects.record("retention.changed", organisation, by=by, before=before, after=after)


def _refuse(wanted: Mapping[str, int | None], years: int) -> None:
    known = {kept.name: kept for kept in all_kept()}
    problems = {name: _("Nothing of this name is kept.") for name in wanted if name not in known}
    for name, length in wanted.items():
        if name in known and length is not None and not known[name].least <= length <= LONGEST:
            problems[name] = _("Choose %(least)s to %(most)s, or nothing.") % {
                "least": known[name].least,
                "most": LONGEST,
            }
    if not 1 <= years <= MOST_YEARS:
        problems[BOOKKEEPING] = _("Choose 1 to %(most)s years.") % {"most": MOST_YEARS}
    if problems:
        raise ValidationError(problems)


@dataclass(frozen=True)
class Going:
    """How many rows would go tonight; no more than `COUNTED_UP_TO` of each part are counted."""

    number: int
    is_capped: bool


def going(chosen: Mapping[str, int | None]) -> dict[str, Going] | None:
    """By name, for what is not kept for ever. None where counting takes longer than anybody should wait."""
    at, asked = clock.now(), {}
    due = [(kept, length) for kept in all_kept() if (length := chosen.get(kept.name)) is not None]
    for place, (kept, length) in enumerate(due):
        for number, part in enumerate(kept.parts):
            asked[f"n{place}_{number}"] = RowsUpTo(part.rows(kept.bound(length, at)), COUNTED_UP_TO)
    rows: Any = Organisation.objects.filter(pk=1).values(one=F("pk"), **asked)
    try:
        with deadline.within(PATIENCE_MS):
            found = rows.first() or {}
    except OperationalError:
        return None
    return {kept.name: _sum(kept, place, found) for place, (kept, _length) in enumerate(due)}


def _sum(kept: Kept, place: int, found: Mapping[str, Any]) -> Going:
    numbers = [found.get(f"n{place}_{number}", 0) for number in range(len(kept.parts))]
    return Going(sum(numbers), any(number >= COUNTED_UP_TO for number in numbers))
