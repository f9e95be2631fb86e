"""What the properties of an event are tested for.

Values compare as they read, numbers as numbers: files bring them as text, so that 12.50 is 12.5. What begins with
zeros, such as 007, is a number for the bounds alone, and a text where it has to be the same.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, Func, Q, TextField, Value, When
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact, GreaterThanOrEqual, IContains, In, LessThanOrEqual, Regex
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.conditions import Detail, InvalidCondition, Unfit, decimal_of, parameter
from clm.base.db import AsNumber
from clm.base.typed_numbers import written_here
from customers.models import Event

MOST_TESTS = 5
NEWEST, MOST_SUGGESTED = 2_000, 200
BOUNDS = ("at_least", "at_most")
_WITHOUT_VALUE = ("is_set", "is_not_set")
OPERATORS = ("is", "is_not", "is_one_of", "contains", *BOUNDS, *_WITHOUT_VALUE)
_WORDS = {
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "is_one_of": gettext_lazy("is one of"),
    "contains": gettext_lazy("contains"),
    "at_least": gettext_lazy("is at least"),
    "at_most": gettext_lazy("is at most"),
    "is_set": gettext_lazy("is set"),
    "is_not_set": gettext_lazy("is not set"),
}
_SENTENCES = {
    "reads": gettext_lazy("with %(property)s = %(value)s"),
    "is": gettext_lazy("with %(property)s = %(value)s"),
    "is_not": gettext_lazy("with %(property)s other than %(value)s"),
    "is_one_of": gettext_lazy("with %(property)s = %(value)s"),
    "contains": gettext_lazy("with %(property)s containing %(value)s"),
    "at_least": gettext_lazy("with %(property)s at least %(value)s"),
    "at_most": gettext_lazy("with %(property)s at most %(value)s"),
    "is_set": gettext_lazy("with a value for %(property)s"),
    "is_not_set": gettext_lazy("without a value for %(property)s"),
}
# No longer than PostgreSQL can hold, and no digits but ours.
_NUMBER = r"^-?[0-9]{1,18}(\.[0-9]{1,30})?$"
_PLAIN_NUMBER = r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,30})?$"


class _Said(Func):
    """A property as text, by its name whatever that is: a name of digits is no place in a list."""

    template = "(%(expressions)s)"
    arg_joiner = " ->> "
    output_field = TextField()


def lately_said() -> list[str]:
    """The properties of the newest events: enough to choose from, however many events there are."""
    newest = Event.objects.order_by("-pk").values_list("properties", flat=True)[:NEWEST]
    names = {name for properties in newest if isinstance(properties, dict) for name in properties}
    return sorted(names)[:MOST_SUGGESTED]


@dataclass(frozen=True)
class PropertyTest(Detail):
    """What one property of an event has to be.

    An event that has no such property, or an empty one, meets `is_not_set` alone: who never said the colour said no
    other colour either, so that `is_not` does not hold. `reads` is what a condition said before there were these
    tests; nobody can give it.
    """

    label = gettext_lazy("A property and what it is")
    adding = gettext_lazy("Add a property")
    removing = gettext_lazy("Remove this property")
    property: str = parameter(gettext_lazy("property"))
    operator: str = parameter(
        gettext_lazy("comparison"), choices=lambda: OPERATORS, steers=True, initial="is"
    )
    value: str = parameter(gettext_lazy("value"), default="")
    values: tuple[str, ...] = parameter(gettext_lazy("values"), default=())

    def __post_init__(self) -> None:
        if not self.property:
            raise InvalidCondition(_("is required."), parameter="property")
        if self.operator in OPERATORS:
            for name in ("value", "values"):
                self._check_presence(name)
        if self.operator in BOUNDS:
            self._check_bound()

    def _check_presence(self, name: str) -> None:
        is_given = bool(getattr(self, name))
        if self.hides(name, {"operator": self.operator}):
            if is_given:
                reason = _("“%(operator)s” does not take it; leave it out.") % {"operator": self.operator}
                raise InvalidCondition(reason, parameter=name)
        elif not is_given:
            raise InvalidCondition(_("is required."), parameter=name)

    def _check_bound(self) -> None:
        try:
            self.number()
        except Unfit as error:
            raise InvalidCondition(str(error), parameter="value") from error

    @classmethod
    def offers(cls, name: str, given: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
        return [(one, _WORDS[one]) for one in OPERATORS] if name == "operator" else ()

    @classmethod
    def suggests(cls, name: str) -> Sequence[tuple[str, Any]]:
        return [(one, one) for one in lately_said()] if name == "property" else ()

    @classmethod
    def hides(cls, name: str, given: Mapping[str, Any]) -> bool:
        operator = given.get("operator")
        if name == "values":
            return operator != "is_one_of"
        return name == "value" and (operator == "is_one_of" or operator in _WITHOUT_VALUE)

    @classmethod
    def counts(cls, name: str, given: Mapping[str, Any]) -> bool:
        return name == "value" and given.get("operator") in BOUNDS

    def number(self) -> Decimal:
        """Of a bound. Raises Unfit."""
        return decimal_of(self.value)

    def is_above(self, other: "PropertyTest") -> bool:
        """Nothing is at least this and at most the other."""
        is_range = (self.operator, other.operator) == BOUNDS and self.property == other.property
        return is_range and self.number() > other.number()

    def to_q(self) -> Q:
        """Over events."""
        said = _Said(F("properties"), Cast(Value(self.property), TextField()))
        return _TESTS[self.operator](self, said)

    def sentence(self) -> str:
        told = written_here(self.number()) if self.operator in BOUNDS else self.value
        given = {"property": self.property, "value": _(" or ").join(self.values) or told}
        return str(_SENTENCES[self.operator]) % given

    def _is_set(self, said: _Said) -> Q:
        return ~self._is_not_set(said)

    def _is_not_set(self, said: _Said) -> Q:
        return Q(Exact(Coalesce(said, Value(""), output_field=TextField()), Value("")))

    def _reads(self, said: _Said) -> Q:
        return Q(Exact(said, Value(self.value)))

    def _is(self, said: _Said) -> Q:
        given = self.values or (self.value,)
        numbers = [Decimal(one) for one in given if re.match(_PLAIN_NUMBER, one)]
        same = Q(In(said, list(given)))
        if not numbers:
            return same
        is_number = Coalesce(In(_number(said, _PLAIN_NUMBER), numbers), Value(False))
        return same | Q(Exact(is_number, Value(True)))

    def _is_not(self, said: _Said) -> Q:
        return self._is_set(said) & ~self._is(said)

    def _contains(self, said: _Said) -> Q:
        return Q(IContains(said, self.value))

    def _at_least(self, said: _Said) -> Q:
        return Q(GreaterThanOrEqual(_number(said, _NUMBER), self._bound()))

    def _at_most(self, said: _Said) -> Q:
        return Q(LessThanOrEqual(_number(said, _NUMBER), self._bound()))

    def _bound(self) -> Value:
        return Value(self.number(), DecimalField())


_TESTS: dict[str, Callable[[PropertyTest, _Said], Q]] = {
    "reads": PropertyTest._reads,
    "is": PropertyTest._is,
    "is_not": PropertyTest._is_not,
    "is_one_of": PropertyTest._is,
    "contains": PropertyTest._contains,
    "at_least": PropertyTest._at_least,
    "at_most": PropertyTest._at_most,
    "is_set": PropertyTest._is_set,
    "is_not_set": PropertyTest._is_not_set,
}


def _number(said: _Said, pattern: str) -> Case:
    """What is no number compares with nothing."""
    return Case(When(Q(Regex(said, Value(pattern))), then=AsNumber(said)), output_field=DecimalField())
