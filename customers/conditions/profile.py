import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Func, Model, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact, IContains
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.conditions import Asked, Condition, Evidence, FactRef, InvalidCondition, offer, parameter
from customers.models import ProfileChange
from customers.models.customer import Kind
from customers.profile_choices import (
    FIELDS,
    OPERATORS,
    field_choices,
    field_label,
    operator_choices,
    value_choices,
    value_label,
)

# What holds where nothing was ever said.
_DEFAULTS = {"kind": Kind.PERSON.value}
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
        if name == "operator":
            return operator_choices()
        field, operator = str(given.get("field", "")), given.get("operator")
        return value_choices(field) if operator in ("is", "is_not") else ()

    @classmethod
    def hides(cls, name: str, given: Mapping[str, Any]) -> bool:
        return name == "value" and given.get("operator") in ("is_set", "is_empty")

    def __post_init__(self) -> None:
        if self.field not in FIELDS and not _OWN_FIELD.match(self.field):
            raise InvalidCondition(
                _("field: there is no profile field “%(field)s”. Use %(known)s or fields.<name>.")
                % {"field": self.field, "known": ", ".join(FIELDS)}
            )

    def _changes_of_field(self, known_at: datetime | None) -> QuerySet[ProfileChange]:
        return ProfileChange.objects.known(known_at).filter(field=self.field)

    def to_q(self, asked: Asked) -> Q:
        last = (
            ProfileChange.objects.known(asked.known_at)
            .filter(field=self.field, customer_id=asked.whose())
            .before(asked.bound())
            .order_by("-occurred_at", "-pk")
            .annotate(text=Cast(_as_text("value"), TextField()))
            .values("text")[:1]
        )
        return self._test(
            Coalesce(Subquery(last), Value(_DEFAULTS.get(self.field, "")), output_field=TextField())
        )

    def _test(self, text: Any) -> Q:
        if self.operator in ("is", "is_not"):
            same = Q(Exact(text, Value(self.value)))
            return same if self.operator == "is" else ~same
        if self.operator == "contains":
            return Q(IContains(text, self.value))
        empty = Q(Exact(text, Value("")))
        return empty if self.operator == "is_empty" else ~empty

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        return [self._changes_of_field(known_at).values_list("customer_id", "occurred_at")]

    def sentence(self) -> str:
        texts = {
            "is": _("%(field)s is %(value)s"),
            "is_not": _("%(field)s is not %(value)s"),
            "contains": _("%(field)s contains %(value)s"),
            "is_set": _("%(field)s is known"),
            "is_empty": _("%(field)s is unknown"),
        }
        return texts[self.operator] % {
            "field": field_label(self.field),
            "value": value_label(self.field, self.value),
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
        return Evidence(have, self.sentence(), [FactRef(have, last.occurred_at)])


def _said(field: str, value: object) -> str:
    return _("%(field)s is %(value)s") % {
        "field": field_label(field),
        "value": value_label(field, str(value)),
    }


def _as_text(field: str) -> Any:
    """A JSON scalar as plain text: "DK" and not "\\"DK\\""."""
    return Func(
        F(field), Value("{}"), template="%(expressions)s", arg_joiner=" #>> ", output_field=TextField()
    )
