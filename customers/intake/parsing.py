"""Raw rows to typed rows; those that can't be read become problems and the others go on."""

import dataclasses
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from customers.intake import reading as readers
from customers.intake.kinds import Field, Kind, Row
from customers.intake.reading import Reading, Unreadable, Value

RawRow = tuple[int, Mapping[str, Value]]
WHO = ("customer", "email", "phone")
LONGEST_KEY = 200


@dataclass(frozen=True)
class Problem:
    """Why a row was left out. `field` is empty when it is about the whole row."""

    row: int
    field: str
    reason: str


@dataclass
class Parsed:
    rows: list[Row] = dataclasses.field(default_factory=list)
    problems: list[Problem] = dataclasses.field(default_factory=list)


class Counts(Protocol):
    """Says of each content how often it came before (`customers.intake.ordinals`)."""

    def number(self, digests: list[int]) -> list[int]: ...


def parse(kind: Kind, raws: Iterable[RawRow], reading: Reading, ordinals: Counts | None = None) -> Parsed:
    """Without `ordinals` a row that brings no key of its own is always a new one."""
    parsed, asked_for = Parsed(), FieldsAskedFor(kind, reading)
    for number, raw in raws:
        try:
            parsed.rows.append(Row(number, values_of(asked_for, raw)))
        except Refused as refused:
            parsed.problems.append(refused.as_problem(number))
    if kind.keyed:
        give_keys(parsed.rows, ordinals, kind.told_by)
    return parsed


class Refused(Exception):
    """A row can't be read, and why."""

    def __init__(self, name: str, reason: str) -> None:
        self.field, self.reason = name, reason

    def as_problem(self, row: int) -> Problem:
        return Problem(row, self.field, self.reason)


class FieldsAskedFor:
    """The fields that rows of the same names have to be asked for: what they bring, and what is filled in for all.

    Rows of a file are all alike, and most fields of a kind have no column.
    """

    def __init__(self, kind: Kind, reading: Reading) -> None:
        self.kind, self.reading = kind, reading
        self._of: dict[tuple[str, ...], list[Field]] = {}

    def of(self, raw: Mapping[str, object]) -> list[Field]:
        names = tuple(raw)
        found = self._of.get(names)
        if found is None:
            found = self._of[names] = [
                field for field in self.kind.fields if field.name in raw or field.required or field.default
            ]
        return found


def values_of(asked_for: FieldsAskedFor, raw: Mapping[str, Value]) -> dict[str, Value]:
    """Of one row. Raises Refused."""
    values: dict[str, Value] = {}
    kind, reading = asked_for.kind, asked_for.reading
    for each in asked_for.of(raw):
        value = raw.get(each.name)
        if is_blank(value):
            fill_in(each, reading, values)
            continue
        try:
            values[each.name] = each.read(value, reading)
        except Unreadable as error:
            raise Refused(each.name, str(error)) from None
    if kind.own:
        add_own(kind.own, raw, reading, values)
    if kind.names_customer and not names_somebody(values):
        raise Refused(
            WHO[0], _("The row names no customer. Give an id, an e-mail address or a phone number.")
        )
    return values


def is_blank(value: Value) -> bool:
    return value is None or value == "" or (isinstance(value, str) and value.isspace())


def names_somebody(values: Mapping[str, object]) -> bool:
    return "customer" in values or "email" in values or "phone" in values


def fill_in(field: Field, reading: Reading, values: dict[str, Value]) -> None:
    """What an empty cell means. Raises Refused."""
    value = field.default(reading) if field.default else None
    if value not in (None, ""):
        values[field.name] = value
    elif field.required:
        raise Refused(field.name, _("It is empty, but every row needs it."))


def add_own(own: str, raw: Mapping[str, Value], reading: Reading, values: dict[str, Value]) -> None:
    """Columns mapped as "properties.colour" become parts of the JSON object. Raises Refused."""
    prefix = f"{own}."
    found = {
        name.removeprefix(prefix): value
        for name, value in raw.items()
        if name.startswith(prefix) and value not in (None, "")
    }
    if not found:
        return
    given = values.get(own)
    try:
        values[own] = (given if isinstance(given, dict) else {}) | readers.json_object(found, reading)
    except Unreadable as error:
        raise Refused(own, str(error)) from None


def give_keys(rows: list[Row], ordinals: Counts | None, told_by: tuple[str, ...]) -> None:
    keyless = []
    for row in rows:
        if "key" in row.values:
            row.key = str(row.values.pop("key"))
        else:
            keyless.append(row)
    if ordinals is None:
        for row in keyless:
            row.key = uuid.uuid4().hex
        return
    digests = [_digest(_naming(row.values, told_by)) for row in keyless]
    firsts = [int.from_bytes(digest[:8], "big") for digest in digests]
    for row, digest, ordinal in zip(keyless, digests, ordinals.number(firsts), strict=True):
        row.key = f"{digest.hex()}-{ordinal}"


def _naming(values: Mapping[str, Value], told_by: tuple[str, ...]) -> Mapping[str, Value]:
    return {name: values[name] for name in told_by} if told_by else values


def _digest(values: Mapping[str, Value]) -> bytes:
    """Of the values in the order of the kind's fields."""
    content = "\x1f".join(
        [f"{name}\x1e{value if type(value) is str else _canonical(value)}" for name, value in values.items()]
    )
    return hashlib.blake2b(content.encode(), digest_size=16).digest()


def _canonical(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dict):
        return repr(sorted(value.items()))
    return str(value)
