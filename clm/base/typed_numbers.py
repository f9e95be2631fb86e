"""Numbers as people type them: with the marks of their language, or of another one.

A browser reads a number input by its own language, which need not be the reader's: where it is English, "4000,50" loses
its comma and becomes a hundred times as much.
"""

import re
from decimal import Decimal
from typing import Any

from babel.numbers import get_decimal_symbol
from django import forms

from clm.base.templatetags.formats import locale

_BETWEEN_THOUSANDS = re.compile("[\\s'\u2019]")


def plain(text: str, decimal_mark: str) -> str:
    """As Python reads it. A mark with three digits behind it parts thousands, unless it is alone and the reader's own."""
    text = _BETWEEN_THOUSANDS.sub("", text)
    for between, before in ((",", "."), (".", ",")):
        grouped = re.fullmatch(rf"[+-]?\d{{1,3}}(\{between}\d{{3}})+(\{before}\d*)?", text)
        is_certain = before in text or text.count(between) > 1 or between != decimal_mark
        if grouped and is_certain:
            return text.replace(between, "").replace(before, ".")
    return text if "." in text else text.replace(",", ".", 1)


def read_here(text: str) -> str:
    """What was typed by the reader of now, as Python reads it."""
    return plain(text, _mark())


def written_here(number: Decimal) -> str:
    """With the mark of the reader of now; `read_here` gives it back."""
    return f"{number:f}".replace(".", _mark())


class TypedDecimalField(forms.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs})

    def to_python(self, value: Any) -> Any:
        return super().to_python(read_here(value) if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        return written_here(value) if isinstance(value, Decimal) else value


def _mark() -> str:
    return str(get_decimal_symbol(locale()))
