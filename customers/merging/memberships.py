"""The segments of two customers that become one."""

from collections import Counter
from datetime import datetime

from django.db.models import F, Model

from clm.base.inventory import Pair
from customers.merging.rows import remember, remembered
from customers.models import CustomerMerge, Segment, SegmentMember
from customers.models.segment import SegmentKind

_MOVED = {"moved": True}


class Memberships:
    """Of segments by hand the winner inherits; the loser leaves those that follow conditions, and where both are in."""

    def merge(self, model: type[Model], pair: Pair) -> None:
        mine = SegmentMember.objects.open().filter(customer=pair.winner).values_list("segment_id", flat=True)
        here = set(mine)
        theirs = list(SegmentMember.objects.open().filter(customer=pair.loser).select_related("segment"))
        inherits = [
            member
            for member in theirs
            if member.segment.kind == SegmentKind.STATIC and member.segment_id not in here
        ]
        leaves = [member for member in theirs if member not in inherits]
        SegmentMember.objects.filter(pk__in=[member.pk for member in inherits]).update(customer=pair.winner)
        SegmentMember.objects.filter(pk__in=[member.pk for member in leaves]).update(left_at=pair.at)
        remember(pair, model, [(member.pk, _MOVED) for member in inherits])
        remember(pair, model, [(member.pk, None) for member in leaves])
        _count(leaves, -1)

    def unmerge(self, model: type[Model], pair: Pair) -> None:
        """Who has left meanwhile by other means stays out."""
        rows = remembered(pair, model)
        moved = [pk for pk, before in rows.items() if before == _MOVED]
        SegmentMember.objects.filter(pk__in=moved, customer=pair.winner).update(customer=pair.loser)
        left = SegmentMember.objects.filter(pk__in=rows.keys() - set(moved), customer=pair.loser)
        again = list(left.filter(left_at=_merged_at(pair)))
        SegmentMember.objects.filter(pk__in=[member.pk for member in again]).update(left_at=None)
        _count(again, 1)


def _merged_at(pair: Pair) -> datetime:
    return CustomerMerge.objects.values_list("recorded_at", flat=True).get(pk=pair.number)


def _count(members: list[SegmentMember], sign: int) -> None:
    for segment, number in sorted(Counter(member.segment_id for member in members).items()):
        Segment.objects.filter(pk=segment).update(count=F("count") + sign * number)
