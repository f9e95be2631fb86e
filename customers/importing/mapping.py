"""Which column is which field: suggested by the headings, decided by the person."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from customers.intake.dates import DateFormat, fitting_formats
from customers.intake.kinds import Kind

Mapped = dict[str, int]
"""Field name to the column's place, from 0."""


def suggest(kind: Kind, columns: Sequence[str]) -> Mapped:
    """By name: the field's own, or one of its aliases. A column is suggested once."""
    spelled = {_plain(name): place for place, name in reversed(list(enumerate(columns)))}
    mapped: Mapped = {}
    for field in kind.fields:
        places = (spelled.get(_plain(alias)) for alias in (field.name, *field.aliases))
        place = next((place for place in places if place is not None and place not in mapped.values()), None)
        if place is not None:
            mapped[field.name] = place
    return mapped


class NoSuchColumn(ValueError):
    """Nothing of that name, in the kind or in the file; `field` is what was to be filled."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def placed(kind: Kind, columns: Sequence[str], wished: Mapping[str, str]) -> Mapped:
    """Fields by the names of their columns, or by their numbers from 1. Raises NoSuchColumn."""
    return {name: _place(kind, columns, name, column) for name, column in wished.items()}


def _place(kind: Kind, columns: Sequence[str], name: str, column: str) -> int:
    if not kind.knows(name):
        known = ", ".join(field.name for field in kind.fields)
        reason = _("“%(name)s” is not a field of %(kind)s. Choose one of: %(known)s.")
        raise NoSuchColumn(name, reason % {"name": name, "kind": kind.name, "known": known})
    if column in columns:
        return columns.index(column)
    if column.isascii() and column.isdigit() and 1 <= int(column[:6]) <= len(columns):
        return int(column) - 1
    reason = _("There is no column “%(column)s”. The file has: %(columns)s.")
    raise NoSuchColumn(name, reason % {"column": column, "columns": ", ".join(columns)})


def _plain(name: str) -> str:
    ascii_only = (
        unicodedata.normalize("NFKD", name.replace("ø", "o").replace("æ", "ae"))
        .encode("ascii", "ignore")
        .decode()
    )
    return re.sub(r"[^a-z0-9]+", "_", ascii_only.lower()).strip("_")


def suggest_date_format(texts: Iterable[str]) -> DateFormat | None:
    """The one format that reads all of them; None when several do or none does."""
    fitting = fitting_formats(texts)
    return fitting[0] if len(fitting) == 1 else None


def _leaves_no_doubt(mark: str, other: str) -> re.Pattern[str]:
    """What only a number with this decimal mark can look like: groups have three digits, and a mark between them."""
    mark, other = re.escape(mark), re.escape(other)
    ways = [
        rf".*{mark}(\d{{1,2}}|\d{{4,}})",  # not three digits behind it
        rf"[-+]?0?{mark}\d+",  # at most a nought before it
        rf"[-+]?\d{{4,}}{mark}\d+",  # no groups before it
        rf".*{other}.*{mark}\d+",  # groups of the other before it
        rf"[-+]?\d{{1,3}}({other}\d{{3}}){{2,}}",  # two groups, no decimals
    ]
    return re.compile("|".join(ways))


_DECIMALS = {",": _leaves_no_doubt(",", "."), ".": _leaves_no_doubt(".", ",")}
_EITHER_WAY = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")
LONGEST = 60  # of what may be a number
_POINTED = re.compile(r"\d+\.\d{3}")


def suggest_decimal_mark(amounts: Iterable[str], *, rates: Iterable[str] = ()) -> str:
    """A comma or a point; nothing where all there is to go by can be read either way, as “1,234” can.

    A rate such as “7.460” has three decimals: hardly any is a thousand, grouped with a point, without decimals.
    """
    money, exchange = ([text.strip() for text in some if len(text) < LONGEST] for some in (amounts, rates))
    comma, point = (any(_DECIMALS[mark].fullmatch(text) for text in (*money, *exchange)) for mark in ",.")
    if comma or point:
        return "," if comma and not point else "."
    unsure = [*money, *(text for text in exchange if not _POINTED.fullmatch(text))]
    return "" if any(_EITHER_WAY.fullmatch(text) for text in unsure) else "."
