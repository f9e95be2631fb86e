"""Raw rows to typed rows; those that can't be read become problems and the others go on."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from django.utils.translation import gettext as _

from customers.intake import reading as readers
from customers.intake.kinds import Kind, Row
from customers.intake.reading import Reading, Unreadable, Value

RawRow = tuple[int, Mapping[str, Value]]
WHO = ("customer", "email", "phone")
LONGEST_KEY = 200
_read_own = readers.text(1000)


@dataclass(frozen=True)
class Problem:
    """Why a row was left out. `field` is empty when it is about the whole row."""

    row: int
    field: str
    reason: str


@dataclass
class Parsed:
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Ordinals:
    """How often each content has come in one file so far; eight bytes a row."""

    def __init__(self) -> None:
        self._seen = np.empty(0, np.uint64)

    def number(self, digests: list[int]) -> list[int]:
        chunk = np.array(digests, np.uint64)
        before = np.searchsorted(self._seen, chunk, "right") - np.searchsorted(self._seen, chunk, "left")
        self._seen = np.sort(np.concatenate([self._seen, chunk]), kind="stable")
        within: dict[int, int] = {}
        numbers = []
        for digest, earlier in zip(digests, before.tolist(), strict=True):
            again = within.get(digest, 0)
            within[digest] = again + 1
            numbers.append(earlier + again)
        return numbers


def parse(kind: Kind, raws: Iterable[RawRow], reading: Reading, ordinals: Ordinals | None = None) -> Parsed:
    """Without `ordinals` a row that brings no key of its own is always a new one."""
    parsed = Parsed()
    for number, raw in raws:
        try:
            parsed.rows.append(Row(number, _values(kind, raw, reading)))
        except _Refused as refused:
            parsed.problems.append(Problem(number, refused.field, refused.reason))
    if kind.keyed:
        _give_keys(parsed.rows, ordinals)
    return parsed


class _Refused(Exception):
    def __init__(self, name: str, reason: str) -> None:
        self.field, self.reason = name, reason


def _values(kind: Kind, raw: Mapping[str, Value], reading: Reading) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for each in kind.fields:
        value = raw.get(each.name)
        if value is None or value == "" or (isinstance(value, str) and not value.strip()):
            value = each.default(reading) if each.default else None
            if value in (None, ""):
                if each.required:
                    raise _Refused(each.name, _("It is empty, but every row needs it."))
                continue
            values[each.name] = value
            continue
        try:
            values[each.name] = each.read(value, reading)
        except Unreadable as error:
            raise _Refused(each.name, str(error)) from None
    _add_own(kind, raw, reading, values)
    if kind.names_customer and not any(name in values for name in WHO):
        raise _Refused(
            WHO[0], _("The row names no customer. Give an id, an e-mail address or a phone number.")
        )
    return values


def _add_own(kind: Kind, raw: Mapping[str, Value], reading: Reading, values: dict[str, Value]) -> None:
    """Columns mapped as "properties.colour" become parts of the JSON object."""
    if not kind.own or len(raw) <= len(values):
        return
    prefix = f"{kind.own}."
    own: dict[str, Value] = {}
    for name, value in raw.items():
        if name.startswith(prefix) and value not in (None, ""):
            try:
                own[name.removeprefix(prefix)] = (
                    _read_own(value, reading) if isinstance(value, str) else value
                )
            except Unreadable as error:
                raise _Refused(name, str(error)) from None
    if own:
        given = values.get(kind.own)
        values[kind.own] = (given if isinstance(given, dict) else {}) | own


def _give_keys(rows: list[Row], ordinals: Ordinals | None) -> None:
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
    digests = [_digest(row.values) for row in keyless]
    firsts = [int.from_bytes(digest[:8], "big") for digest in digests]
    for row, digest, ordinal in zip(keyless, digests, ordinals.number(firsts), strict=True):
        row.key = f"{digest.hex()}-{ordinal}"


def _digest(values: Mapping[str, Value]) -> bytes:
    content = "\x1f".join(f"{name}\x1e{_canonical(value)}" for name, value in sorted(values.items()))
    return hashlib.blake2b(content.encode(), digest_size=16).digest()


def _canonical(value: Value) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dict):
        return repr(sorted(value.items()))
    return str(value)
