"""What is refused of a segment: circles, depth, names, and deleting what is used."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from clm.accounts.models import AuditEntry, User
from customers.models import Segment, SegmentMember
from customers.segments import keeping
from lifecycle.presets import install
from tests.customers.segmented import BOUGHT, dynamic, inside, leaf, static
from tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        call()
    return str(refused.value.message_dict["conditions"][0])


def test_a_segment_does_not_rest_on_itself(marketer: User) -> None:
    segment = dynamic(marketer)

    assert (
        refusal(lambda: keeping.change(segment, by=marketer, values={"conditions": {"not": inside(segment)}}))
        == "A segment can't rest on itself. Take “Buyers” out."
    )

    segment.refresh_from_db()
    assert (segment.conditions, segment.revision) == (BOUGHT, 1)


def test_a_circle_is_refused_by_the_names_in_it(marketer: User) -> None:
    first = dynamic(marketer, "First")
    second = dynamic(marketer, "Second", inside(first))
    third = dynamic(marketer, "Third", {"any": [BOUGHT, inside(second)]})

    assert refusal(lambda: keeping.change(first, by=marketer, values={"conditions": inside(third)})) == (
        "These segments would rest on one another in a circle: “First” → “Third” → “Second” → “First”. Take one out."
    )


def test_depth_size_and_privacy_have_limits(marketer: User) -> None:
    wide = dynamic(marketer, "Wide", {"any": [leaf("orders", at_least=n) for n in range(1, 51)]})
    private = dynamic(marketer, "Mine", is_shared=False)
    deepest = dynamic(marketer, "Level 1")
    for level in range(2, 6):
        deepest = dynamic(marketer, f"Level {level}", inside(deepest))

    def made(conditions: Any) -> Callable[[], Segment]:
        return lambda: dynamic(marketer, "New", conditions)

    assert "more than 5 deep: “this segment” → “Level 5”" in refusal(made(inside(deepest)))
    assert "has 250 tests; at most 200" in refusal(made({"any": [inside(wide)] * 5}))
    assert refusal(made(inside(private))).startswith("“mine” is private.")
    assert refusal(made(leaf("in_segment", segment="none"))).startswith("There is no segment “none”.")
    assert not Segment.objects.filter(name="New").exists()


def test_what_is_used_can_not_be_deleted_or_hidden(marketer: User) -> None:
    inner = dynamic(marketer)
    dynamic(marketer, "Outer", inside(inner))

    with pytest.raises(keeping.SegmentInUse, match="It is used by: the segment “Outer”"):
        keeping.remove(inner, by=marketer)
    with pytest.raises(keeping.SegmentInUse, match="stays for everybody"):
        keeping.change(inner, by=marketer, values={"is_shared": False})

    inner.refresh_from_db()
    assert inner.is_shared
    assert not AuditEntry.objects.filter(action__in=["segment.deleted", "segment.changed"]).exists()


def test_a_rule_that_asks_for_a_segment_uses_it(marketer: User) -> None:
    segment = static(marketer)
    model = install("swedish-six", by=None)
    rule = model.published().rules.first()
    rule.condition = {"any": [rule.condition, inside(segment)]}
    rule.save()

    (use,) = keeping.uses_of(segment)

    assert (use.key, use.url) == ("vips", f"/lifecycle/models/{model.slug}/")
    assert str(rule) in str(use.label)


def test_a_segment_that_nobody_uses_goes_with_its_members(marketer: User) -> None:
    OrderFactory()
    segment = dynamic(marketer)

    keeping.remove(segment, by=marketer)

    assert not Segment.objects.exists()
    assert not SegmentMember.objects.exists()
    assert AuditEntry.objects.get(action="segment.deleted").subject_label == "Buyers"


def test_two_segments_of_one_name_are_refused(marketer: User) -> None:
    static(marketer, "Loyal")

    with pytest.raises(ValidationError, match="Another segment has this name"):
        static(marketer, "LOYAL")

    assert Segment.objects.count() == 1


def test_slugs_are_free_and_stay(marketer: User) -> None:
    first, second = static(marketer, "Købere & fans"), static(marketer, "Købere, fans")

    keeping.change(first, by=marketer, values={"name": "Other"})

    first.refresh_from_db()
    assert (first.slug, second.slug, first.name) == ("kobere-fans", "kobere-fans-2", "Other")


def test_a_stale_change_is_refused(marketer: User) -> None:
    segment = static(marketer)
    read = segment.changed_at
    keeping.change(segment, by=marketer, values={"name": "Better"})

    with pytest.raises(keeping.StaleSegment):
        keeping.change(segment, by=marketer, values={"name": "Worse"}, expected=read)

    segment.refresh_from_db()
    assert segment.name == "Better"
