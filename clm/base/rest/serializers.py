"""Serializers that take nothing but what they declare, in the type they declare it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from clm.base.rest.instants import NotAnInstant, parsed_instant


class StrictSerializer(serializers.Serializer[Any]):
    """Fields it does not know are refused by name, so that a typing mistake is not lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = self._unknown(data)
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            if isinstance(error.detail, dict):
                raise ValidationError({**error.detail, **unknown}) from error
            raise
        if unknown:
            raise ValidationError(unknown)
        return value

    def _unknown(self, data: Any) -> dict[str, list[ErrorDetail]]:
        if not isinstance(data, Mapping):
            return {}
        known = {name for name, field in self.fields.items() if not field.read_only}
        return {
            name: [ErrorDetail(_refusal(name, self), code="unknown")] for name in data if name not in known
        }


def _refusal(name: str, serializer: serializers.Serializer[Any]) -> str:
    if name in serializer.fields:
        return _("This field can only be read.")
    return _("There is no such field.")


class TextField(serializers.CharField):
    """Text only: a number is not quietly turned into text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class WholeNumberField(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool | str):
            self.fail("invalid")
        return super().to_internal_value(data)


class AmountField(serializers.DecimalField):
    """Money, as text or number in; always as text out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"max_digits": 16, "decimal_places": 4, "coerce_to_string": True} | kwargs))

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class InstantField(serializers.DateTimeField):
    """An instant with its offset; kept and shown in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"default_timezone": UTC} | kwargs))

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("invalid", format="2026-06-30T14:00:00Z")
        try:
            return parsed_instant(value)
        except NotAnInstant as error:
            raise ValidationError(str(error), code="invalid") from error


class ObjectField(serializers.DictField):
    """A JSON object with plain values: text, numbers, true, false, null."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        value: dict[str, Any] = super().to_internal_value(data)
        nested = [name for name, inner in value.items() if isinstance(inner, dict | list)]
        if nested:
            raise ValidationError(
                _("Values are text, numbers, true, false or null; %(names)s is not.")
                % {"names": ", ".join(nested)}
            )
        return value
