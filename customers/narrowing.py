"""Lists narrowed by conditions: a tree in the address, as it is stored anywhere else."""

import json
from typing import Any
from urllib.parse import quote_plus

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Organisation, User
from clm.base import clock
from clm.base.conditions import Asked, InvalidCondition, Node, parse
from clm.base.conditions.stepping import row_by_row
from clm.base.facts import BEGINNING
from customers.segments.nesting import refuse_hidden, vet_for

LONGEST = 5000  # characters as they stand in an address, which leaves room for what else narrows the list


def read(text: str, *, user: User | None) -> Node:
    """Conditions as they stand in an address, for somebody who may ask them. Raises InvalidCondition."""
    return vet_for(_loaded(text), user)


def legible(text: str, *, user: User | None) -> Node:
    """The same for whoever is to mend them: they may name what is not there. Raises InvalidCondition."""
    node = parse(_loaded(text))
    refuse_hidden(node, user)
    return node


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidCondition(_t("This can't be read as conditions. Build them anew.")) from error


def written(tree: dict[str, Any]) -> str:
    """For an address. Raises InvalidCondition when it gets too long for one."""
    text = json.dumps(tree, separators=(",", ":"), ensure_ascii=False)
    if len(quote_plus(text)) > LONGEST:
        raise InvalidCondition(
            _t("So many tests don't fit into an address. Save them as a segment and filter by that.")
        )
    return text


class ConditionsTextField(forms.CharField):
    widget = forms.HiddenInput
    asker: Any = None  # a request, or anything else with a user

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        user = getattr(self.asker, "user", None)
        try:
            return _askable(read(text, user=user if isinstance(user, User) else None)) if text else None
        except InvalidCondition as error:
            raise ValidationError("%(reason)s", code="invalid", params={"reason": str(error)}) from error


def _askable(tree: Node) -> Node:
    """Not so where it rests on a segment that can't be read any more. Raises InvalidCondition."""
    tree.to_q(
        Asked(Organisation.objects.current().zone, as_of=BEGINNING)
    )  # whenever: it is only written, not asked
    return tree


class ConditionsFilter(filters.Filter):  # type: ignore[misc]
    """Those for whom the conditions hold now; `customer` is the path of the customer's id on the rows."""

    field_class = ConditionsTextField

    def __init__(self, customer: str = "pk") -> None:
        super().__init__(
            label=_("Conditions"),
            max_length=LONGEST,
            help_text=_("A tree of conditions as JSON, such as that of a segment."),
        )
        self.customer = customer

    @property
    def field(self) -> forms.Field:
        field: forms.Field = super().field
        field.asker = getattr(getattr(self, "parent", None), "request", None)  # type: ignore[attr-defined]
        return field

    def filter(self, rows: QuerySet[Any], tree: Node | None) -> QuerySet[Any]:
        if tree is None:
            return rows
        asked = Asked(Organisation.objects.current().zone, clock.now(), customer=self.customer)
        return rows.filter(row_by_row(tree.to_q(asked)))
