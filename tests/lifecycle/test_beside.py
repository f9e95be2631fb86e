"""A customer's page in several models: each with its path, and with what ran beside the stages."""

from datetime import datetime, timedelta

import pytest

from clm.accounts.models import Organisation
from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.beside import Scale
from lifecycle.evaluation import evaluate_changed
from lifecycle.journey import StagePanel, stage_panel
from lifecycle.models import LifecycleModel
from lifecycle.presets import install
from tests.factories import EventFactory
from tests.lifecycle.shop import buyer, six_stages


def panel_of(
    customer: Customer,
    *,
    model: str = "",
    as_of: datetime | None = None,
    known_at: datetime | None = None,
) -> StagePanel:
    fresh = Customer.objects.get(pk=customer.pk)
    zone = Organisation.objects.current().tz
    panel = stage_panel(fresh, model=model, as_of=as_of, zone=zone, known_at=known_at)
    assert panel is not None
    return panel


def happened(customer: Customer, **days_ago: int) -> None:
    now = clock.now()
    for name, days in days_ago.items():
        EventFactory(customer=customer, name=name.replace("_", "."), occurred_at=now - timedelta(days=days))
    Arrival.objects.note([customer.pk], since=now - timedelta(days=max(days_ago.values())))
    evaluate_changed()


@pytest.fixture
def customer(db: None) -> Customer:
    """Bought 100 days ago; asked for help 60 days ago and wrote a review 10 days ago."""
    install("danish-twelve", by=None)
    customer = buyer(100)
    happened(customer, ticket_opened=60, review_posted=10)
    return customer


def test_components_are_drawn_along_the_path(customer: Customer):
    support, feedback = panel_of(customer).beside

    assert [str(strip.component) for strip in (support, feedback)] == ["Support", "Feedback"]
    (bar,) = support.bars
    assert (bar.start, bar.width) == (pytest.approx(400, abs=10), pytest.approx(145, abs=10))
    assert feedback.bars[0].start + feedback.bars[0].width == pytest.approx(1000, abs=0.1)


def test_what_is_under_way_is_told_as_of_the_day(customer: Customer):
    support, feedback = panel_of(customer).beside
    (then,) = panel_of(customer, as_of=clock.now() - timedelta(days=55)).beside

    assert (support.running, feedback.running) == (None, feedback.last)
    assert then.running == then.last == support.last


def test_the_page_says_what_is_under_way_and_what_was(customer: Customer, sign_in, marketer):
    page = " ".join(sign_in(marketer).get(f"/customers/{customer.pk}/").content.decode().split())

    assert "Beside the stages" in page
    assert "under way since" in page
    assert "last from" in page


def test_a_model_without_components_shows_none(db: None):
    six_stages()
    customer = buyer(100)
    happened(customer, ticket_opened=60)

    assert panel_of(customer).beside == []


def test_every_model_has_a_path_of_its_own_the_primary_one_first(db: None, marketer):
    six_stages()
    install("danish-twelve", by=None)
    customer = buyer(40)

    def path(model: str) -> list[str]:
        return [stretch.period.stage.slug for stretch in panel_of(customer, model=model).path]

    assert [model.slug for model in panel_of(customer).models] == ["swedish-six", "danish-twelve"]
    assert path("") == ["conversion", "retention"]
    assert path("danish-twelve") == ["sale"]

    LifecycleModel.objects.get(slug="danish-twelve").make_primary(by=marketer)
    assert path("") == ["sale"]


def test_an_instant_lies_on_the_picture_where_its_stay_is_drawn():
    start = datetime(2026, 1, 1, tzinfo=Organisation().tz)
    scale = Scale(
        [start, start + timedelta(days=1)], [0.0, 500.0], end=start + timedelta(days=11)
    )  # a day, drawn as wide as the ten after it

    places = [scale.place(start + timedelta(days=days)) for days in (-1, 0, 0.5, 1, 6, 11, 20)]

    assert places == [0, 0, 250, 500, 750, 1000, 1000]
