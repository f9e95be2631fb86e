"""What publishing a draft would do stands beside its buttons, and is what publishing then does."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from lifecycle.models import LifecycleModel, ModelVersion, Simulation, StagePeriod
from lifecycle.publishing import publish
from tests.lifecycle.shop import six_stages, work_off
from tests.lifecycle.simulating.trying import company, drafted, live

pytestmark = pytest.mark.django_db
PAGE = "/lifecycle/models/swedish-six/draft/publication/"
REHEARSAL = f"{PAGE}simulation/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def draft(db: None) -> ModelVersion:
    model = six_stages()
    company()
    return drafted(model, churned=90, retention=90, loyalty=90)


@pytest.fixture
def client(sign_in: Callable[[User], Client], marketer: User) -> Client:
    return sign_in(marketer)


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def test_a_draft_that_was_never_tried_says_so_and_offers_to(client: Client, draft: ModelVersion):
    page, told = client.get(PAGE).content.decode(), words(client.get(REHEARSAL).content)

    assert f'hx-get="{REHEARSAL}"' in page
    assert "Not simulated yet" in told
    assert "Simulate now" in told


def test_the_summary_counts_who_enters_and_leaves_and_publishing_does_the_same(
    client: Client, draft: ModelVersion
):
    before = live()

    told = words(client.post(REHEARSAL, headers=HTMX).content)

    assert "4 of 10 customers would move." in told
    assert re.search(r"Churned \+4 – 5", told)
    assert "Simulate it again" not in told
    assert "Simulate again" in told
    assert live() == before
    assert AuditEntry.objects.filter(action="version.simulated").count() == 1
    publish(draft, by=None)
    work_off()
    assert StagePeriod.objects.live().filter(stage__slug="churned", left_at=None).count() == 5


def test_a_draft_changed_since_asks_to_be_simulated_again(client: Client, draft: ModelVersion):
    client.post(REHEARSAL)
    drafted(LifecycleModel.objects.get(), churned=80)

    told = words(client.get(REHEARSAL).content)

    assert "The draft was changed since." in told
    assert "Simulate again" in told


def test_people_of_a_vanished_stage_go_in_it_where_the_form_says(client: Client, draft: ModelVersion):
    retire_churned(client)

    told = words(client.post(REHEARSAL, {"heir-churned": "engagement"}, headers=HTMX).content)
    nowhere = client.post(REHEARSAL, {"heir-churned": "atlantis", "heir-x": "y"}, headers=HTMX)

    assert "Churned is not part of this version: whom no rule claims goes to Engagement." in told
    assert nowhere.status_code == 200
    assert "goes to" in words(nowhere.content)


def retire_churned(client: Client) -> None:
    stages = "/lifecycle/models/swedish-six/draft/stages/"
    client.post(f"{stages}churned/retirement/", {"read": client.get(stages).context["read"]})


def test_the_page_comes_back_with_the_stages_that_were_simulated(client: Client, draft: ModelVersion):
    retire_churned(client)
    guessed = client.get(PAGE).context["vanished"][0].heir
    assert guessed != "engagement"

    client.post(REHEARSAL, {"heir-churned": "engagement"}, headers=HTMX)

    page = client.get(PAGE)
    assert [one.heir for one in page.context["vanished"]] == ["engagement"]
    assert '<option value="engagement" selected>' in page.content.decode()


def test_a_simulation_for_other_stages_than_those_chosen_says_so(client: Client, draft: ModelVersion):
    retire_churned(client)
    client.post(REHEARSAL, {"heir-churned": "engagement"}, headers=HTMX)

    same = words(client.get(REHEARSAL, {"heir-churned": "engagement"}).content)
    other = words(client.get(REHEARSAL, {"heir-churned": "discovery"}).content)

    assert "You chose other stages above" not in same
    assert "You chose other stages above than this simulation had." in other
    assert "Simulate again" in other


def test_a_simulation_of_days_ago_tells_its_age(client: Client, draft: ModelVersion):
    client.post(REHEARSAL)
    Simulation.objects.update(since=clock.now() - timedelta(days=3))

    told = words(client.get(REHEARSAL).content)

    assert "Simulated 3 days ago: customers may have moved since." in told


def test_without_scripts_the_page_comes_back(client: Client, draft: ModelVersion):
    answer = client.post(REHEARSAL)

    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)


def test_who_may_not_edit_models_does_not_rehearse(
    sign_in: Callable[[User], Client], owner: User, draft: ModelVersion
):
    assert sign_in(owner).post(REHEARSAL).status_code == 403
    assert not Simulation.objects.exists()
