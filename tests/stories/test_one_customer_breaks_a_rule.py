"""A rule fails for one customer: the others go on, everybody is told, and once it is mended the customer moves on."""

import pytest

from lifecycle.evaluation import evaluate_changed
from lifecycle.models import LifecycleModel, Parking
from lifecycle.parking import release
from tests.lifecycle.shop import stage_of
from tests.lifecycle.test_isolation import company, model, offered, poison

__all__ = ["model", "offered"]
pytestmark = pytest.mark.django_db


def test_everybody_is_told_until_it_is_mended_and_released(model: LifecycleModel, sign_in, marketer):
    customers = company(3)
    poison(model, customers[1].pk)
    client = sign_in(marketer)
    assert "could not be applied" not in client.get("/customers/").content.decode()

    evaluate_changed()
    told = client.get("/customers/").content.decode()
    listed = client.get("/lifecycle/parkings/").content.decode()

    assert "The rules could not be applied to 1 customer" in told
    assert "The rules could not be applied: DataError: division by zero" in listed

    poison(model, customers[2].pk + 1000)
    release(customers[1], Parking.objects.get().pk, by=marketer)
    evaluate_changed()

    assert "could not be applied" not in client.get("/customers/").content.decode()
    assert stage_of(customers[1]) == "conversion"
