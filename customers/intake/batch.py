"""One transaction's worth of rows on their way in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db import models
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Organisation, User
from customers.intake.kinds import Kind, Row
from customers.intake.parsing import Problem
from customers.models import Import

What = Literal["added", "amended", "unchanged"]


class Mode(models.TextChoices):
    BOTH = "both", _("Create new ones and update known ones")
    CREATE = "create", _("Only create new ones")
    UPDATE = "update", _("Only update known ones")


@dataclass(frozen=True)
class Outcome:
    """What became of one row. `pk` is the live version's, or the customer's for the kind customers."""

    row: int
    what: What
    pk: int


@dataclass
class TakenIn:
    """`unconverted`: rows whose currency had no exchange rate on or before their day."""

    added: int = 0
    amended: int = 0
    unchanged: int = 0
    customers_added: int = 0
    unconverted: int = 0
    problems: list[Problem] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def changed(self) -> int:
        return self.added + self.amended

    def counts(self) -> dict[str, int]:
        names = ("added", "amended", "unchanged", "customers_added", "unconverted")
        return {name: getattr(self, name) for name in names} | {"problems": len(self.problems)}


@dataclass
class Batch:
    kind: Kind
    rows: list[Row]
    source: str
    organisation: Organisation
    by: User | None = None
    written_by: Import | None = None
    detailed: bool = False
    locks: bool = True
    mode: str = Mode.BOTH
    match: str = ""
    at: datetime = field(init=False)
    taken: TakenIn = field(default_factory=TakenIn)

    @property
    def written_by_id(self) -> int | None:
        return self.written_by.pk if self.written_by else None

    def refuse_by_mode(self, known: Callable[[Row], bool]) -> None:
        """Leave out the new ones where only known ones are to be updated, and the other way round."""
        if self.mode == Mode.UPDATE:
            reason = _("It is not known yet, and this import only updates.")
            self.refuse([(row, "", str(reason)) for row in self.rows if not known(row)])
        if self.mode == Mode.CREATE:
            reason = _("It is known already, and this import only creates.")
            self.refuse([(row, "", str(reason)) for row in self.rows if known(row)])

    def refuse(self, refused: Iterable[tuple[Row, str, str]]) -> None:
        """Leave rows out: (row, field, reason)."""
        numbers = set()
        for row, name, reason in refused:
            numbers.add(id(row))
            self.taken.problems.append(Problem(row.number, name, reason))
        if numbers:
            self.rows = [row for row in self.rows if id(row) not in numbers]
