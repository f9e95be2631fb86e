"""What each kind of field takes, how a value is kept as JSON, and how it is shown."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from clm.base.templatetags.formats import date_local, number
from customers.models.custom_field import CustomField, FieldKind

LONGEST = 1000
TRUE, FALSE = {"true", "yes", "1", "y", "ja", "on"}, {"false", "no", "0", "n", "nej", "nee", "nein", "off"}
SEPARATORS = str.maketrans({";": ",", "|": ","})
EITHER_WAY = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")
MOST_DIGITS = Decimal(10) ** 15


class DoesNotFit(ValueError):
    """The value is none of this field's kind; the message says what would be."""


def stored(definition: CustomField, value: Any) -> Any:
    """A value from a form, a file or a program as it is kept; None for nothing. Raises DoesNotFit."""
    if value is None or (isinstance(value, str) and not value.strip()) or value == []:
        return None
    return _READ[definition.kind](definition, value)


def shown(definition: CustomField, value: Any) -> str:
    """In the reader's words; what does not fit is shown as it is."""
    if value is None:
        return ""
    try:
        fits = stored(definition, value)
    except DoesNotFit:
        return str(value)
    return _SHOWN.get(definition.kind, str)(fits)


def _text(definition: CustomField, value: Any) -> str:
    if isinstance(value, bool | list | dict):
        raise DoesNotFit(_("expected text."))
    text = str(value).strip()
    if len(text) > LONGEST:
        raise DoesNotFit(_("has at most 1,000 characters."))
    return text


def _number(definition: CustomField, value: Any) -> int | float:
    if isinstance(value, str) and EITHER_WAY.fullmatch(value.strip()):
        raise DoesNotFit(
            _("“%(value)s” can be read in two ways; write it without thousands separators.")
            % {"value": value}
        )
    try:
        if isinstance(value, bool | list | dict):
            raise InvalidOperation
        found = Decimal(str(value).strip().replace(" ", "").replace("\u00a0", "").replace(",", "."))
    except InvalidOperation as error:
        raise DoesNotFit(_("“%(value)s” is not a number; write it as 12.5.") % {"value": value}) from error
    if not found.is_finite() or abs(found) >= MOST_DIGITS:
        raise DoesNotFit(_("“%(value)s” is too large; use up to 15 digits.") % {"value": value})
    return int(found) if found == found.to_integral_value() else float(found)


def _date(definition: CustomField, value: Any) -> str:
    text = str(value).strip()
    try:
        if isinstance(value, bool | list | dict):
            raise ValueError
        day = date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text).date()
        return day.isoformat()
    except ValueError as error:
        raise DoesNotFit(
            _("“%(value)s” is not a date; write it as 2026-06-30.") % {"value": value}
        ) from error


def _choice(definition: CustomField, value: Any) -> str:
    text = str(value).strip()
    by_word: dict[str, str] = {one.casefold(): one for one in definition.choices}
    if text.casefold() not in by_word:
        raise DoesNotFit(
            _("“%(value)s” is none of the choices; use one of: %(choices)s.")
            % {"value": text[:60], "choices": ", ".join(definition.choices)}
        )
    return by_word[text.casefold()]


def _choices(definition: CustomField, value: Any) -> list[str] | None:
    """A list, or text with commas, semicolons or bars between; in the order of the definition."""
    parts = value if isinstance(value, list | tuple) else str(value).translate(SEPARATORS).split(",")
    chosen = {_choice(definition, part) for part in parts if str(part).strip()}
    return [one for one in definition.choices if one in chosen] or None


def _yes_no(definition: CustomField, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    if word in TRUE | FALSE:
        return word in TRUE
    raise DoesNotFit(_("“%(value)s” is neither yes nor no; write true or false.") % {"value": value})


_READ: Mapping[str, Callable[[CustomField, Any], Any]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choices,
    FieldKind.YES_NO: _yes_no,
}
_SHOWN: Mapping[str, Callable[[Any], str]] = {
    FieldKind.NUMBER: lambda value: number(Decimal(str(value))),
    FieldKind.DATE: lambda value: date_local(date.fromisoformat(value)),
    FieldKind.CHOICES: ", ".join,
    FieldKind.YES_NO: lambda value: _("Yes") if value else _("No"),
}


def form_field(definition: CustomField, *, is_required: bool | None = None) -> forms.Field:
    """What asks for a value of it; its `clean` gives plain text or a list, which `stored` then reads."""
    common: dict[str, Any] = {
        "label": definition.label,
        "required": definition.is_required if is_required is None else is_required,
    }
    options = [(one, one) for one in definition.choices]
    if definition.kind == FieldKind.CHOICE:
        return forms.ChoiceField(choices=[("", "–"), *options], **common)
    if definition.kind == FieldKind.CHOICES:
        return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple, **common)
    if definition.kind == FieldKind.YES_NO:
        return forms.ChoiceField(choices=[("", "–"), *yes_no()], **common)
    if definition.kind == FieldKind.DATE:
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **common)
    kind = {"inputmode": "decimal"} if definition.kind == FieldKind.NUMBER else {}
    return forms.CharField(max_length=LONGEST, widget=forms.TextInput(attrs=kind), **common)


def yes_no() -> list[tuple[str, str]]:
    return [("true", _("Yes")), ("false", _("No"))]


def for_form(definition: CustomField, value: Any) -> Any:
    """A kept value as its form field takes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
