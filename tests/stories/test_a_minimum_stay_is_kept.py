"""New customers are to be left in Conversion for ten days: rules wait so long, people need not."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from clm.accounts.models import User
from clm.base import clock
from customers.models import Customer
from lifecycle.admission import MoveSet, admit
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import StagePeriod
from tests.lifecycle.shop import buyer, six_stages, stage, work_off

pytestmark = pytest.mark.django_db
PAGE = "/lifecycle/models/swedish-six/draft/"
DAY = timedelta(days=1)


def path(customer: Customer) -> list[tuple[str, datetime]]:
    periods = StagePeriod.objects.live().filter(customer=customer).order_by("entered_at")
    return [(period.stage.slug, period.entered_at) for period in periods]


@pytest.fixture
def client(sign_in: Callable[[User], Client], marketer: User) -> Client:
    return sign_in(marketer)


@pytest.fixture
def eager(db: None) -> Customer:
    """Three purchases in a week, twenty days ago: by the rules in Retention with the second, loyal with the third."""
    six_stages()
    return buyer(20, 17, 14)


@pytest.fixture
def waiting(eager: Customer) -> Customer:
    """The same, but this week."""
    return buyer(6, 4, 2, name="Nora New")


@pytest.fixture(autouse=True)
def ten_days(client: Client, eager: Customer, waiting: Customer) -> None:
    """Set in the designer, published, and the history worked out with it."""
    first = eager.first_seen_at
    assert path(eager) == [
        ("conversion", first),
        ("retention", first + 3 * DAY),
        ("loyalty", first + 6 * DAY),
    ]
    form = client.get(f"{PAGE}stages/conversion/").context["form"]
    values = {name: form[name].value() or "" for name in form.fields} | {"minimum_stay": 10}
    client.post(f"{PAGE}stages/conversion/", values)
    read = client.get(f"{PAGE}stages/").context["read"]
    client.post(f"{PAGE}publication/", {"read": read, "history": "yes"})
    work_off()


def test_rules_wait_until_the_ten_days_are_over(eager: Customer) -> None:
    first = eager.first_seen_at

    # Straight to where the rules lead by then; Retention is passed over.
    assert path(eager) == [("conversion", first), ("loyalty", first + 10 * DAY)]


def test_who_is_still_within_them_is_told_why_and_moves_on_by_itself(
    client: Client, waiting: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = waiting.first_seen_at
    assert path(waiting) == [("conversion", first)]
    told = client.get(f"/customers/{waiting.pk}/stages/swedish-six/missing/").content.decode()
    assert "Holds, but everybody stays here for at least 10 days." in told

    for moment in (first + 10 * DAY - timedelta(minutes=1), first + 10 * DAY + timedelta(minutes=1)):
        assert path(waiting) == [("conversion", first)]
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        evaluate_changed()

    assert path(waiting) == [("conversion", first), ("loyalty", first + 10 * DAY)]


def test_a_person_need_not_wait(waiting: Customer, marketer: User) -> None:
    moves = MoveSet([waiting.pk], stage("loyalty"), "Signed for a year")

    admitted = admit(moves, source="person", actor=marketer)

    assert admitted.moved == [waiting.pk]
    assert [slug for slug, _entered in path(waiting)] == ["conversion", "loyalty"]
