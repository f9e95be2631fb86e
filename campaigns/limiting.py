"""The rules that hold for all sending, and the switch that stops all of it."""

from typing import Any

from django.db import transaction

from campaigns.models import SendingRules
from clm.accounts.models import AuditEntry, User
from clm.base import clock


@transaction.atomic
def change_rules(*, by: User | None, **values: Any) -> None:
    """`cap_messages`, `cap_days`, `quiet_from`, `quiet_until`, `expires_after_hours`. They hold from the next mail on."""
    rules = _locked()
    changed = [name for name, value in values.items() if getattr(rules, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(rules, name, values[name])
    rules.full_clean()
    rules.save(update_fields=changed)
    AuditEntry.objects.record("sending.rules_changed", rules, by=by, fields=sorted(changed))


@transaction.atomic
def stop_all(*, by: User, reason: str = "") -> None:
    """No mail of any campaign leaves until `go_on`; what waits, waits."""
    rules = _locked()
    if rules.stopped_at:
        return
    rules.stopped_at, rules.stopped_by, rules.stop_reason = clock.now(), by, reason[:500]
    rules.save(update_fields=["stopped_at", "stopped_by", "stop_reason"])
    AuditEntry.objects.record("sending.stopped", rules, by=by, reason=reason)


@transaction.atomic
def go_on(*, by: User) -> None:
    rules = _locked()
    if not rules.stopped_at:
        return
    rules.stopped_at, rules.stopped_by, rules.stop_reason = None, None, ""
    rules.save(update_fields=["stopped_at", "stopped_by", "stop_reason"])
    AuditEntry.objects.record("sending.resumed", rules, by=by)


def _locked() -> SendingRules:
    rules = SendingRules.objects.current()
    return SendingRules.objects.select_for_update().get(pk=rules.pk)
