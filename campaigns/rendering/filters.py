"""The filters a marketer may use in a mail, all our own: each knows its bounds, none reaches further than its values."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote_plus

from babel import Locale
from django.utils.translation import gettext as _
from liquid.exceptions import FilterArgumentError
from liquid.undefined import Undefined

from campaigns.rendering import formats
from clm.base.money import CURRENCIES

LONGEST = 20_000
LARGEST = Decimal(10) ** 15

Filter = Callable[..., Any]


def filters(locale: Locale, currency: str) -> dict[str, Filter]:
    """By name; amounts without a currency of their own are in `currency`."""
    text = _TextFilters(locale)
    number = _NumberFilters(locale, currency)
    offered: dict[str, Filter] = {
        name: getattr(group, name)
        for group in (text, number)
        for name in dir(group)
        if not name.startswith("_")
    }
    return {name: _bounded(name, one) for name, one in offered.items()}


def _bounded(name: str, one: Filter) -> Filter:
    def run(value: Any, *arguments: Any) -> Any:
        if len(arguments) > 3 or any(
            isinstance(each, str) and len(each) > LONGEST for each in (value, *arguments)
        ):
            raise _refused(name)
        try:
            result = one(value, *arguments)
        except (TypeError, ValueError, ArithmeticError) as error:
            raise _refused(name) from error
        if isinstance(result, str | list) and len(result) > LONGEST:
            raise _refused(name)
        return result

    return run


def _refused(name: str) -> FilterArgumentError:
    return FilterArgumentError(_("“%(filter)s” can't work with this value.") % {"filter": name}, token=None)


class _TextFilters:
    def __init__(self, locale: Locale) -> None:
        self._locale = locale

    def _text(self, value: Any) -> str:
        return formats.shown(value, self._locale)

    def append(self, value: Any, more: Any) -> str:
        return self._text(value) + self._text(more)

    def prepend(self, value: Any, more: Any) -> str:
        return self._text(more) + self._text(value)

    def capitalize(self, value: Any) -> str:
        """The first letter only: “anna maria” becomes “Anna maria”."""
        text = self._text(value)
        return text[:1].upper() + text[1:]

    def upcase(self, value: Any) -> str:
        return self._text(value).upper()

    def downcase(self, value: Any) -> str:
        return self._text(value).lower()

    def strip(self, value: Any) -> str:
        return self._text(value).strip()

    def replace(self, value: Any, old: Any, new: Any = "") -> str:
        text, before, after = self._text(value), self._text(old), self._text(new)
        if not before:
            return text
        if text.count(before) * len(after) > LONGEST:
            raise ValueError
        return text.replace(before, after)

    def remove(self, value: Any, old: Any) -> str:
        return self.replace(value, old)

    def truncate(self, value: Any, most: Any = 50, end: Any = "…") -> str:
        text, room = self._text(value), _whole(most)
        mark = self._text(end)
        return text if len(text) <= room else text[: max(room - len(mark), 0)].rstrip() + mark

    def truncatewords(self, value: Any, most: Any = 15, end: Any = "…") -> str:
        words = self._text(value).split()
        room = max(_whole(most), 1)
        return " ".join(words[:room]) + (self._text(end) if len(words) > room else "")

    def split(self, value: Any, by: Any) -> list[str]:
        mark = self._text(by)
        text = self._text(value)
        return text.split(mark) if mark else list(text)

    def join(self, value: Any, by: Any = " ") -> str:
        return self._text(by).join(self._text(each) for each in _items(value))

    def first(self, value: Any) -> Any:
        return next(iter(_items(value)), None)

    def last(self, value: Any) -> Any:
        return next(reversed(_items(value)), None)

    def size(self, value: Any) -> int:
        return len(value) if isinstance(value, str | list) else 0

    def url_encode(self, value: Any) -> str:
        return quote_plus(self._text(value))

    def default(self, value: Any, other: Any = "") -> Any:
        """The other value where this one is missing, empty or false. 0 is a value."""
        is_missing = _is_nothing(value) or value is False or value == []
        return other if is_missing else value


class _NumberFilters:
    def __init__(self, locale: Locale, currency: str) -> None:
        self._locale, self._currency = locale, currency

    def plus(self, value: Any, other: Any) -> Decimal:
        return _small(_number(value) + _number(other))

    def minus(self, value: Any, other: Any) -> Decimal:
        return _small(_number(value) - _number(other))

    def times(self, value: Any, other: Any) -> Decimal:
        return _small(_number(value) * _number(other))

    def divided_by(self, value: Any, other: Any) -> Decimal:
        return _small(_number(value) / _number(other))

    def round(self, value: Any, digits: Any = 0) -> Decimal:
        return _small(_number(value)).quantize(Decimal(1).scaleb(-min(max(_whole(digits), 0), 6)))

    def number(self, value: Any, digits: Any = None) -> str:
        if _is_nothing(value):
            return ""
        if digits is None:
            return formats.shown(_number(value), self._locale)
        return formats.decimals(_number(value), self._locale, min(max(_whole(digits), 0), 6))

    def percent(self, value: Any) -> str:
        return "" if _is_nothing(value) else formats.percent(_number(value), self._locale)

    def money(self, value: Any, currency: Any = "") -> str:
        if _is_nothing(value):
            return ""
        code = str(currency) or self._currency
        if code not in CURRENCIES:
            raise ValueError
        return formats.money(_number(value), self._locale, code)

    def date(self, value: Any, length: Any = "long") -> str:
        if _is_nothing(value):
            return ""
        if not isinstance(value, date):
            value = date.fromisoformat(str(value)[:10])
        return formats.day(value, self._locale, str(length))


def _is_nothing(value: Any) -> bool:
    return value is None or value == "" or isinstance(value, Undefined)


def _items(value: Any) -> list[Any]:
    return list(value)[:LONGEST] if isinstance(value, str | list | tuple) else []


def _whole(value: Any) -> int:
    number = int(_number(value))
    if abs(number) > LONGEST:
        raise ValueError
    return number


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise TypeError
    if isinstance(value, str) and len(value) > 40:
        raise ValueError
    try:
        return _small(Decimal(str(value).strip()))
    except InvalidOperation as error:
        raise ValueError from error


def _small(value: Decimal) -> Decimal:
    if not value.is_finite() or abs(value) > LARGEST:
        raise ValueError
    return value
