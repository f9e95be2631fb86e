"""Telling a stale write: what somebody had read is held against what is there once the row is locked."""

import hashlib
from dataclasses import dataclass
from typing import Self

from django.db.models import Model


class Stale(Exception):
    """Somebody else changed it since it was read; `current` is the row as it is now."""

    def __init__(self, current: Model) -> None:
        super().__init__(f"{current} was changed by somebody else.")
        self.current = current


@dataclass(frozen=True)
class Read:
    """The values of a row that somebody had before them, as a fingerprint."""

    names: tuple[str, ...]
    mark: str

    @classmethod
    def of(cls, row: Model, names: tuple[str, ...]) -> Self:
        values = [str(row.serializable_value(name)) for name in names]
        return cls(names, hashlib.sha256("\x1f".join(values).encode()).hexdigest())

    def hold_against(self, locked: Model) -> None:
        """Raises Stale."""
        if Read.of(locked, self.names) != self:
            raise Stale(locked)
