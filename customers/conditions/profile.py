import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DecimalField,
    F,
    Func,
    Model,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact, GreaterThanOrEqual, IContains, LessThanOrEqual, Regex
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.conditions import Asked, Condition, Evidence, FactRef, InvalidCondition, Node, offer, parameter
from clm.base.db import AsNumber
from clm.base.facts import BEGINNING
from customers.custom_fields.known import named
from customers.fact_addresses import fact_address
from customers.models import ProfileChange
from customers.models.customer import Kind
from customers.profile_choices import (
    FIELDS,
    OPERATORS,
    field_choices,
    field_label,
    is_value,
    operator_choices,
    value_choices,
    value_label,
)

# What holds where nothing was ever said.
_DEFAULTS = {"kind": Kind.PERSON.value}
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
OF_CHOICES = ("is", "is_not", "includes", "includes_not")
SHOWN = 12
_NUMBER = r"^-?\d{1,18}(\.\d+)?$"


class _Holds(Func):
    """Whether a JSON list, or a plain value as a list of one, has this text in it."""

    template = "(%(expressions)s))"
    arg_joiner = " @> to_jsonb("
    output_field = BooleanField()


_OWN_FIELD = re.compile(r"^fields\.[A-Za-z0-9_ -]{1,60}$")


@offer
@dataclass(frozen=True)
class FieldIs(Condition):
    """A profile field, as it was at the instant asked about. Own fields are named "fields.<name>"."""

    name = "field"
    label = gettext_lazy("Profile field")
    family = gettext_lazy("Profile")
    field: str = parameter(gettext_lazy("field"), steers=True)
    operator: str = parameter(gettext_lazy("comparison"), choices=lambda: OPERATORS, steers=True)
    value: str = parameter(gettext_lazy("value"), default="")

    @classmethod
    def offers(cls, name: str, given: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
        if name == "field":
            return field_choices()
        field, operator = str(given.get("field", "")), given.get("operator")
        if name == "operator":
            return operator_choices(field)
        return value_choices(field) if operator in OF_CHOICES else ()

    @classmethod
    def hides(cls, name: str, given: Mapping[str, Any]) -> bool:
        return name == "value" and given.get("operator") in ("is_set", "is_empty")

    def __post_init__(self) -> None:
        if self.field not in FIELDS and not _OWN_FIELD.match(self.field):
            raise InvalidCondition(
                _("field: there is no profile field “%(field)s”. Use %(known)s or fields.<name>.")
                % {"field": self.field, "known": ", ".join(FIELDS)}
            )
        if self.operator in ("at_least", "at_most") and self._bound() is None:
            raise InvalidCondition(
                _("value: “%(value)s” is neither a number such as 12.5 nor a date such as 2026-06-30.")
                % {"value": self.value}
            )

    def misfits(self, within: str = "") -> Iterator[tuple[str, str]]:
        if self.field not in FIELDS and not named(self.field):
            return  # an own field that nobody has described may hold anything
        fitting = [operator for operator, _label in operator_choices(self.field)]
        told = {"field": field_label(self.field)}
        if self.operator not in fitting:
            reason = _("“%(operator)s” does not fit %(field)s. Use %(known)s.")
            yield "operator", reason % (told | {"operator": self.operator, "known": ", ".join(fitting)})
        elif self.operator not in OF_CHOICES or not self.value or is_value(self.field, self.value):
            return
        else:
            known = [value for value, _label in value_choices(self.field)[: SHOWN + 1]]
            known[SHOWN:] = ["…"] if len(known) > SHOWN or not known else []
            reason = _("“%(value)s” does not fit %(field)s. Use %(known)s.")
            yield "value", reason % (told | {"value": self.value, "known": ", ".join(known)})

    def _bound(self) -> Decimal | date | None:
        """What a value is compared with: a day where it is written as one, else a number."""
        try:
            return date.fromisoformat(self.value) if _DAY.match(self.value) else Decimal(self.value)
        except (ValueError, InvalidOperation):
            return None

    def _changes_of_field(self, known_at: datetime | None) -> QuerySet[ProfileChange]:
        return ProfileChange.objects.known(known_at).filter(field=self.field)

    def to_q(self, asked: Asked) -> Q:
        last = (
            ProfileChange.objects.known(asked.known_at)
            .filter(field=self.field, customer_id=asked.whose())
            .before(asked.bound())
            .order_by("-occurred_at", "-pk")
            .annotate(text=Cast(_as_text("value"), TextField()))
        )
        if self.operator in ("includes", "includes_not"):
            return self._test_list(Subquery(last.values("value")[:1]))
        text = Subquery(last.values("text")[:1])
        return self._test(Coalesce(text, Value(_DEFAULTS.get(self.field, "")), output_field=TextField()))

    def _test_list(self, value: Any) -> Q:
        """One of the values of a list; a plain value counts as a list of one."""
        among = Coalesce(
            _Holds(value, Cast(Value(self.value), TextField())), Value(False), output_field=BooleanField()
        )
        inside = Q(Exact(among, Value(True)))
        return inside if self.operator == "includes" else ~inside

    def _test_bound(self, text: Any) -> Q:
        """Numbers as numbers, days as days; what is neither meets no bound."""
        bound = self._bound()
        if isinstance(bound, date):
            asked: Any = Case(When(Q(Regex(text, Value(_DAY.pattern))), then=text), output_field=TextField())
            limit: Any = Value(bound.isoformat(), TextField())
        else:
            asked = Case(
                When(Q(Regex(text, Value(_NUMBER))), then=AsNumber(text)),
                output_field=DecimalField(),
            )
            limit = Value(bound, DecimalField())
        compare = GreaterThanOrEqual if self.operator == "at_least" else LessThanOrEqual
        met = Coalesce(compare(asked, limit), Value(False), output_field=BooleanField())
        return Q(Exact(met, Value(True)))

    def _test(self, text: Any) -> Q:
        if self.operator in ("is", "is_not"):
            same = Q(Exact(text, Value(self.value)))
            return same if self.operator == "is" else ~same
        if self.operator == "contains":
            return Q(IContains(text, self.value))
        if self.operator in ("at_least", "at_most"):
            return self._test_bound(text)
        empty = Q(Exact(text, Value("")))
        return empty if self.operator == "is_empty" else ~empty

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        return [self._changes_of_field(known_at).values_list("customer_id", "occurred_at")]

    def sentence(self) -> str:
        texts = {
            "is": _("%(field)s is %(value)s"),
            "is_not": _("%(field)s is not %(value)s"),
            "contains": _("%(field)s contains %(value)s"),
            "includes": _("%(field)s includes %(value)s"),
            "includes_not": _("%(field)s does not include %(value)s"),
            "is_set": _("%(field)s is known"),
            "is_empty": _("%(field)s is unknown"),
        } | self._bounds_in_words()
        return texts[self.operator] % {
            "field": field_label(self.field),
            "value": value_label(self.field, self.value),
        }

    def _bounds_in_words(self) -> dict[str, str]:
        if isinstance(self._bound(), date):
            return {
                "at_least": _("%(field)s is on or after %(value)s"),
                "at_most": _("%(field)s is on or before %(value)s"),
            }
        return {
            "at_least": _("%(field)s is at least %(value)s"),
            "at_most": _("%(field)s is at most %(value)s"),
        }

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        last = (
            ProfileChange.objects.known(asked.known_at)
            .filter(field=self.field, customer_id=customer.pk)
            .before(asked.instant)
            .order_by("-occurred_at", "-pk")
            .first()
        )
        if last is None and self.field in _DEFAULTS:
            return Evidence(_said(self.field, _DEFAULTS[self.field]), self.sentence())
        if last is None or last.value in (None, ""):
            unknown = _("%(field)s is unknown") % {"field": field_label(self.field)}
            return Evidence(unknown, self.sentence())
        have = _said(self.field, last.value)
        return Evidence(have, self.sentence(), [FactRef(have, last.occurred_at, _address(last))])


def _address(change: ProfileChange) -> str:
    """None for what holds since the beginning: it is no happening."""
    if change.occurred_at <= BEGINNING:
        return ""
    return fact_address(change.customer_id, f"change-{change.pk}", change.occurred_at)


def companies_in(tree: Node) -> list[str]:
    """The ids of the companies that a tree asks for."""
    asked = [one for one in tree.conditions() if isinstance(one, FieldIs) and one.field == "company"]
    return list(dict.fromkeys(one.value for one in asked if one.operator in ("is", "is_not")))


def _said(field: str, value: object) -> str:
    definition = named(field)
    if definition and definition.is_sensitive:  # whoever reads this may not be one to see it
        return _("%(field)s is known") % {"field": field_label(field)}
    return _("%(field)s is %(value)s") % {"field": field_label(field), "value": value_label(field, value)}


def _as_text(field: str) -> Any:
    """A JSON scalar as plain text: "DK" and not "\\"DK\\""."""
    return Func(
        F(field), Value("{}"), template="%(expressions)s", arg_joiner=" #>> ", output_field=TextField()
    )
