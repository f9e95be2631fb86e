"""Setting thresholds: the verbs behind page and API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.models import Customer, Scoring, Threshold, ThresholdCrossing
from customers.scoring.crossing import note_crossings
from customers.scoring.keeping import StaleScoring

FIELDS = ("name", "fit", "interest", "action", "owner", "again_after_days", "is_active")


@transaction.atomic
def set_threshold(*, by: User | None, values: Mapping[str, Any]) -> Threshold:
    """A new one; who is above already is not acted on. Raises ValidationError by field."""
    Scoring.objects.lock()
    threshold = Threshold(**_known(values))
    _clean(threshold)
    threshold.save(force_insert=True)
    threshold.refresh_from_db()
    AuditEntry.objects.record("threshold.set", threshold, by=by, then=threshold.action)
    note_crossings(Customer.objects.all(), only=threshold, is_quiet=True)
    return threshold


@transaction.atomic
def change_threshold(
    threshold: Threshold, *, by: User | None, values: Mapping[str, Any], expected: datetime | None = None
) -> Threshold:
    """Who comes to be above by the change is not acted on. Raises ValidationError by field, StaleScoring."""
    Scoring.objects.lock()
    current = Threshold.objects.select_for_update(of=("self",)).get(pk=threshold.pk)
    if expected is not None and current.changed_at != expected:
        raise StaleScoring(current)
    known = _known(values)
    changed = sorted(name for name, value in known.items() if getattr(current, name) != value)
    for name in changed:
        setattr(current, name, known[name])
    if not changed:
        return current
    current.changed_at = clock.now()
    _clean(current)
    current.save(update_fields=[*changed, "changed_at"])
    AuditEntry.objects.record("threshold.changed", current, by=by, fields=changed)
    if {"fit", "interest", "is_active"} & set(changed):
        _look_again(current)
    return current


@transaction.atomic
def remove_threshold(threshold: Threshold, *, by: User | None) -> None:
    """Leads and tasks that came of it stay."""
    Scoring.objects.lock()
    AuditEntry.objects.record("threshold.removed", threshold, by=by)
    threshold.delete()


def _look_again(threshold: Threshold) -> None:
    if threshold.is_active:
        note_crossings(Customer.objects.all(), only=threshold, is_quiet=True)
    else:
        standing = ThresholdCrossing.objects.filter(threshold=threshold, fell_at=None)
        standing.update(fell_at=threshold.changed_at)


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    return {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}


def _clean(threshold: Threshold) -> None:
    try:
        threshold.full_clean()
    except ValidationError as error:
        told = error.message_dict
        whole = (
            "name"
            if Threshold.objects.exclude(pk=threshold.pk).filter(name__iexact=threshold.name)
            else "fit"
        )
        if NON_FIELD_ERRORS in told:
            told[whole] = told.pop(NON_FIELD_ERRORS)
        raise ValidationError(told) from error
