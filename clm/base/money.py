"""Money: Decimal amount, ISO 4217 currency, and the rate to the reporting currency on its own date."""

import re
from decimal import Decimal
from typing import NamedTuple

from babel import Locale
from babel.numbers import format_compact_currency, format_currency, list_currencies
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

NOT_MONEY = {"XXX", "XTS", "XAU", "XAG", "XPT", "XPD"}
CURRENCIES = frozenset(code for code in list_currencies() if len(code) == 3) - NOT_MONEY


DECIMALS = 4  # that are kept of an amount


class Money(NamedTuple):
    amount: Decimal
    currency: str


def in_full(amount: Decimal) -> str:
    """For programs and files: the decimals that are kept, never an exponent."""
    return f"{amount:.{DECIMALS}f}"


def written(amount: Decimal | float, currency: str, reader: Locale) -> str:
    """SEK 1,020.50: all digits of the currency, as the reader's language writes them."""
    return _parted(str(format_currency(amount, currency, locale=reader)))


def written_short(amount: Decimal | float, currency: str, reader: Locale) -> str:
    """In whole units where the language has no short form: German begins with the million."""
    shown = str(format_compact_currency(amount, currency, locale=reader, fraction_digits=1))
    if is_whole(shown, amount):
        pattern = reader.currency_formats["standard"].pattern.replace(".00", "")
        shown = str(format_currency(amount, currency, pattern, locale=reader, currency_digits=False))
    return _parted(shown)


def is_whole(shown: str, amount: Decimal | float) -> bool:
    """Thousands that are written out, without marks between them: no short form."""
    units = abs(int(amount))
    return units >= 1000 and str(units) in shown


def _parted(shown: str) -> str:
    """Babel writes a code straight before the number."""
    return re.sub(r"([A-Z]{3})(\d)", "\\1\u00a0\\2", shown)


def validate_currency(code: str) -> None:
    if code not in CURRENCIES:
        raise ValidationError(
            _("“%(code)s” is not an ISO 4217 currency. Use three letters, such as EUR."),
            params={"code": code},
        )


class AmountField(models.DecimalField):  # type: ignore[type-arg]
    """An amount of money: up to 999,999,999,999.9999."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **({"max_digits": 16, "decimal_places": DECIMALS} | kwargs))  # type: ignore[arg-type]


class CurrencyField(models.CharField):  # type: ignore[type-arg]
    def __init__(self, *args: object, **kwargs: object) -> None:
        defaults = {"max_length": 3, "validators": [validate_currency]}
        super().__init__(*args, **(defaults | kwargs))  # type: ignore[arg-type]


class RateField(models.DecimalField):  # type: ignore[type-arg]
    """Reporting currency per unit, on the date of the row. Null: unknown, so the row is left out and counted."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        defaults = {"max_digits": 18, "decimal_places": 8, "null": True, "blank": True}
        super().__init__(*args, **(defaults | kwargs))  # type: ignore[arg-type]
