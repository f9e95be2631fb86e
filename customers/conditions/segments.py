from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, Model, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.conditions import (
    Asked,
    Condition,
    Evidence,
    FactRef,
    InvalidCondition,
    Node,
    Verdict,
    offer,
    parameter,
)
from customers.models import Segment, SegmentMember
from customers.models.segment import SegmentMemberQuerySet


@offer
@dataclass(frozen=True)
class InSegment(Condition):
    """In a segment, named by its slug: one by conditions is asked these, one by hand its members' periods."""

    name = "in_segment"
    label = gettext_lazy("Is in a segment")
    family = gettext_lazy("Segments")
    is_fixed = False  # asks the conditions that the segment has by then
    segment: str = parameter(gettext_lazy("segment"))

    @classmethod
    def offers(cls, name: str, given: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
        """Those for everybody: what others rest on is not one person's own."""
        return list(Segment.objects.filter(is_shared=True).order_by("name").values_list("slug", "name"))

    def found(self) -> Segment | None:
        return Segment.objects.filter(slug=self.segment).first()

    def _periods(self) -> SegmentMemberQuerySet:
        return SegmentMember.objects.filter(segment__slug=self.segment)

    def to_q(self, asked: Asked) -> Q:
        segment = self.found()
        if segment and segment.is_dynamic:
            return self._tree(segment).to_q(asked)
        periods = self._periods().filter(customer_id=asked.whose())
        return Q(Exists(periods.at(asked.bound(), asked.known_at)))

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        segment = self.found()
        if segment and segment.is_dynamic:
            return self._tree(segment).changes(zone=zone, known_at=known_at)
        left = self._periods().exclude(left_at=None)
        return [
            self._periods().values_list("customer_id", "entered_at"),
            left.values_list("customer_id", "left_at"),
        ]

    def redefined_at(self) -> datetime | None:
        segment = self.found()
        if segment is None or not segment.is_dynamic:
            return None
        inside = self._tree(segment).redefined_at()
        return max(segment.redefined_at, inside) if inside else segment.redefined_at

    def _tree(self, segment: Segment) -> Node:
        try:
            return segment.tree
        except InvalidCondition as error:
            name = segment.name if segment.is_shared else segment.slug
            raise InvalidCondition(
                _("The segment “%(segment)s” can't be asked any more: %(reason)s Mend its conditions.")
                % {"segment": name, "reason": error}
            ) from error

    def _told(self) -> Segment | None:
        """Nothing rests on a private one, so whoever names it has guessed."""
        segment = self.found()
        return segment if segment and segment.is_shared else None

    def sentence(self) -> str:
        return _("is in the segment “%(segment)s”") % {"segment": self._told() or self.segment}

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        segment = self._told()
        if segment is None:
            return Evidence(_("the segment “%(segment)s” is gone") % {"segment": self.segment})
        if not segment.is_dynamic:
            return self._membership(segment, customer, asked)
        why = self._tree(segment).explain_of(customer, asked)
        return _summary(why)

    def _membership(self, segment: Segment, customer: Model, asked: Asked) -> Evidence:
        periods = self._periods().filter(customer_id=customer.pk)
        period = periods.at(asked.instant, asked.known_at).first()
        if period is None:
            return Evidence(_("is not a member"), self.sentence())
        day = period.entered_at.astimezone(ZoneInfo(asked.zone)).date()
        row = FactRef(str(segment), period.entered_at, reverse("segment", args=[segment.pk]))
        return Evidence(_("is a member since %(day)s") % {"day": day}, rows=[row])


def _summary(why: Verdict) -> Evidence:
    """What speaks for and against the tests inside, as one."""
    shown = [leaf for leaf in why.leaves() if leaf.holds] if why.holds else why.missing()
    known = [leaf.evidence for leaf in shown if leaf.evidence]
    missing = [(leaf.evidence.missing if leaf.evidence else "") or leaf.sentence for leaf in why.missing()]
    return Evidence(
        "; ".join(one.have for one in known),
        "; ".join(missing),
        [row for one in known for row in one.rows][:10],
    )
