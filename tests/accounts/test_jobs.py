"""Long work in words: titles in the reader's language, failures in the asker's, what cancelling leaves."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from clm.accounts import jobs
from clm.accounts.jobs import JobFailed, Progress
from clm.accounts.models import Job, User
from clm.accounts.models.job import JobStatus

SignIn = Callable[[User], Client]


@pytest.mark.parametrize(
    ("title", "parameters", "shown"),
    [
        ("Import of %(file)s", {"file": "100 %.csv"}, "Import of 100 %.csv"),
        ("Growth of 100 %", {"file": "a.csv"}, "Growth of 100 %"),
        ("Import of %(name)s", {"file": "a.csv"}, "Import of %(name)s"),
    ],
)
def test_a_title_takes_its_words_from_the_parameters(
    title: str, parameters: dict[str, str], shown: str
) -> None:
    assert str(Job(title=title, parameters=parameters)) == shown


def test_a_title_is_in_the_language_of_who_reads_it() -> None:
    job = Job(title="Monday")  # a word that Django itself brings in every language

    with translation.override("da"):
        assert str(job) == "mandag"
    with translation.override("nl"):
        assert str(job) == "maandag"


def test_why_it_failed_is_in_the_language_of_who_asked(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.filter(pk=owner.pk).update(language="sv")

    def refusing(job: Job) -> Iterator[Progress]:
        yield Progress(0)
        raise JobFailed(translation.gettext("Monday"))

    monkeypatch.setitem(jobs._runners, "refusing", refusing)
    job = jobs.enqueue("refusing", title="Import", owner=owner)

    assert jobs.drive(job) is False

    assert (job.status, job.error) == (JobStatus.FAILED, "måndag")
    assert translation.get_language() == "en"


def test_what_a_job_has_begun_beside_is_seen_through_before_another_worker_goes_on(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases = []

    def working(job: Job) -> Iterator[Progress]:
        try:
            yield Progress(1)
            yield Progress(2)
        finally:
            leases.append(Job.objects.get(pk=job.pk).lease_until)

    monkeypatch.setitem(jobs._runners, "working", working)
    job = jobs.enqueue("working", title="Work", owner=owner)

    assert jobs.drive(job, seconds=0) is True

    assert [lease is not None for lease in leases] == [True]
    assert Job.objects.get(pk=job.pk).lease_until is None


def test_who_cancels_a_replay_is_told_what_it_leaves_behind(administrator: User, sign_in: SignIn) -> None:
    job = jobs.enqueue("lifecycle.replay", title="Replay of %(model)s", owner=administrator, model="Ours")
    left = (
        "Customers done so far keep the new history, the others the old one, until the replay is run again."
    )

    client = sign_in(administrator)
    before = client.get(reverse("job", args=[job.pk]))
    after = client.post(reverse("job-cancellation", args=[job.pk]), follow=True)

    assert f'data-confirm="Cancel this job? {left}"' in before.content.decode()
    assert [str(message) for message in after.context["messages"]] == [f"Cancelled. {left}"]
    assert Job.objects.get().status == JobStatus.CANCELLED
