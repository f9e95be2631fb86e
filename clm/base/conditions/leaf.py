from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db.models import DateTimeField, Expression, Model, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy

from clm.base.conditions.leaving import Leaving
from clm.base.days import StartOfDay, day_of, start_of


@dataclass(frozen=True)
class Asked:
    """What a condition is asked about, for every row of some outer query.

    `customer` is the path of the customer's id on those rows. `as_of` is an exclusive instant, or the name of the
    rows' own column that holds one, so that a whole history is asked in one statement.
    """

    zone: str
    as_of: datetime | str
    known_at: datetime | None = None
    customer: str = "pk"
    depth: int = 1

    def further_in(self) -> "Asked":
        """The same question for a query inside the one that asks it."""
        return replace(self, depth=self.depth + 1)

    def whose(self) -> OuterRef:
        return self._outer(self.customer)

    def _outer(self, name: str) -> OuterRef:
        reference = OuterRef(name)
        for _level in range(self.depth - 1):
            reference = OuterRef(reference)
        return reference

    @property
    def instant(self) -> datetime:
        """`as_of` where it is one instant. Raises TypeError where every row has its own."""
        if isinstance(self.as_of, str):
            raise TypeError("asked of many instants")
        return self.as_of

    def bound(self) -> Combinable:
        if isinstance(self.as_of, str):
            return self._outer(self.as_of)
        return Value(self.as_of, DateTimeField())

    def days_ago(self, days: int) -> Expression:
        """Where the local day `days` before the day asked about begins."""
        if isinstance(self.as_of, str):
            return StartOfDay(self._outer(self.as_of), self.zone, days=-days, exclusive=True)
        zone = ZoneInfo(self.zone)
        return Value(start_of(day_of(self.as_of, zone) - timedelta(days=days), zone), DateTimeField())


# The key of the draft that a test is part of, empty elsewhere: it may name what only that draft has.
WITHIN = "within"


@dataclass(frozen=True)
class FactRef:
    """A row behind an answer: what it is, when it happened, where to see it, and the name it has in data."""

    label: str
    occurred_at: datetime
    url: str = ""
    name: str = ""


@dataclass(frozen=True)
class Evidence:
    """Why a leaf holds or not, for one customer: what is there, what is still missing, and the rows behind it."""

    have: str
    missing: str = ""
    rows: Sequence[FactRef] = ()


def parameter(
    label: Any,
    *,
    default: Any = MISSING,
    minimum: int | None = None,
    maximum: int | None = None,
    choices: Callable[[], Sequence[str]] | None = None,
    steers: bool = False,
    extra: bool = False,
    former: bool = False,
    initial: str = "",
    details: "type[Detail] | None" = None,
) -> Any:
    """Describe a parameter of a condition: its label in forms and errors, and what it may be.

    One that `steers` decides what the others offer; an `extra` one is folded away until it is wanted, a `former` one
    shown only where it is used. `initial` is what a form begins with. With `details` it is a tuple of them, of at most
    `maximum`.
    """
    description = {"label": label, "minimum": minimum, "maximum": maximum, "choices": choices}
    description |= {
        "steers": steers,
        "extra": extra,
        "former": former,
        "initial": initial,
        "details": details,
    }
    if default is MISSING:
        return field(metadata=description)
    return field(default=default, metadata=description)


class Parameters:
    """How forms ask for the parameters of a class."""

    @classmethod
    def offers(cls, name: str, given: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
        """Values of a parameter with their labels, for forms to choose from; empty where anything may be typed.

        `given` are the values of the parameters before it, which may narrow the choice, and `WITHIN`.
        """
        return ()

    @classmethod
    def suggests(cls, name: str) -> Sequence[tuple[str, Any]]:
        """Known values with their labels, for a parameter where anything may be typed."""
        return ()

    @classmethod
    def hides(cls, name: str, given: Mapping[str, Any]) -> bool:
        """Whether a parameter has no sense beside those given before it, so that forms leave it out."""
        return False

    @classmethod
    def is_number(cls, name: str, given: Mapping[str, Any]) -> bool:
        """Whether a parameter that is a text has to be a number beside those given before it."""
        return False


class Detail(Parameters):
    """What a condition may be given several times. Subclasses are frozen dataclasses like conditions.

    They may refuse their values by InvalidCondition, which names the parameter. A form asks for all that they don't hide.
    """

    label: ClassVar[Any]
    adding: ClassVar[Any]  # what the buttons of a form say
    removing: ClassVar[Any]
    do_not_call_in_templates: ClassVar[bool] = True  # the class itself says what is on its buttons


class Condition(Parameters, ABC):
    """One test of a customer. Subclasses are frozen dataclasses whose fields are the parameters."""

    name: ClassVar[str]
    label: ClassVar[Any]
    family: ClassVar[Any] = gettext_lazy("Other tests")  # under which heading forms offer it
    is_fixed: ClassVar[bool] = True  # its SQL depends on the question alone, not on what is stored

    def misfits(self, within: str = "") -> Iterable[tuple[str, str]]:
        """(parameter, reason) of what can't be asked anew, though a stored test may still ask it. See `WITHIN`."""
        return ()

    @abstractmethod
    def to_q(self, asked: Asked) -> Q:
        """The test as SQL over the rows asked about."""

    @abstractmethod
    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        """Every instant at which the answer may change, now or later, besides those of `leavings`.

        Querysets of (customer_id, at) over the facts; supersets are fine, gaps are not: between two of these
        instants the answer is the same.
        """

    def redefined_at(self) -> datetime | None:
        """When what the test rests on, besides facts, last changed: the conditions of a segment, say. None: never."""
        return None

    def leavings(self, *, known_at: datetime | None) -> list[Leaving]:
        """The facts whose leaving a window of days may change the answer."""
        return []

    @abstractmethod
    def sentence(self) -> str:
        """The test in the reader's language, starting in lower case: "has bought on at least 3 days"."""

    @abstractmethod
    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        """What speaks for and against, for one customer; `asked.as_of` is an instant, `holds` the answer already had."""
