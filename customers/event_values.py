"""What events say of their properties, as SQL."""

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Exact


class _Said(Func):
    template = "(%(expressions)s)"
    arg_joiner = " ->> "
    output_field = TextField()


def property_text(name: str) -> Func:
    """A property of an event as text, null where it has none. A name of digits is a name, and no place in a list."""
    return _Said(F("properties"), Cast(Value(name), TextField()))


def reads(name: str, value: str) -> Q:
    """Over events: the property reads so. Files bring numbers as text, so 7 is 7 and not 7.0."""
    return Q(Exact(property_text(name), Value(value)))
