"""A version published while somebody is being moved by hand: it governs whoever moves after it, and waits for the others."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection

from customers.models import Customer
from lifecycle import admission
from lifecycle.admission import MoveSet, StageUnknown, admit
from lifecycle.models import (
    EdgePolicy,
    LifecycleModel,
    ModelVersion,
    Policy,
    Refusal,
    StagePeriod,
    VersionStage,
)
from lifecycle.publishing import open_draft, publish
from lifecycle.resettling import resettle
from tests.lifecycle.shop import buyer, six_stages, stage, stage_of

pytestmark = pytest.mark.django_db

Meanwhile = Callable[..., None]


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return six_stages()


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """What others do while the customers' locks are waited for: before a chunk, the first or another."""

    def do(what: Callable[[], object], *, chunk: int = 1) -> None:
        queryset, waited = type(Customer.objects.all()), list[int]()
        lock = queryset.lock_all_present

        def wait_and_lock(self: Any, ids: list[int]) -> dict[int, int]:
            locked = lock(self, ids)
            waited.append(len(ids))
            if len(waited) == chunk:
                what()
            return locked

        monkeypatch.setattr(queryset, "lock_all_present", wait_and_lock)

    return do


def without(model: LifecycleModel, *slugs: str) -> ModelVersion:
    draft = open_draft(model, by=None)
    draft.rules.filter(stage__slug__in=slugs).delete()
    draft.stage_uses.filter(stage__slug__in=slugs).delete()
    return draft


def taken_out(model: LifecycleModel, loyal: Customer) -> ModelVersion:
    """The version in force has no Loyalty any more; one customer is there still, and goes to Advocacy."""
    admit(MoveSet([loyal.pk], stage("loyalty")), source="api")
    draft = without(model, "loyalty")
    publish(draft, by=None, heirs={"loyalty": "advocacy"})
    return ModelVersion.objects.get(pk=draft.pk)


def test_its_policy_governs(model: LifecycleModel, meanwhile: Meanwhile):
    customer, draft = buyer(3), open_draft(model, by=None)
    EdgePolicy.objects.create(version=draft, from_stage=stage("conversion"), to_stage=stage("loyalty"),
                              source="api", policy=Policy.FORBIDDEN)  # fmt: skip
    meanwhile(lambda: publish(draft, by=None))

    admitted = admit(MoveSet([customer.pk], stage("loyalty")), source="api")

    assert not admitted.moved
    assert stage_of(customer) == "conversion"
    assert Refusal.objects.get().to_stage == stage("loyalty")


def test_a_stage_it_has_no_more_is_no_stage_to_move_to(model: LifecycleModel, meanwhile: Meanwhile):
    customer, draft = buyer(3), without(model, "loyalty")
    meanwhile(lambda: publish(draft, by=None, heirs={"loyalty": "advocacy"}))

    with pytest.raises(StageUnknown, match="Loyalty is not a stage in use"):
        admit(MoveSet([customer.pk], stage("loyalty")), source="api")

    assert stage_of(customer) == "conversion"


def test_chunks_before_it_have_moved(
    model: LifecycleModel, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(admission, "CHUNK", 1)
    people, draft = [buyer(3), buyer(3), buyer(3)], without(model, "loyalty")
    meanwhile(lambda: publish(draft, by=None, heirs={"loyalty": "advocacy"}), chunk=2)

    with pytest.raises(StageUnknown):
        admit(MoveSet([each.pk for each in people], stage("loyalty")), source="api")

    assert [stage_of(each) for each in people] == ["loyalty", "conversion", "conversion"]


def test_who_was_to_be_resettled_stays_where_the_next_version_has_the_stage_again(
    model: LifecycleModel, meanwhile: Meanwhile
):
    customer = buyer(3)
    second = taken_out(model, customer)
    third = open_draft(model, by=None)
    again = VersionStage.objects.filter(stage__slug="loyalty").latest("pk")
    again.pk, again.version = None, third
    again.save(force_insert=True)
    third.heirs = {}
    third.save()
    meanwhile(lambda: publish(third, by=None))

    assert resettle(second) == 0
    assert stage_of(customer) == "loyalty"


def test_who_was_to_be_resettled_waits_for_the_next_version_where_it_has_not_the_heir(
    model: LifecycleModel, meanwhile: Meanwhile
):
    customer = buyer(3)
    second = taken_out(model, customer)
    third = without(model, "advocacy")
    heirs = {"advocacy": "retention", "loyalty": "retention"}
    meanwhile(lambda: publish(third, by=None, heirs=heirs))

    assert resettle(second) == 0

    third.refresh_from_db()
    assert resettle(third) == 1
    assert stage_of(customer) == "retention"


@pytest.mark.django_db(transaction=True)
def test_publishing_waits_for_who_is_being_moved(model: LifecycleModel, monkeypatch: pytest.MonkeyPatch):
    customer, draft, told = buyer(3), open_draft(model, by=None), list[str]()
    write = admission._Admission.run

    def publish_impatiently() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
            publish(draft, by=None)
        except OperationalError as error:
            told.append(str(error.__cause__))
        finally:
            connection.close()

    def publish_and_write(self: Any, *args: Any) -> None:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(publish_impatiently).result()
        write(self, *args)

    monkeypatch.setattr(admission._Admission, "run", publish_and_write)

    admitted = admit(MoveSet([customer.pk], stage("loyalty")), source="api")

    assert "lock timeout" in told[0]
    assert admitted.moved == [customer.pk]
    monkeypatch.undo()
    publish(draft, by=None)
    assert StagePeriod.objects.live().get(customer=customer, left_at=None).version.number == 1
