"""Rules whose questions read alike and are not the same: each is asked when its own facts come."""

from datetime import timedelta
from typing import Any

import pytest

from clm.base import clock
from clm.base.conditions import parse
from clm.base.conditions.leaving import each_once
from lifecycle.models import LifecycleModel, ModelVersion, Rule, Stage, StagePeriod
from lifecycle.presets import install
from lifecycle.replay import replay
from tests.factories import CustomerFactory, EventFactory

pytestmark = pytest.mark.django_db


def event(*, named: list[str], **test: Any) -> dict[str, Any]:
    tests = [{"property": "colour", **test}] if test else []
    return {"condition": "event", "parameters": {"names": named, "properties": tests}}


ALIKE = [
    pytest.param(
        event(named=["looked"], operator="is_one_of", values=["red", "blue"]),
        event(named=["looked"], operator="is_one_of", values=["red, blue"]),
        id="values",
    ),
    pytest.param(event(named=["looked", "bought"]), event(named=["looked, bought"]), id="names"),
]


@pytest.mark.parametrize(("first", "second"), ALIKE)
def test_who_fits_the_one_moves_and_who_fits_the_other(first: dict[str, Any], second: dict[str, Any]) -> None:
    model, now = install("swedish-six", by=None), clock.now()
    version = ModelVersion.objects.get(model=model)
    Rule.objects.filter(version=version).delete()
    for priority, (slug, condition) in enumerate((("engagement", first), ("conversion", second))):
        to = Stage.objects.get(model=model, slug=slug)
        Rule.objects.create(
            version=version, stage=to, priority=priority, labels={"en": slug}, condition=condition
        )
    said = [("looked", "red"), (second["parameters"]["names"][0], "red, blue")]
    people = [CustomerFactory(first_seen_at=now - timedelta(days=50)) for _each in said]
    for person, (name, colour) in zip(people, said, strict=True):
        EventFactory(
            customer=person, name=name, properties={"colour": colour}, occurred_at=now - timedelta(days=20)
        )

    for _batch in replay(version):
        pass

    assert [path_of(person.pk, model) for person in people] == [
        ["discovery", "engagement"],
        ["discovery", "conversion"],
    ]


def path_of(customer: int, model: LifecycleModel) -> list[str]:
    stays = StagePeriod.objects.live().filter(customer=customer, model=model).order_by("entered_at")
    return list(stays.values_list("stage__slug", flat=True))


@pytest.mark.parametrize(("first", "second"), ALIKE)
def test_queries_are_the_same_only_with_the_same_values(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    asked = [
        query for one in (first, second, first) for query in parse(one).changes(zone="UTC", known_at=None)
    ]

    assert len(each_once(asked)) == 2
