"""The first version of a model places everybody, whether or not its history is asked for."""

from typing import Any

import pytest

from clm.accounts.models import User
from lifecycle.models import CurrentStage, LifecycleModel
from lifecycle.publishing import open_draft
from tests.lifecycle.shop import buyer, six_stages, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> LifecycleModel:
    """Six stages that were never in force, and a draft of them."""
    model = six_stages()
    draft = open_draft(model, by=None)
    model.versions.exclude(pk=draft.pk).update(status="retired", governs_from=None)
    for _customer in range(2):
        buyer(3)
    buyer(400)
    CurrentStage.objects.all().delete()
    return model


def test_a_first_version_published_from_now_on_places_everybody(
    model: LifecycleModel, sign_in: Any, marketer: User
):
    address = "/api/v1/lifecycle-models/swedish-six/publications/"

    answer = sign_in(marketer).post(
        address, {"history": False}, content_type="application/json", headers={"If-Match": "*"}
    )
    work_off()

    assert answer.status_code == 201, answer.content
    placed = CurrentStage.objects.filter(model=model).values_list("stage__slug", flat=True)
    assert sorted(placed) == ["churned", "conversion", "conversion"]
