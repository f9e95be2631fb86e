"""What campaigns rest on can't be deleted under them."""

from typing import Any

import pytest

from clm.accounts.models import User
from customers.models import Segment
from customers.segments import keeping
from tests.campaigns.outreach import drafted, exit_step

pytestmark = pytest.mark.django_db


def asks_for(segment: Segment) -> dict[str, Any]:
    return {"condition": "in_segment", "parameters": {"segment": segment.slug}}


def test_a_campaign_uses_the_segments_it_names_wherever_it_does(marketer: User) -> None:
    entry, leaving, step, free = (
        keeping.create(by=marketer, name=name, kind="static") for name in ("Entry", "Leaving", "Step", "Free")
    )
    campaign = drafted(
        exit_step(asks_for(step)),
        name="Hello",
        trigger={"kind": "segment_entered", "segment": entry.slug},
        exit_condition={"not": asks_for(leaving)},
    )

    for segment in (entry, leaving, step):
        (use,) = keeping.uses_of(segment)
        assert (str(use.label), use.url) == ("the campaign “Hello”", f"/campaigns/{campaign.pk}/")
        with pytest.raises(keeping.SegmentInUse, match="the campaign “Hello”"):
            keeping.remove(segment, by=marketer)
    keeping.remove(free, by=marketer)
    assert Segment.objects.count() == 3
