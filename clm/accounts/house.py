"""The organisation's settings, as a verb."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, Organisation, User
from clm.accounts.stale import Read

# Apps whose stored amounts were converted with today's reporting currency; each says whether it holds any.
_amounts: list[Callable[[], bool]] = []


class CurrencyInUse(Exception):
    """Amounts are stored with their rate to the reporting currency, so it can't change under them."""

    def __str__(self) -> str:
        return _(
            "Orders or spend are already stored with their rate to this currency, so it can't be changed any more."
        )


def holds_amounts(question: Callable[[], bool]) -> None:
    _amounts.append(question)


@transaction.atomic
def change_organisation(by: User | None, *, read: Read | None = None, **values: Any) -> Organisation:
    """Takes name, zone, currency, margin, inactive_after_days, administrators_need_two_factor. Raises Stale, CurrencyInUse."""
    organisation = Organisation.objects.current()
    organisation.refresh_from_db(from_queryset=Organisation.objects.select_for_update())
    if read:
        read.hold_against(organisation)
    changed = {name: value for name, value in values.items() if getattr(organisation, name) != value}
    if "currency" in changed and any(holds() for holds in _amounts):
        raise CurrencyInUse
    if changed:
        before = {name: _plain(getattr(organisation, name)) for name in changed}
        for name, value in changed.items():
            setattr(organisation, name, value)
        organisation.save(update_fields=list(changed))
        after = {name: _plain(value) for name, value in changed.items()}
        AuditEntry.objects.record("organisation.changed", organisation, by=by, before=before, after=after)
    return organisation


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str | int) else str(value)
