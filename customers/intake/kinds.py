"""What can be taken in: the registry of kinds. An app offers its own in `import_kinds.py`, found at start-up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise

from customers.intake.reading import Reader, Reading, Value

if TYPE_CHECKING:
    from customers.intake.batch import Batch

Text = str | Promise


@dataclass(frozen=True)
class Field:
    """`aliases` are the column headings that suggest it. Missing values are left out or take the `default`."""

    name: str
    label: Text
    read: Reader
    required: bool = False
    aliases: tuple[str, ...] = ()
    default: Callable[[Reading], Value] | None = None


@dataclass(slots=True)
class Row:
    """`number` is the line of the file or the place in the request. `values` hold what was given, by field name."""

    number: int
    values: dict[str, Value]
    key: str = ""
    customer_id: int = 0
    earliest: datetime | None = None


@dataclass(frozen=True)
class Kind:
    """`own` names the field under which further columns may be kept, as "properties.colour".

    `told_by`: the fields that name a row of a file without a key; all of them when none is given. `modes`: whether
    an import may be told to make only new ones, or to change only known ones; `matches`: by which one field it may
    be told to find them. What is not `by_file` comes through the API alone. `needs`: what its readers must be allowed
    besides importing.
    """

    name: str
    label: Text
    fields: tuple[Field, ...]
    write: "Callable[[Batch], None]"
    own: str = ""
    names_customer: bool = True
    keyed: bool = True
    told_by: tuple[str, ...] = ()
    modes: bool = False
    matches: tuple[str, ...] = ()
    by_file: bool = True
    needs: str = ""
    by_name: Mapping[str, Field] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {each.name: each for each in self.fields})

    def knows(self, name: str) -> bool:
        return name in self.by_name or bool(
            self.own and name.startswith(f"{self.own}.") and name[len(self.own) + 1 :]
        )


class UnknownKind(LookupError):
    """Nothing of that name can be taken in."""


_kinds: dict[str, Kind] = {}


def offer(kind: Kind) -> Kind:
    _kinds[kind.name] = kind
    return kind


def kind_named(name: str) -> Kind:
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(f"“{name}” can't be imported. Choose one of: {', '.join(_kinds)}.") from None


def all_kinds() -> list[Kind]:
    return list(_kinds.values())
