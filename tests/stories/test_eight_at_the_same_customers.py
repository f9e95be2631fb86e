"""Eight processes change the same forty customers at once: nothing overlaps, nobody sees an error."""

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import CurrentStage, Parking, StagePeriod
from tests.factories import CustomerFactory, bought
from tests.lifecycle.shop import six_stages

MOVERS = Path(__file__).with_name("movers.py")

pytestmark = pytest.mark.django_db(transaction=True)

OVERLAPS = """
SELECT count(*) FROM lifecycle_stageperiod a JOIN lifecycle_stageperiod b USING (customer_id, model_id)
WHERE a.id < b.id AND a.superseded_at IS NULL AND b.superseded_at IS NULL
  AND tstzrange(a.entered_at, a.left_at) && tstzrange(b.entered_at, b.left_at)
"""
GAPS = """
SELECT count(*) FROM (
    SELECT left_at, lead(entered_at) OVER (PARTITION BY customer_id, model_id ORDER BY entered_at) AS next
    FROM lifecycle_stageperiod WHERE superseded_at IS NULL) AS stays
WHERE left_at IS DISTINCT FROM next
"""


@pytest.mark.parametrize(("processes", "changes"), [(4, 10), pytest.param(8, 150, marks=pytest.mark.nightly)])
def test_changes_at_once_leave_one_history_each(processes: int, changes: int) -> None:
    forty_customers()

    told = at_once(processes, changes)

    Parking.objects.update(released_at=clock.now())  # whom the rules pulled to and fro is looked at, too
    Arrival.objects.note(Customer.objects.values_list("pk", flat=True), since=clock.now())
    evaluate_changed()
    assert [line for line in told if line.startswith("error")] == []
    assert len(told) == processes * changes
    assert (counted(OVERLAPS), counted(GAPS)) == (0, 0)
    open_ = StagePeriod.objects.live().filter(left_at=None)
    assert dict(open_.values_list("customer", "stage")) == dict(
        CurrentStage.objects.values_list("customer", "stage")
    )
    assert open_.count() == 40
    assert Counter(told)["order"] > 0 < Counter(told)["moved"]


def forty_customers() -> None:
    six_stages()
    since = clock.now() - timedelta(days=420)
    for _number in range(40):
        bought(CustomerFactory(first_seen_at=since), 10, at=since)
    Arrival.objects.note(Customer.objects.values_list("pk", flat=True), since=since)
    evaluate_changed()


def at_once(processes: int, changes: int) -> list[str]:
    """What each change told, of all processes."""
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    ended = subprocess.run(
        [sys.executable, MOVERS, str(processes), str(changes)],
        env=os.environ | {"DATABASE_URL": url, "LOG_LEVEL": "CRITICAL"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def counted(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])
