"""Defining fields, changing and archiving them: the verbs behind page and API."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.custom_fields.known import restamp
from customers.models.custom_field import CustomField, FieldKind
from customers.profiles import COLUMNS

CHANGEABLE = ("labels", "choices", "is_required", "is_sensitive", "position")
MOST_FIELDS, MOST_CHOICES, LONGEST_CHOICE, LONGEST_LABEL = 100, 200, 100, 60
CLEAN = re.compile(r"\s+")


class StaleField(ValueError):
    """Somebody changed the definition since it was read; `current` is what it is now."""

    def __init__(self, current: CustomField) -> None:
        self.current = current
        super().__init__(_("The field was changed meanwhile. Look at it and save again."))


@transaction.atomic
def define(*, by: User, kind: str, labels: Mapping[str, str], key: str = "", **more: Any) -> CustomField:
    """A new definition, also of a field that customers have already. Raises ValidationError by field."""
    CustomField.objects.all().lock()
    if CustomField.objects.count() >= MOST_FIELDS:
        raise ValidationError(
            {"labels": _("At most 100 fields can be defined. Archive some that nobody uses.")}
        )
    field = CustomField(kind=kind, labels=_labels(labels))
    field.key = key.strip() or slugify(field.labels.get("en", "")).replace("-", "_")[:60]
    field.position = CustomField.objects.count()
    _put(field, more)
    field.save(force_insert=True)
    field.refresh_from_db()
    restamp()
    AuditEntry.objects.record("field.defined", field, by=by, key=field.key, kind=kind)
    return field


@transaction.atomic
def change(
    field: CustomField, *, by: User, values: Mapping[str, Any], expected: datetime | None = None
) -> CustomField:
    """Labels, choices, required, hidden; never key or kind. `expected` is the `changed_at` that was read.

    Raises ValidationError by field and StaleField.
    """
    current = CustomField.objects.select_for_update().get(pk=field.pk)
    if expected is not None and current.changed_at != expected:
        raise StaleField(current)
    before = {name: getattr(current, name) for name in CHANGEABLE}
    _put(current, {name: value for name, value in values.items() if name in CHANGEABLE})
    changed = sorted(name for name in CHANGEABLE if getattr(current, name) != before[name])
    if changed:
        current.changed_at = clock.now()
        current.save(update_fields=[*CHANGEABLE, "changed_at"])
        restamp()
        AuditEntry.objects.record("field.changed", current, by=by, fields=changed)
    return current


def archive(field: CustomField, *, by: User) -> CustomField:
    """It is asked and shown no more; the values stay, and conditions go on."""
    return _set_archived(field, clock.now(), "field.archived", by)


def restore(field: CustomField, *, by: User) -> CustomField:
    return _set_archived(field, None, "field.restored", by)


@transaction.atomic
def _set_archived(field: CustomField, at: datetime | None, action: str, by: User) -> CustomField:
    current = CustomField.objects.select_for_update().get(pk=field.pk)
    if (current.archived_at is None) == (at is None):
        return current
    current.archived_at, current.changed_at = at, clock.now()
    current.save(update_fields=["archived_at", "changed_at"])
    restamp()
    AuditEntry.objects.record(action, current, by=by)
    return current


def _put(field: CustomField, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(field, name, _labels(value) if name == "labels" else value)
    field.choices = _choices(field.choices) if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES) else []
    wrong = _wrong(field)
    if wrong:
        raise ValidationError(wrong)
    try:
        field.full_clean(exclude=["labels", "choices"])
    except ValidationError as error:
        told = error.message_dict
        if NON_FIELD_ERRORS in told:
            told["key"] = told.pop(NON_FIELD_ERRORS)
        raise ValidationError(told) from error


def _wrong(field: CustomField) -> dict[str, str]:
    wrong = {}
    if not field.labels.get("en"):
        wrong["labels"] = _("Give the field a name in English; the other languages may follow.")
    elif any(len(text) > LONGEST_LABEL for text in field.labels.values()):
        wrong["labels"] = _("A name has at most 60 characters.")
    if not field.pk and field.key in COLUMNS:
        wrong["key"] = _("Every customer has “%(key)s” already. Choose another key.") % {"key": field.key}
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        if not field.choices:
            wrong["choices"] = _("Give the choices, one a line.")
        elif len(field.choices) > MOST_CHOICES or any(len(one) > LONGEST_CHOICE for one in field.choices):
            wrong["choices"] = _("At most 200 choices of at most 100 characters.")
        elif any(mark in one for one in field.choices for mark in ",;|"):
            wrong["choices"] = _(
                "A choice has no comma, semicolon or bar in it: files put them between choices."
            )
    return wrong


def _labels(given: Mapping[str, str]) -> dict[str, str]:
    known = dict(settings.LANGUAGES)
    return {
        code: CLEAN.sub(" ", text).strip() for code, text in given.items() if code in known and text.strip()
    }


def _choices(given: Sequence[str]) -> list[str]:
    """Without blanks, each once however it is capitalised."""
    found: dict[str, str] = {}
    for one in given:
        text = CLEAN.sub(" ", str(one)).strip()
        if text:
            found.setdefault(text.casefold(), text)
    return list(found.values())
