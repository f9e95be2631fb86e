"""Numbers, money and dates in the reader's language. Built in: templates need no `load`."""

from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Protocol

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.numbers import (
    format_compact_decimal,
    format_decimal,
    format_percent,
)
from django import template
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clm.base.money import Money, is_whole, written, written_short

register = template.Library()
NONE = "–"
Number = int | float | Decimal


class Result(Protocol):
    """What `result` needs of a metric's result object."""

    value: Number | None
    unit: str
    currency: str | None
    reason: str


def locale() -> Locale:
    return locale_of(translation.get_language() or "en")


@lru_cache
def locale_of(language: str) -> Locale:
    try:
        return Locale.parse(translation.to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@register.filter
def number(value: Number | None, digits: int | None = None) -> str:
    """1234.5 -> 1,234.5. At most two decimals; exactly `digits` when given."""
    if value is None or value == "":
        return NONE
    pattern = "#,##0.##" if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return _decimal(value, pattern, locale())


@lru_cache(maxsize=4096)
def _decimal(value: Number, pattern: str, reader: Locale) -> str:
    return str(format_decimal(value, format=pattern, locale=reader))


@register.filter
def short_number(value: Number | None) -> str:
    """1234567 -> 1.2M. Whole where the language has no short form."""
    if value is None:
        return NONE
    shown = str(format_compact_decimal(value, locale=locale(), fraction_digits=1))
    return number(value, 0) if is_whole(shown, value) else shown


@register.filter
def percent(value: Number | None, digits: int = 1) -> str:
    """A fraction: 0.874 -> 87.4%."""
    if value is None or value == "":
        return NONE
    pattern = locale().percent_formats[None].pattern
    return str(
        format_percent(value, format=pattern.replace("#,##0", "#,##0." + "#" * digits), locale=locale())
    )


def signed(value: Number) -> str:
    """How much something changed: 24.34 -> +24.3."""
    return str(format_decimal(value, format="+#,##0.#;-#,##0.#", locale=locale()))


def signed_percent(fraction: Number) -> str:
    """0.2434 -> +24.3%."""
    pattern = locale().percent_formats[None].pattern.replace("#,##0", "#,##0.#")
    return str(format_percent(fraction, format=f"+{pattern};-{pattern}", locale=locale()))


@register.filter
def hundredths(share: Number | None) -> str:
    """0.874 -> 87, for narrow cells whose caption says per cent."""
    return NONE if share is None else str(format_decimal(share * 100, format="0", locale=locale()))


@register.filter
def money(value: Money | Number | None, currency: str = "") -> str:
    """`order.total|money:"EUR"`, or a Money. All digits of the currency."""
    amount, code = _money_of(value, currency)
    return NONE if amount is None else _currency(amount, code, locale())


@lru_cache(maxsize=4096)
def _currency(amount: Number, code: str, reader: Locale) -> str:
    return written(amount, code, reader)


@register.filter
def short_money(value: Money | Number | None, currency: str = "") -> str:
    """2500315.63 -> $2.5M. For tiles and axes; the exact amount belongs beside it or in its title."""
    amount, code = _money_of(value, currency)
    if amount is None:
        return NONE
    if -10_000 < amount < 10_000:
        return money(value, currency)
    return written_short(amount, code, locale())


def _money_of(value: Money | Number | None, currency: str) -> tuple[Number | None, str]:
    if isinstance(value, tuple):
        return value.amount, value.currency
    return (None if value == "" else value), currency


@register.filter
def date_local(value: date | datetime | None, length: str = "medium") -> str:
    """Nov 22, 2026, in the reader's zone. `length`: short, medium, long, full, or a Babel pattern."""
    if not value:
        return NONE
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return _date(day, length, locale())


@register.filter
def datetime_local(value: datetime | None, length: str = "medium") -> str:
    """Nov 22, 2026, 2:05 PM, in the reader's zone."""
    if not value:
        return NONE
    reader = locale()
    local = timezone.localtime(value)
    pattern = str(get_datetime_format(length, locale=reader))  # type: ignore[arg-type]
    return pattern.replace("'", "").format(
        _time(local.time().replace(second=0, microsecond=0), reader), _date(local.date(), length, reader)
    )


# A list says the same few days, minutes and counts over and over.
@lru_cache(maxsize=4096)
def _date(day: date, length: str, reader: Locale) -> str:
    return str(format_date(day, format=length, locale=reader))


@lru_cache(maxsize=4096)
def _time(minute: time, reader: Locale) -> str:
    return str(format_time(minute, "short", locale=reader))


@register.filter
def ago(value: datetime | date | None) -> str:
    """3 hours ago; in 2 days. Dates count whole days."""
    if not value:
        return NONE
    # The process's clock, not the database's: a query for each row of a list would be too dear for a phrase.
    now = datetime.now(UTC)  # noqa: TID251
    if isinstance(value, datetime):
        return str(format_timedelta(value - now, add_direction=True, locale=locale()))
    if value == timezone.localtime(now).date():
        return _("today")
    delta = value - timezone.localtime(now).date()
    return str(format_timedelta(delta, granularity="day", add_direction=True, locale=locale()))


@register.filter
def days(value: Number | None) -> str:
    """12 -> 12 d."""
    return NONE if value is None else _("%(number)s d") % {"number": number(value, 0)}


@register.filter
def human_size(value: int | None) -> str:
    """1536000 -> 1.5 MB."""
    if value is None:
        return NONE
    size = float(value)
    if size < 1000:
        return ngettext("%(count)d byte", "%(count)d bytes", value) % {"count": value}
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000 or unit == "GB":
            break
    return f"{format_decimal(size, format='#,##0.#', locale=locale())} {unit}"


@register.filter
def measure(value: Number | None, unit: str = "number") -> str:
    """A value by its unit: percent (a fraction), days, points (signed), count, or an ISO currency."""
    if value is None:
        return NONE
    if len(unit) == 3 and unit.isupper():
        return money(value, unit)
    by_unit = {"percent": percent, "days": days, "points": points, "count": number}
    return by_unit.get(unit, number)(value)


@register.filter
def points(value: Number | None) -> str:
    """46 -> +46. Halves go away from zero: 12.5 -> +13."""
    if value is None:
        return NONE
    whole = Decimal(str(value)).quantize(Decimal(1), ROUND_HALF_UP) + 0  # never -0
    return str(format_decimal(whole, format="+#,##0;-#,##0" if whole else "0", locale=locale()))


@register.filter
def result(value: Result | None) -> str:
    """A metric's result: its value by unit and currency, or “n/a” with the reason one hover away."""
    if value is None:
        return NONE
    if value.value is not None:
        return result_text(value)
    return format_html('<abbr class="not-available" title="{}">{}</abbr>', value.reason, _("n/a"))


@register.filter
def result_text(value: Result) -> str:
    return _("n/a") if value.value is None else measure(value.value, unit_of(value))


@register.filter
def unit_of(value: Result) -> str:
    """The unit as charts and `measure` take it: the currency for money."""
    return (value.currency or "number") if value.unit == "money" else value.unit
