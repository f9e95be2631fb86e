"""How values are written in a mail: in its language, whatever the reader of the page speaks."""

from datetime import date, datetime
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from liquid.undefined import Undefined

from clm.base.money import written

LENGTHS = ("short", "medium", "long", "full")


def shown(value: object, locale: Locale) -> str:
    """Any value as text. What is not known is nothing; only plain values are ever written out."""
    if value is None or isinstance(value, Undefined):
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(format_decimal(value, format="#,##0.##", locale=locale))
    if isinstance(value, date):
        return day(value, locale, "long")
    if isinstance(value, list | tuple):
        return "".join(shown(each, locale) for each in value)
    return ""


def day(value: date, locale: Locale, length: str) -> str:
    plain = value.date() if isinstance(value, datetime) else value
    return str(format_date(plain, format=length if length in LENGTHS else "long", locale=locale))


def money(value: Decimal, locale: Locale, currency: str) -> str:
    return written(value, currency, locale)


def percent(value: Decimal, locale: Locale) -> str:
    return str(format_percent(value, locale=locale))


def decimals(value: Decimal, locale: Locale, digits: int) -> str:
    return str(format_decimal(value, format="#,##0" + ("." + "0" * digits if digits else ""), locale=locale))
