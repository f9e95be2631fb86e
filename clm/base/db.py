"""PostgreSQL expressions. Migrations import these by path: never rename, never delete."""

from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import DateTimeField, Func


class ClockTimestamp(Func):
    """The wall clock at this very moment, not at the start of the transaction as `Now()` gives."""

    function = "CLOCK_TIMESTAMP"
    output_field = DateTimeField()


class TsTzRange(Func):
    """Half-open range [from, to); a null end is open."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()
