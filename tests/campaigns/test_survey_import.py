"""Answers from files: as other tools export them, with Danish headings too, and taken back."""

import pytest

from campaigns.models import Response, Survey
from clm.accounts.jobs import drive
from clm.accounts.models import Job
from customers.importing.bringing import bring
from customers.importing.starting import start, undo
from customers.models import Customer, Import, ImportProblem

FILE = """email;svar;kommentar;dato;sprog
mette@example.com;10;Hurtig levering;2026-05-01;da
lars@example.com;3;"Dyr; og langsom";2026-05-02;da
ole@example.com;11;;2026-05-03;da
"""

pytestmark = pytest.mark.django_db


def work(job: Job) -> None:
    while drive(job):
        pass
    job.refresh_from_db()
    assert job.status == "done", job.error


def imported() -> Import:
    run = bring([FILE.encode()], file_name="nps.csv", kind="responses", source="old-tool", by=None)
    work(start(run, by=None))
    run.refresh_from_db()
    return run


def test_a_file_of_answers_is_understood_as_it_is() -> None:
    imported()

    taken = (
        Response.objects.live()
        .order_by("occurred_at")
        .values_list("customer__email", "score", "text", "language")
    )
    assert list(taken) == [
        ("mette@example.com", 10, "Hurtig levering", "da"),
        ("lars@example.com", 3, "Dyr; og langsom", "da"),
    ]
    problem = ImportProblem.objects.get()
    assert "0 to 10" in problem.reason
    assert Survey.objects.get().slug == "nps"


def test_taking_the_import_back_takes_its_answers_back() -> None:
    run = imported()

    work(undo(run, by=None))

    assert Response.objects.live().count() == 0
    assert Response.objects.count() == 2
    assert Customer.objects.count() == 2
