"""What stands in an own field, for the database to compare and to put in order; nothing where it is not of its kind."""

from typing import Any

from django.db.models import Case, CharField, DecimalField, Func, IntegerField, Q, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, Lower, NullIf
from django.db.models.lookups import Exact, Regex

from clm.base.db import AsNumber
from customers.models.custom_field import CustomField, FieldKind

DAY = r"^\d{4}-\d{2}-\d{2}$"
# Beyond every number that is kept, and every place in a list.
BEYOND = 10**16


class _TypeOf(Func):
    function = "jsonb_typeof"
    output_field = CharField()


class _Joined(Func):
    """Nothing, where one of them is nothing."""

    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = TextField()


def text_of(key: str) -> Any:
    return KeyTextTransform(key, "fields")


def number_of(key: str) -> Any:
    is_number = Q(Exact(_TypeOf(KeyTransform(key, "fields")), Value("number")))
    return Case(When(is_number, then=AsNumber(text_of(key))), output_field=DecimalField())


def day_of(key: str) -> Any:
    """Days are kept as text that sorts as they do."""
    is_day = Q(Regex(text_of(key), Value(DAY)))
    return Case(When(is_day, then=text_of(key)), output_field=TextField())


def place_of(definition: CustomField) -> Any:
    """Of the choice, in the order in which the choices are defined."""
    text = text_of(definition.key)
    places = (
        When(Q(Exact(text, Value(one))), then=Value(place)) for place, one in enumerate(definition.choices)
    )
    return Case(*places, output_field=IntegerField())


def order_of(definition: CustomField) -> Any:
    """What customers are put in order by."""
    if definition.kind == FieldKind.NUMBER:
        return number_of(definition.key)
    if definition.kind == FieldKind.DATE:
        return day_of(definition.key)
    if definition.kind == FieldKind.CHOICE:
        return place_of(definition)
    return NullIf(Lower(text_of(definition.key)), Value(""), output_field=TextField())


def order_with_all(definition: CustomField, *, down: bool) -> Any:
    """The same, where nothing comes after everything, in either direction."""
    value = order_of(definition)
    if definition.kind in (FieldKind.NUMBER, FieldKind.CHOICE):
        number = Value(-BEYOND if down else BEYOND, output_field=DecimalField())
        return Coalesce(value, number, output_field=DecimalField())
    said, nothing = (Value("1"), Value("0")) if down else (Value("0"), Value("1"))
    return Coalesce(_Joined(said, value), nothing, output_field=TextField())


def is_ordered(definition: CustomField) -> bool:
    """Several choices have no order."""
    return bool(definition.kind != FieldKind.CHOICES)


def column_of(definition: CustomField) -> str:
    """As it is called in a query: a key may have spaces."""
    return f"own_{definition.pk}"
