"""What the properties of an event are tested for.

Values compare as they read, numbers as numbers: files bring them as text, so that 12.50 is 12.5. What begins with
zeros, such as 007, is a number for the bounds alone, and a text where it has to be the same; so is a number
that is asked for with more than 18 digits before the point or 30 behind it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, DecimalField, Func, Q, TextField, Value, When
from django.db.models.functions import Coalesce, Length
from django.db.models.lookups import Exact, GreaterThanOrEqual, IContains, In, LessThanOrEqual, Regex
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.conditions import Detail, InvalidCondition, Unfit, number_of, parameter
from clm.base.db import AsNumber
from clm.base.typed_numbers import written_here
from customers.event_values import property_text, reads

MOST_TESTS = 5
NEWEST, MOST_SUGGESTED = 2_000, 200
LARGEST_BOUND, LONGEST_BOUND = 10**18, 60
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
    "is": gettext_lazy("with %(property)s = %(value)s"),
    "is_not": gettext_lazy("with %(property)s other than %(value)s"),
    "is_one_of": gettext_lazy("with %(property)s = %(value)s"),
    "contains": gettext_lazy("with %(property)s containing %(value)s"),
    "at_least": gettext_lazy("with %(property)s at least %(value)s"),
    "at_most": gettext_lazy("with %(property)s at most %(value)s"),
    "is_set": gettext_lazy("with a value for %(property)s"),
    "is_not_set": gettext_lazy("without a value for %(property)s"),
}
# No digits but ours. A whole number of JSON has at most 4,300.
_LONGEST = 5_000
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_PLAIN_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
_ASKED_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,30})?")


def lately_said() -> list[str]:
    """The most frequent properties of the newest events: enough to choose from, however many events there are."""
    with connection.cursor() as cursor:
        cursor.execute(_LATELY_SAID, [NEWEST, MOST_SUGGESTED])
        return sorted(name for (name,) in cursor.fetchall())


_LATELY_SAID = """
SELECT name FROM (SELECT properties FROM customers_event WHERE jsonb_typeof(properties) = 'object'
                  ORDER BY id DESC LIMIT %s) newest, jsonb_object_keys(properties) AS name
GROUP BY name ORDER BY count(*) DESC, name LIMIT %s
"""


@dataclass(frozen=True)
class Reads:
    """How one property was tested before there were more comparisons: the value as it reads, numbers too."""

    property: str
    value: str

    def to_q(self) -> Q:
        """Over events."""
        return reads(self.property, self.value)

    def sentence(self) -> str:
        return str(_SENTENCES["is"]) % {"property": self.property, "value": self.value}


@dataclass(frozen=True)
class PropertyTest(Detail):
    """What one property of an event has to be.

    An event that has no such property, or an empty one, meets `is_not_set` alone: who never said the colour said no
    other colour either, so that `is_not` does not hold.
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
        elif name == "values" and "" in self.values:
            raise InvalidCondition(_("has an empty entry; leave it out."), parameter=name)

    def _check_bound(self) -> None:
        try:
            number = self.number()
        except Unfit as error:
            raise InvalidCondition(str(error), parameter="value") from error
        is_long = number.adjusted() < -LONGEST_BOUND or len(f"{number:f}") > LONGEST_BOUND
        if is_long:
            reason = _("has at most %(most)s characters.") % {"most": LONGEST_BOUND}
            raise InvalidCondition(reason, parameter="value")

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
    def is_number(cls, name: str, given: Mapping[str, Any]) -> bool:
        return name == "value" and given.get("operator") in BOUNDS

    def number(self) -> Decimal:
        """Of a bound. Raises Unfit."""
        return number_of(self.value, largest=LARGEST_BOUND)

    def is_above(self, other: "PropertyTest") -> bool:
        """Nothing is at least this and at most the other."""
        is_range = (self.operator, other.operator) == BOUNDS and self.property == other.property
        return is_range and self.number() > other.number()

    def to_q(self) -> Q:
        """Over events."""
        return _TESTS[self.operator](self, property_text(self.property))

    def sentence(self) -> str:
        told = written_here(self.number()) if self.operator in BOUNDS else self.value
        given = {"property": self.property, "value": _(" or ").join(self.values) or told}
        return str(_SENTENCES[self.operator]) % given

    def _is_set(self, said: Func) -> Q:
        return ~self._is_not_set(said)

    def _is_not_set(self, said: Func) -> Q:
        return Q(Exact(Coalesce(said, Value(""), output_field=TextField()), Value("")))

    def _is(self, said: Func) -> Q:
        given = self.values or (self.value,)
        numbers = [Decimal(one) for one in given if _ASKED_NUMBER.fullmatch(one)]
        same = Q(In(said, list(given)))
        if not numbers:
            return same
        is_number = Coalesce(In(_number(said, _PLAIN_NUMBER), numbers), Value(False))
        return same | Q(Exact(is_number, Value(True)))

    def _is_not(self, said: Func) -> Q:
        return self._is_set(said) & ~self._is(said)

    def _contains(self, said: Func) -> Q:
        return Q(IContains(said, self.value))

    def _at_least(self, said: Func) -> Q:
        return Q(GreaterThanOrEqual(_number(said, _NUMBER), self._bound()))

    def _at_most(self, said: Func) -> Q:
        return Q(LessThanOrEqual(_number(said, _NUMBER), self._bound()))

    def _bound(self) -> Value:
        return Value(self.number(), DecimalField())


_TESTS: dict[str, Callable[[PropertyTest, Func], Q]] = {
    "is": PropertyTest._is,
    "is_not": PropertyTest._is_not,
    "is_one_of": PropertyTest._is,
    "contains": PropertyTest._contains,
    "at_least": PropertyTest._at_least,
    "at_most": PropertyTest._at_most,
    "is_set": PropertyTest._is_set,
    "is_not_set": PropertyTest._is_not_set,
}


def _number(said: Func, pattern: str) -> Case:
    """What is no number compares with nothing."""
    is_number = Q(Regex(said, Value(pattern))) & Q(LessThanOrEqual(Length(said), _LONGEST))
    return Case(When(is_number, then=AsNumber(said)), output_field=DecimalField())
