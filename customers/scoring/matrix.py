"""How many customers are of which fit and which interest."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from clm.accounts.models import User
from customers.models import Customer, Score
from customers.models.score import FIT_CLASSES, INTEREST_CLASSES


@dataclass(frozen=True)
class Cell:
    grade: str
    count: int
    share: float  # of the fullest cell, for its shade


@dataclass(frozen=True)
class Row:
    fit_class: str
    cells: Sequence[Cell]

    @property
    def total(self) -> int:
        return sum(cell.count for cell in self.cells)


@dataclass(frozen=True)
class Matrix:
    rows: Sequence[Row]

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)

    @property
    def column_totals(self) -> list[int]:
        return [sum(row.cells[place].count for row in self.rows) for place in range(len(INTEREST_CLASSES))]


def matrix_for(user: User) -> Matrix:
    """Of the customers whom the user sees. One query."""
    scores = Score.objects.filter(customer__merged_into=None)
    if user.is_restricted:
        scores = scores.filter(customer__in=Customer.objects.visible_to(user).values("pk"))
    counted = scores.order_by().values_list("fit_class", "interest_class").annotate(n=Count("pk"))
    counts = {f"{fit}{interest}": n for fit, interest, n in counted}
    fullest = max(counts.values(), default=0) or 1
    return Matrix(
        [
            Row(
                fit,
                [
                    Cell(grade, counts.get(grade, 0), counts.get(grade, 0) / fullest * 0.99)
                    for grade in (f"{fit}{interest}" for interest in INTEREST_CLASSES)
                ],
            )
            for fit in FIT_CLASSES
        ]
    )
