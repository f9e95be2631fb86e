import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Exists, F, Func, Model, Q, QuerySet, Value
from django.db.models.lookups import Range
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.conditions import Asked, Condition, Evidence, offer, parameter
from customers.models import Customer

PARTS = 100


@offer
@dataclass(frozen=True)
class RandomBucket(Condition):
    """One of a hundred parts of about equal size, drawn once for ever; another name of the draw, another draw."""

    name = "random_bucket"
    label = gettext_lazy("Is in a random part")
    first: int = parameter(gettext_lazy("from part"), minimum=1, maximum=PARTS)
    last: int = parameter(gettext_lazy("to part"), minimum=1, maximum=PARTS)
    draw: str = parameter(gettext_lazy("name of the draw"), default="", extra=True)

    def to_q(self, asked: Asked) -> Q:
        part = Func(
            F("pk"),
            Value(self.draw),
            template="mod(('x' || left(md5(%(expressions)s), 8))::bit(32)::bigint, 100) + 1",
            arg_joiner="::text || ':' || ",
            output_field=BigIntegerField(),
        )
        drawn = Customer.objects.filter(Range(part, (self.first, self.last)), pk=asked.whose())
        return Q(Exists(drawn))

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        return []

    def sentence(self) -> str:
        parts = {"first": self.first, "last": self.last, "draw": self.draw}
        if self.draw:
            return _("is in the random parts %(first)s to %(last)s of 100 (draw “%(draw)s”)") % parts
        return _("is in the random parts %(first)s to %(last)s of 100") % parts

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        have = _("drawn: part %(part)s") % {"part": part_of(customer.pk, self.draw)}
        return Evidence(have, "" if holds else self.sentence())


def part_of(customer_id: int, draw: str) -> int:
    """1 to 100, as in SQL."""
    drawn = hashlib.md5(f"{customer_id}:{draw}".encode(), usedforsecurity=False).hexdigest()
    return int(drawn[:8], 16) % PARTS + 1
