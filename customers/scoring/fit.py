"""How well customers fit an ideal profile, as SQL: 0 to 100 of what its tests can give."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from operator import add

from django.db.models import Case, Expression, IntegerField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest

from clm.base.conditions import Asked, Condition
from clm.base.db import Written
from customers.models import IdealProfile

NONE = Value(0, IntegerField())


def fit_of(profile: IdealProfile, asked: Asked) -> Expression:
    """Of the rows asked about. Raises InvalidCondition."""
    held: list[Combinable] = [
        Case(When(tree.to_q(asked), then=Value(weight)), default=NONE, output_field=IntegerField())
        for weight, tree in profile.weighed
    ]
    # Halves are rounded up, in whole numbers, as `share` does.
    return Written(
        "(GREATEST({0}, 0) * 200 + {1}) / (2 * {1})",
        reduce(add, held, NONE),
        Value(max(profile.possible, 1)),
        output_field=IntegerField(),
    )


def best_fit(profiles: Sequence[IdealProfile], asked: Asked) -> Expression:
    """Of several profiles the one that fits best."""
    fits = [fit_of(profile, asked) for profile in profiles]
    return Greatest(NONE, *fits, output_field=IntegerField()) if fits else NONE


def share(held: int, possible: int) -> int:
    """The same of weights that were added up already."""
    exact = Decimal(max(held, 0) * 100) / max(possible, 1)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def conditions_of(profiles: Sequence[IdealProfile]) -> list[Condition]:
    """The distinct conditions of all their tests. Raises InvalidCondition."""
    found = [one for profile in profiles for _weight, tree in profile.weighed for one in tree.conditions()]
    return list(dict.fromkeys(found))
