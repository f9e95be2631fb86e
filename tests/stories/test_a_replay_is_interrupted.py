"""Working out the history stops half-way, by a crash or by a click, and goes on: the end is the same as in one go."""

from datetime import timedelta

import pytest

from clm.accounts import jobs
from clm.accounts.models import Job, User
from clm.accounts.models.job import JobStatus
from clm.base import clock
from lifecycle import replay
from lifecycle.models import LifecycleModel, StagePeriod
from tests.factories import CustomerFactory, bought
from tests.lifecycle.shop import six_stages

pytestmark = pytest.mark.django_db
History = list[tuple[object, ...]]


@pytest.fixture
def model() -> LifecycleModel:
    """Six who bought at times of their own, none of whom has been worked out."""
    now = clock.now()
    for number in range(6):
        customer = CustomerFactory(first_seen_at=now - timedelta(days=500))
        for order in range(number % 3):
            bought(customer, 100, at=now - timedelta(days=420 - 60 * order - number))
    return six_stages()


@pytest.fixture(autouse=True)
def two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = replay.replay

    def small(*given: object, **named: object) -> object:
        return batches(*given, **named, batch=2)  # type: ignore[arg-type]

    monkeypatch.setattr(replay, "replay", small)
    monkeypatch.setattr(replay, "BATCH", 2)


def history() -> History:
    stays = StagePeriod.objects.live().order_by("customer", "entered_at")
    return list(stays.values_list("customer", "stage__slug", "entered_at", "left_at", "cause"))


def in_one_go(model: LifecycleModel) -> History:
    job = replay.request_replay(model, by=None)
    jobs.drive(job)
    told = history()
    StagePeriod.objects.all().delete()
    return told


def crash_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = jobs._runners["lifecycle.replay"]

    def crashing(job: Job) -> object:
        for step, progress in enumerate(runner(job)):
            if step == steps:
                raise SystemExit
            yield progress

    monkeypatch.setitem(jobs._runners, "lifecycle.replay", crashing)  # type: ignore[arg-type]


def test_after_a_crash_it_goes_on_where_it_stood(
    model: LifecycleModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = in_one_go(model)
    job = replay.request_replay(model, by=None)
    with monkeypatch.context() as crashed:
        crash_after(2, crashed)
        with pytest.raises(SystemExit):
            jobs.drive(job)
    stopped = Job.objects.get(pk=job.pk)

    Job.objects.filter(pk=job.pk).update(lease_until=None)
    jobs.drive(Job.objects.get(pk=job.pk))

    ended = Job.objects.get(pk=job.pk)
    assert 0 < stopped.done < 6
    assert (ended.status, ended.done) == (JobStatus.DONE, 6)
    assert history() == wanted


def test_who_cancels_it_may_start_again(model: LifecycleModel, marketer: User) -> None:
    wanted = in_one_go(model)
    cancelled = replay.request_replay(model, by=marketer)
    cancelled.cancel(by=marketer)
    jobs.drive(Job.objects.get(pk=cancelled.pk))
    nothing_yet = history()

    again = replay.request_replay(model, by=marketer)
    jobs.drive(again)

    assert nothing_yet == []
    assert Job.objects.get(pk=cancelled.pk).status == JobStatus.CANCELLED
    assert history() == wanted
