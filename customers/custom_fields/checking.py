"""Holding values against their definitions, for every door alike."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from customers.custom_fields.kinds import DoesNotFit, stored
from customers.custom_fields.known import definitions
from customers.models.custom_field import PREFIX, CustomField


def checked(values: Mapping[str, Any], *, before: Mapping[str, Any], is_new: bool = False) -> dict[str, Any]:
    """The values as they are kept. What stays as it was is not asked; a required one may not be taken away.

    `is_new`: nothing was there, so that all that is required must come. Raises ValidationError by "fields.<key>".
    """
    known = definitions()
    if not known:
        return dict(values)
    kept, wrong = {}, {}
    for key, value in values.items():
        try:
            kept[key] = value if key in before and before[key] == value else _fitting(known.get(key), value)
        except DoesNotFit as error:
            wrong[PREFIX + key] = said(known[key], error)
    kept = {key: value for key, value in kept.items() if value is not None or key not in known}
    for one in known.values():
        if _is_missing(one, kept, before, is_new=is_new):
            wrong[one.name] = lacking(one)
    if wrong:
        raise ValidationError(wrong)
    return kept


def _fitting(definition: CustomField | None, value: Any) -> Any:
    return stored(definition, value) if definition else value


def _is_missing(
    one: CustomField, kept: Mapping[str, Any], before: Mapping[str, Any], *, is_new: bool
) -> bool:
    return one.is_required and not one.archived_at and one.key not in kept and (is_new or one.key in before)


def lacking(definition: CustomField) -> str:
    return _("%(field)s: this field is required; give it a value.") % {"field": definition.label}


def said(definition: CustomField, error: DoesNotFit) -> str:
    """What is wrong and what would be right, after the field's name."""
    return f"{definition.label}: {error}"
