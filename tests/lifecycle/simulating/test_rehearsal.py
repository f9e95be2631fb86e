"""What publishing a draft would do stands beside its buttons, and is what publishing then does."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from lifecycle.models import LifecycleModel, ModelVersion, Simulation, Span, StagePeriod
from lifecycle.publishing import publish
from lifecycle.simulating import asking
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


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, the company is too large to be walked while somebody waits."""
    return lambda: monkeypatch.setattr(asking, "AT_ONCE", 0)


def test_the_page_of_a_small_company_asks_for_the_simulation_by_itself(client: Client, draft: ModelVersion):
    page = client.get(PAGE).content.decode()
    begun = client.get(REHEARSAL).content.decode()
    assert not Simulation.objects.exists()  # reading begins nothing

    told = client.post(REHEARSAL, headers=HTMX).content.decode()
    again = client.get(REHEARSAL).content.decode()

    assert f'hx-get="{REHEARSAL}" hx-trigger="load"' in page
    assert f'hx-post="{REHEARSAL}" hx-trigger="load"' in begun
    assert "Not simulated yet" not in begun
    assert 'hx-trigger="load"' not in told + again
    assert "4 of 10 customers would move." in words(again.encode())
    assert list(Simulation.objects.order_by("pk").values_list("span", flat=True)) == ["now", "history"]


def test_both_numbers_stand_where_the_confirmations_look_for_them(client: Client, draft: ModelVersion):
    page = client.get(PAGE).content.decode()

    told = client.post(REHEARSAL, headers=HTMX).content.decode()

    from_now_on, over = Simulation.objects.order_by("pk")
    assert 'data-confirm-told="#rehearsal-moving"' in page
    assert 'data-confirm-told="#rehearsal-history, #rehearsal-moving[data-history]"' in page
    assert f'id="rehearsal-moving">{from_now_on.result["moving"]} of 10 customers would move.<' in told
    assert over.result["moving"] > 0
    said = f"With the history worked out again, {over.result['moving']} of 10 customers"
    assert f'id="rehearsal-history">{said} would be in another stage at the end.<' in told


def test_numbers_that_hold_no_more_are_in_no_confirmation(
    client: Client, draft: ModelVersion, many: Callable[[], None]
):
    client.post(REHEARSAL)
    drafted(LifecycleModel.objects.get(), churned=80)
    many()

    told = client.get(REHEARSAL).content.decode()

    assert "4 of 10 customers would move." in words(told.encode())
    assert 'id="rehearsal-moving"' not in told
    assert 'id="rehearsal-history"' not in told


def test_a_small_company_simulates_anew_what_was_changed_since(client: Client, draft: ModelVersion):
    client.post(REHEARSAL)
    drafted(LifecycleModel.objects.get(), churned=80)

    told = client.get(REHEARSAL).content.decode()

    assert 'hx-trigger="load"' in told


def test_a_draft_with_a_rule_at_fault_is_not_simulated_unasked(client: Client, draft: ModelVersion):
    draft.rules.filter(stage__slug="churned").update(
        condition={"condition": "in_segment", "parameters": {"segment": 0}}
    )

    told = client.get(REHEARSAL).content.decode()

    assert 'hx-trigger="load"' not in told
    assert "Not simulated yet" in told


def test_a_large_company_says_that_a_draft_was_never_tried_and_offers_to(
    client: Client, draft: ModelVersion, many: Callable[[], None]
):
    many()

    told = client.get(REHEARSAL)
    client.post(REHEARSAL, headers=HTMX)

    assert "Not simulated yet" in words(told.content)
    assert "Simulate now" in words(told.content)
    assert 'hx-trigger="load"' not in told.content.decode()
    assert [one.span for one in Simulation.objects.all()] == ["now"]


def test_a_first_version_is_simulated_over_the_history(client: Client, draft: ModelVersion):
    made = {"name": "Mine", "slug": "mine", "start": "preset:danish-six"}
    client.post("/lifecycle/models/new/", made)
    address = "/lifecycle/models/mine/draft/publication/"
    page = client.get(address).content.decode()

    begun = client.get(f"{address}simulation/").content.decode()
    told = client.post(f"{address}simulation/", headers=HTMX).content.decode()

    assert f'hx-get="{address}simulation/"' in page
    assert 'hx-trigger="load"' in begun
    assert 'id="rehearsal-moving" data-history>10 of 10 customers would get a stage.<' in told
    assert [one.span for one in Simulation.objects.all()] == ["history"]
    assert 'data-confirm-told="#rehearsal-moving"' in page


def test_what_a_model_that_comes_back_would_do_is_shown(client: Client, draft: ModelVersion):
    draft.model.versions.filter(status="published").update(status="retired")

    told = client.post(REHEARSAL, headers=HTMX).content.decode()

    assert "Not simulated yet" not in told
    assert [one.span for one in Simulation.objects.all()] == ["history"]
    assert 'id="rehearsal-moving" data-history' in told


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
    assert AuditEntry.objects.filter(action="version.simulated").count() == 2  # also over the history
    publish(draft, by=None)
    work_off()
    assert StagePeriod.objects.live().filter(stage__slug="churned", left_at=None).count() == 5


def test_a_draft_changed_since_asks_to_be_simulated_again(
    client: Client, draft: ModelVersion, many: Callable[[], None]
):
    client.post(REHEARSAL)
    drafted(LifecycleModel.objects.get(), churned=80)
    many()

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


def test_so_it_does_for_a_model_that_comes_back(client: Client, draft: ModelVersion):
    retire_churned(client)
    ModelVersion.objects.filter(status="published").update(status="retired")

    client.post(REHEARSAL, {"heir-churned": "engagement"}, headers=HTMX)

    assert Simulation.objects.latest("pk").span == Span.HISTORY
    assert [one.heir for one in client.get(PAGE).context["vanished"]] == ["engagement"]


def test_a_simulation_for_other_stages_than_those_chosen_says_so(
    client: Client, draft: ModelVersion, many: Callable[[], None]
):
    retire_churned(client)
    client.post(REHEARSAL, {"heir-churned": "engagement"}, headers=HTMX)
    many()

    same = words(client.get(REHEARSAL, {"heir-churned": "engagement"}).content)
    other = words(client.get(REHEARSAL, {"heir-churned": "discovery"}).content)

    assert "You chose other stages above" not in same
    assert "You chose other stages above than this simulation had." in other
    assert "Simulate again" in other


def test_a_simulation_of_days_ago_tells_its_age(
    client: Client, draft: ModelVersion, many: Callable[[], None]
):
    client.post(REHEARSAL)
    Simulation.objects.update(until=clock.now() - timedelta(days=3))
    many()

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
