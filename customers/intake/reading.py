"""From a cell of a file, or a value of a JSON body, to a typed value. Every refusal says what would be right."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clm.accounts.models.organisation import validate_zone
from clm.base.facts import BEGINNING
from clm.base.money import CURRENCIES
from customers.identities import normalise_email, normalise_phone
from customers.intake.countries import CODES, COUNTRIES
from customers.intake.dates import DateFormat, parse_instant

Value = object
UTC_ZONE = ZoneInfo("UTC")
MOST = Decimal(10) ** 12
TEN_DIGITS = Decimal(10) ** 10


class Unreadable(ValueError):
    """The value can't be taken; the message is for the person who sent it."""


@dataclass(frozen=True)
class Reading:
    """How the values of one sender are to be understood.

    `typed` values come from JSON: instants carry their own zone and numbers are numbers. `latest` is the last
    instant that something can have happened at.
    """

    latest: datetime
    zone: ZoneInfo = UTC_ZONE
    date_format: DateFormat = DateFormat.ISO
    decimal_mark: str = "."
    currency: str = ""
    country: str = ""
    typed: bool = False


Reader = Callable[[Value, Reading], Value]


class SheetNumber(str):
    """A cell that is a number in its sheet: digits with a point, whatever the marks of the file's texts."""

    __slots__ = ()


class SheetDate(str):
    """A cell that is a date in its sheet: year first, whatever the format of the file's texts."""

    __slots__ = ()


def text(most: int) -> Reader:
    def read(value: Value, reading: Reading) -> str:
        return _plain(value, most)

    return read


def _plain(value: Value, most: int) -> str:
    if type(value) is not str and (isinstance(value, bool) or not isinstance(value, str | int)):
        raise Unreadable(_("Expected text."))
    plain = str(value).strip()
    if "\x00" in plain:
        raise Unreadable(_("It contains a NUL character. Remove it."))
    if not plain.isascii() and any("\ud800" <= sign <= "\udfff" for sign in plain):
        raise Unreadable(_("It contains half a character (a lone surrogate). Remove it."))
    if len(plain) > most:
        raise Unreadable(
            _("It has %(length)d characters; at most %(most)d fit.") % {"length": len(plain), "most": most}
        )
    return plain


def matching(pattern: re.Pattern[str], most: int, reason: Callable[[], str]) -> Reader:
    def read(value: Value, reading: Reading) -> str:
        plain = _plain(value, most)
        if not pattern.fullmatch(plain):
            raise Unreadable(reason())
        return plain

    return read


def one_of(choices: Collection[str]) -> Reader:
    known = {choice.casefold(): choice for choice in choices}

    def read(value: Value, reading: Reading) -> str:
        choice = known.get(_plain(value, 100).casefold())
        if choice is None:
            raise Unreadable(_("Expected one of: %(choices)s.") % {"choices": ", ".join(choices)})
        return choice

    return read


_YES = {"yes", "true", "1", "y", "ja", "j", "on", "x"}
_NO = {"no", "false", "0", "n", "nej", "nein", "nee", "off"}


def yes_or_no(value: Value, reading: Reading) -> bool:
    if isinstance(value, bool):
        return value
    word = _plain(value, 20).casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise Unreadable(_("Expected yes or no."))


def amount(value: Value, reading: Reading) -> Decimal:
    """Not negative, below a million million, at most four decimals."""
    if type(value) is str and reading.decimal_mark == "." and _PLAIN_AMOUNT.fullmatch(value):
        return Decimal(value)
    number = decimal(value, reading)
    if number < 0:
        raise Unreadable(_("An amount can't be below zero. Money given back is taken in as a refund."))
    return number


def decimal(value: Value, reading: Reading) -> Decimal:
    number = _number(value, reading)
    if not number.is_finite() or abs(number) >= MOST:
        raise Unreadable(_("The number is too large."))
    if number != round(number, 4):
        raise Unreadable(_("At most four decimals are kept. Round the number first."))
    return number


@dataclass(frozen=True)
class positive:
    """Rounded to so many places, and judged as rounded: it has to fit, and to be more than nothing."""

    places: int
    or_zero: bool = False

    def __call__(self, value: Value, reading: Reading) -> Decimal:
        number = _number(value, reading)
        if self.or_zero and number.is_zero():
            return Decimal(0)
        if not number.is_finite() or number <= 0:
            raise Unreadable(_("Expected a number above zero."))
        if number >= TEN_DIGITS or (rounded := round(number, self.places)) >= TEN_DIGITS:
            raise Unreadable(_("The number is too large."))
        if not rounded:
            reason = _("Rounded to %(places)d decimals this is zero. Give a larger number.")
            raise Unreadable(reason % {"places": self.places})
        return rounded


def is_number(read: Reader) -> bool:
    return read in (amount, decimal) or isinstance(read, positive)


_PLAIN = re.compile(r"[0-9]+(\.[0-9]*)?")
_PLAIN_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{0,4})?")  # nothing to look at twice
_GROUPED = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?|[+-]?\.\d+", re.ASCII)


def _number(value: Value, reading: Reading) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable(_("Expected a number."))
    plain = str(value).strip()
    if (
        isinstance(value, SheetNumber)
        or not isinstance(value, str)
        or reading.typed
        or (reading.decimal_mark == "." and _PLAIN.fullmatch(plain))
    ):
        return _decimal_of(plain)
    unspaced = re.sub(r"[\s\u00a0\u202f'\u2019]", "", plain)
    pointed = unspaced.translate(_SWAP) if reading.decimal_mark == "," else unspaced
    if not _GROUPED.fullmatch(pointed):
        raise Unreadable(
            _("“%(text)s” is not a number with “%(mark)s” before its decimals.")
            % {"text": plain[:40], "mark": reading.decimal_mark}
        )
    return _decimal_of(pointed.replace(",", ""))


_SWAP = str.maketrans(",.", ".,")


def _decimal_of(plain: str) -> Decimal:
    try:
        return Decimal(plain)
    except InvalidOperation:
        raise Unreadable(_("“%(text)s” is not a number.") % {"text": plain[:40]}) from None


def currency(value: Value, reading: Reading) -> str:
    code = _plain(value, 20).upper()
    if code not in CURRENCIES:
        raise Unreadable(
            _("“%(code)s” is not an ISO 4217 currency. Use three letters, such as EUR.") % {"code": code}
        )
    return code


def country(value: Value, reading: Reading) -> str:
    """ISO 3166 letters, or the English name of the country."""
    plain = _plain(value, 60)
    code = plain.upper() if len(plain) == 2 else COUNTRIES.get(plain.casefold(), "")
    if code not in CODES:
        raise Unreadable(
            _("“%(text)s” is not a country. Use two letters (ISO 3166), such as DK.") % {"text": plain}
        )
    return code


def zone(value: Value, reading: Reading) -> str:
    plain = _plain(value, 64)
    try:
        validate_zone(plain)
    except ValidationError as error:
        raise Unreadable(error.messages[0]) from None
    return plain


def email(value: Value, reading: Reading) -> str:
    plain = _plain(value, 1000)
    try:
        return normalise_email(plain)
    except ValueError as error:
        raise Unreadable(str(error)) from None


def phone(value: Value, reading: Reading) -> str:
    plain = _plain(value, 100)
    try:
        return normalise_phone(plain, country=reading.country)
    except ValueError as error:
        raise Unreadable(str(error)) from None


def instant(value: Value, reading: Reading) -> datetime:
    """When something happened: since 1900 and not in the future."""
    read = _instant(value, reading)
    if read < BEGINNING:
        raise Unreadable(_("The date lies before 1900."))
    if read > reading.latest:
        raise Unreadable(_("The date lies in the future."))
    return read


def _instant(value: Value, reading: Reading) -> datetime:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise Unreadable(_("The time needs a time zone, such as 2026-06-30T12:00:00+02:00."))
        return value.astimezone(UTC)
    plain = _plain(value, 60)
    try:
        read = _remembered(plain, _format_of(value, reading), None if reading.typed else reading.zone)
    except ValueError as error:
        raise Unreadable(str(error)) from None
    return read


def _format_of(value: Value, reading: Reading) -> DateFormat:
    return DateFormat.ISO if isinstance(value, SheetDate) else reading.date_format


_remembered = lru_cache(maxsize=50_000)(parse_instant)


def day(value: Value, reading: Reading) -> date:
    """A calendar day; a time of day is dropped."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    plain = _plain(value, 60)
    try:
        return _remembered(plain, _format_of(value, reading), UTC_ZONE).date()
    except ValueError as error:
        raise Unreadable(str(error)) from None


Scalar = str | int | float | bool | None


def json_object(value: Value, reading: Reading) -> dict[str, Scalar]:
    """A flat object of at most 50 plain values."""
    if not isinstance(value, dict) or len(value) > 50:
        raise Unreadable(_("Expected an object of at most 50 names and plain values."))
    return {_plain(name, 60): _scalar(name, inner) for name, inner in value.items()}


def _scalar(name: str, value: object) -> Scalar:
    if isinstance(value, str):
        return _plain(value, 1000)
    if value is None or isinstance(value, bool | int | float):
        return value
    raise Unreadable(
        _("“%(name)s” must be a plain value: text, a number, true, false or null.") % {"name": name}
    )
