"""What the questions of a batch have in common is worked out once."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple


class View(NamedTuple):
    """A SELECT over the views of `metrics.lens`, named by what it says: one text has one name."""

    name: str
    sql: str

    @classmethod
    def of(cls, stem: str, sql: str) -> "View":
        return cls(f"{stem}_{hashlib.sha256(sql.encode()).hexdigest()[:16]}", sql)


class Select(str):
    """A SELECT statement that may use a view by its name; all of its batch that use the same one share it."""

    shared: View | None

    def __new__(cls, sql: str, shared: View | None = None) -> "Select":
        made = super().__new__(cls, sql)
        made.shared = shared
        return made


def shared_by(selects: Iterable[str]) -> dict[str, str]:
    """The views of all of them, by name."""
    return dict(select.shared for select in selects if isinstance(select, Select) and select.shared)
