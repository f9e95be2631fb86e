"""However much a model holds (twelve stages, components, exceptions, a draft without a stage): few questions a page."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import User
from lifecycle.designing import steps
from lifecycle.designing.editing import edit
from lifecycle.drafting import publish_as_read
from lifecycle.models import LifecycleModel, Policy
from lifecycle.presets import install

SignIn = Callable[[User], Client]
MOST = 12
PAGES = [
    "", "overview/", "overview/?version=draft", "overview/?version=1", "differences/", "differences/?before=1&after=2", "draft/",
    "draft/publication/", "draft/stages/", "draft/rules/", "draft/components/", "draft/moves/", "draft/names/",
]  # fmt: skip


@pytest.fixture
def model(db: None) -> LifecycleModel:
    """Two versions, the second with an exception; and a draft that has a stage less."""
    model = install("danish-twelve", by=None)
    edit(
        model,
        lambda plan: steps.set_moves(plan, "person", {("lead-generation", "sale"): Policy.FORBIDDEN}),
        read="*",
        by=None,
    )
    publish_as_read(model, read="*", by=None, replay=False, heirs={})
    edit(model, lambda plan: steps.retire_stage(plan, "ambassador"), read="*", by=None)
    return model


def test_pages_of_the_designer_ask_at_most_twelve_questions(
    model: LifecycleModel, sign_in: SignIn, administrator: User
) -> None:
    client = sign_in(administrator)
    client.get("/lifecycle/models/")  # the session is prolonged once

    for page in PAGES:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/lifecycle/models/{model.slug}/{page}")
        assert answer.status_code == 200, page
        assert len(queries) <= MOST, (page, [query["sql"][:110] for query in queries])
