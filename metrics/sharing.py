"""What the questions of a batch have in common is worked out once."""

from collections.abc import Iterable, Mapping


class Select(str):
    """A SELECT statement, and the views that it shares with others of its batch, by name: one name is one text."""

    shared: Mapping[str, str]

    def __new__(cls, sql: str, shared: Mapping[str, str]) -> "Select":
        made = super().__new__(cls, sql)
        made.shared = shared
        return made


def shared_by(selects: Iterable[str]) -> dict[str, str]:
    """The views of all of them, by name."""
    found: dict[str, str] = {}
    for select in selects:
        if isinstance(select, Select):
            found |= select.shared
    return found
