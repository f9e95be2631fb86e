"""Two workers and one job: who holds the lease works, who lost it stops, and what goes wrong thrice is given up."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from clm.accounts import jobs
from clm.accounts.jobs import MOST_ATTEMPTS, Progress, drive, enqueue
from clm.accounts.models import Job
from clm.accounts.models.job import JobStatus
from clm.base import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Job:
    """Three steps of one each."""

    def steps(job: Job) -> Iterator[Progress]:
        for step in range(job.done, 3):
            yield Progress(step + 1, 3, {"after": step}, {"steps": step + 1})

    monkeypatch.setitem(jobs._runners, "test.steps", steps)
    return enqueue("test.steps", title="Steps", owner=None)


def same(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def test_a_job_that_one_worker_holds_is_not_taken_by_another(job: Job):
    first, second = same(job), same(job)

    assert first.claim()
    assert not second.claim()
    assert not drive(same(job))
    assert same(job).attempts == 1


def test_a_lease_that_ran_out_is_taken_over_and_the_first_worker_stops(job: Job):
    first = same(job)
    first.claim()
    Job.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    second = same(job)

    assert second.claim()
    assert not first.advance(done=1, cursor={"after": 0})
    assert (same(job).done, same(job).cursor) == (0, {})

    assert second.advance(done=2, cursor={"after": 1})
    assert (same(job).done, same(job).cursor) == (2, {"after": 1})


def test_who_lost_the_lease_does_not_give_it_back(job: Job):
    first = same(job)
    first.claim()
    Job.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    second = same(job)
    second.claim()

    first.release()

    assert same(job).lease_until == second.lease_until


def test_a_cancelled_job_takes_no_more_progress(job: Job):
    worker = same(job)
    worker.claim()

    same(job).cancel()

    assert not worker.advance(done=1)
    assert (same(job).status, same(job).done) == (JobStatus.CANCELLED, 0)


def test_work_done_starts_the_count_of_attempts_anew(job: Job):
    Job.objects.update(attempts=2)
    worker = same(job)
    worker.claim()
    assert same(job).attempts == 3

    worker.advance(done=0)
    assert same(job).attempts == 3

    worker.advance(done=1)
    assert same(job).attempts == 0


def test_a_job_that_stops_at_the_same_place_too_often_is_given_up(job: Job):
    Job.objects.update(attempts=MOST_ATTEMPTS)

    assert not drive(same(job))

    assert same(job).status == JobStatus.FAILED
    assert "stopped three times at the same place" in same(job).error
    assert same(job).done == 0


def test_a_job_resumes_where_the_last_worker_left_it(job: Job):
    Job.objects.update(done=2, cursor={"after": 1})

    drive(same(job))

    assert (same(job).status, same(job).done, same(job).result) == (JobStatus.DONE, 3, {"steps": 3})
