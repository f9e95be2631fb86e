"""Choosing a model, working out its history, and the page that tells it."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import AuditEntry, Heartbeat, Job, User
from lifecycle.gallery import PresetTold
from lifecycle.models import LifecycleModel, StagePeriod
from lifecycle.presets import install, shipped
from tests.factories import CustomerFactory, EventFactory, bought
from tests.lifecycle.shop import buyer, six_stages, work_off

PAGE = "/lifecycle/models/swedish-six/"


def body(client: Client, path: str = PAGE) -> str:
    return client.get(path).content.decode()


def test_without_a_model_the_presets_are_offered_with_their_stages(sign_in, marketer):
    page = body(sign_in(marketer), "/lifecycle/models/")

    assert "Choose your first lifecycle model" in page
    for stage in shipped()["swedish-six"].stages:
        assert f"</span>{stage.labels['en']}" in page
    assert "Use this model" in page


@pytest.mark.parametrize("slug", shipped())
def test_a_preset_shows_what_it_holds_before_it_is_chosen(sign_in, analyst, slug: str):
    preset = shipped()[slug]

    page = body(sign_in(analyst), f"/lifecycle/models/presets/{slug}/")

    for stage in preset.stages:
        assert stage.labels["en"] in page
        assert stage.labels.get("original", "Added by us") in page
    for rule in preset.rules:
        assert rule.labels["en"] in page
    for component in preset.components:
        assert component.labels["original"] in page
    assert preset.credit["en"] in page
    assert "Last purchase over 180 days ago." in page
    assert "Use this model" not in page


def test_a_preset_is_told_in_the_readers_language(sign_in, marketer):
    marketer.language = "de"
    marketer.save()

    page = body(sign_in(marketer), "/lifecycle/models/presets/danish-twelve/")

    assert "Botschafter" in page
    assert '<span lang="da">Kundeambassadør</span>' in page
    assert "Kauft immer wieder" in page


def test_a_preset_says_which_facts_have_come_in_and_which_stages_wait(sign_in, marketer):
    EventFactory(name="email.clicked")
    client = sign_in(marketer)

    before = client.get("/lifecycle/models/presets/swedish-six/").context["told"]
    bought(CustomerFactory(), 100)
    after = client.get("/lifecycle/models/presets/swedish-six/").context["told"]

    def waiting(told: PresetTold) -> list[str]:
        return [line.name for line in told.stages if line.sourced and not line.sourced.can_hold]

    assert waiting(before) == ["Conversion", "Retention", "Loyalty", "Advocacy", "Churned"]
    assert waiting(after) == ["Advocacy"]
    needs = after.stages[1].sourced.needs
    assert [need.name for need in needs if need.is_here] == ["email.clicked"]
    assert "page.viewed" in [need.name for need in needs]


def test_the_model_says_which_stages_have_no_facts_yet(sign_in, marketer):
    client = sign_in(marketer)
    client.post("/lifecycle/models/choice/danish-twelve/")

    page = body(client, "/lifecycle/models/danish-twelve/")

    assert "No such facts yet: Leads, lead.qualified." in page
    assert "No such facts yet: ticket.opened, complaint.made." in page


def test_the_gallery_lays_all_presets_over_one_axis(sign_in, marketer):
    rows = sign_in(marketer).get("/lifecycle/models/").context["axis"]

    buying = next(row for row in rows if row.kind == "buying")
    assert [[told.name for told in stages] for _preset, stages in buying.cells] == [
        ["Conversion"],
        ["Sale"],
        ["Purchase"],
        ["Purchase"],
        ["Conversion"],
        ["Development"],
    ]
    assert "at_risk" in [row.kind for row in rows]


def test_an_unknown_preset_has_no_page(sign_in, marketer):
    assert sign_in(marketer).get("/lifecycle/models/presets/atlantis/").status_code == 404


def test_a_chosen_preset_leads_to_the_companys_model(sign_in, marketer):
    client = sign_in(marketer)
    client.post("/lifecycle/models/choice/dutch-six/")

    page = body(client, "/lifecycle/models/presets/dutch-six/")

    assert 'href="/lifecycle/models/dutch-six/"' in page
    assert "Use this model" not in page


def test_who_may_not_choose_is_told_so(sign_in, analyst):
    client = sign_in(analyst)

    assert "Use this model" not in body(client, "/lifecycle/models/")
    assert client.post("/lifecycle/models/choice/swedish-six/").status_code == 403
    assert not LifecycleModel.objects.exists()


def test_choosing_twice_makes_one_model(sign_in, marketer):
    client = sign_in(marketer)

    first = client.post("/lifecycle/models/choice/swedish-six/")
    second = client.post("/lifecycle/models/choice/swedish-six/")

    assert first["Location"] == second["Location"] == PAGE
    assert LifecycleModel.objects.get().is_primary
    assert AuditEntry.objects.get(action="model.installed").actor == marketer


def test_an_unknown_preset_or_model_is_not_found(sign_in, marketer):
    client = sign_in(marketer)

    assert client.post("/lifecycle/models/choice/atlantis/").status_code == 404
    for path in ("", "draft/"):
        assert client.get(f"/lifecycle/models/atlantis/{path}").status_code == 404
    for path in ("replay/", "primacy/", "draft/removal/", "draft/publication/"):
        assert client.post(f"/lifecycle/models/atlantis/{path}").status_code == 404


def test_every_preset_can_be_chosen_and_told(sign_in, marketer):
    client = sign_in(marketer)

    for slug in shipped():
        assert client.post(f"/lifecycle/models/choice/{slug}/", follow=True).status_code == 200
        assert client.get(f"/lifecycle/models/{slug}/draft/").status_code == 200


def test_the_page_tells_stages_rules_and_versions(sign_in, marketer):
    client = sign_in(marketer)
    client.post("/lifecycle/models/choice/swedish-six/")
    buyer(3)

    page = body(client)

    assert "Last purchase over 180 days ago." in page
    assert page.index("Has stopped buying") < page.index("Still buys")
    assert "Added by us" in page
    assert "Everybody starts here" in page
    assert "by Mark" in page
    assert "the beginning" in page


def test_the_history_is_worked_out_with_progress_and_then_tells_its_time(sign_in, marketer):
    six_stages()
    customer = buyer(300, 200, 5)
    StagePeriod.objects.all().delete()
    client = sign_in(marketer)

    client.post(f"{PAGE}replay/")
    waiting = body(client)
    work_off()
    done = body(client)

    assert "Working out the history" in waiting
    assert f'hx-get="{PAGE}" hx-trigger="every 1s"' in waiting
    assert "The history is worked out." in done
    assert "1 customer in" in done
    assert "every 1s" not in done
    path = StagePeriod.objects.live().filter(customer=customer).order_by("entered_at")
    assert [period.stage.slug for period in path] == ["conversion", "retention", "churned", "loyalty"]


def test_the_part_that_moves_comes_alone(sign_in, marketer):
    six_stages()

    part = sign_in(marketer).get(PAGE, headers={"HX-Request": "true"}).content.decode()

    assert part.lstrip().startswith('<div id="model-now"')
    assert "<html" not in part


def test_a_second_replay_waits_for_the_first_to_end(sign_in, marketer):
    six_stages()
    buyer(5)
    client = sign_in(marketer)

    client.post(f"{PAGE}replay/")
    again = client.post(f"{PAGE}replay/", follow=True).content.decode()

    assert "The history is being worked out already" in again
    assert Job.objects.filter(kind="lifecycle.replay").count() == 1

    Job.objects.get(kind="lifecycle.replay").cancel(by=marketer)
    client.post(f"{PAGE}replay/")
    assert Job.objects.filter(kind="lifecycle.replay").count() == 2


def test_a_cancelled_replay_is_told_to_be_partial(sign_in, marketer):
    six_stages()
    buyer(5)
    client = sign_in(marketer)
    client.post(f"{PAGE}replay/")
    Job.objects.get(kind="lifecycle.replay").cancel(by=marketer)

    cancelled = body(client)
    client.post(f"{PAGE}replay/")
    work_off()
    done = body(client)

    assert "The last run was cancelled." in cancelled
    assert "Customers done by then have the new history, the others the old one." in cancelled
    assert "cancelled" not in done
    assert "The history is worked out." in done


def test_a_rep_sees_the_numbers_of_their_own_customers(sign_in, owner, stranger):
    six_stages()
    buyer(3, owner=owner)
    buyer(3, owner=stranger)
    buyer(4, owner=stranger)

    def conversions(user: User) -> int:
        stages = sign_in(user).get(PAGE).context["description"].stages
        return next(line.customers for line in stages if line.stage.slug == "conversion")

    assert (conversions(owner), conversions(stranger)) == (1, 2)
    assert "Edit rules" not in body(sign_in(owner))


def test_another_model_becomes_the_primary_one(sign_in, manager):
    first = six_stages()
    second = install("danish-twelve", by=None)

    sign_in(manager).post("/lifecycle/models/danish-twelve/primacy/")

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_primary, second.is_primary) == (False, True)
    entry = AuditEntry.objects.get(action="model.made_primary")
    assert (entry.actor, entry.details) == (manager, {"before": "swedish-six"})

    sign_in(manager).post("/lifecycle/models/danish-twelve/primacy/")
    assert AuditEntry.objects.filter(action="model.made_primary").count() == 1


@pytest.mark.parametrize(
    "path",
    [
        "/lifecycle/models/",
        PAGE,
        "/lifecycle/models/presets/danish-twelve/",
        "/lifecycle/refusals/",
        "/lifecycle/parkings/",
    ],
)
def test_pages_ask_at_most_twelve_questions(sign_in: Callable[[User], Client], marketer: User, path: str):
    six_stages()
    for days in (3, 40, 400):
        buyer(days)
    Heartbeat.objects.beat("worker")
    client = sign_in(marketer)

    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200

    assert len(asked) <= 12


def test_a_rep_is_not_told_how_many_customers_there_are(sign_in, marketer, owner):
    six_stages()
    buyer(3, owner=owner)
    for days in range(4, 10):
        buyer(days)
    sign_in(marketer).post(f"{PAGE}replay/")
    Job.objects.update(done=3, total=7)

    waiting = body(sign_in(owner))
    work_off()
    done, told = body(sign_in(owner)), body(sign_in(marketer))

    assert "Working out the history" in waiting
    assert "of 7" not in waiting
    assert 'max="7"' not in waiting
    assert "The history is worked out." in done
    assert "customers in" not in done
    assert "7 customers in" in told


def test_a_rep_without_customers_is_not_told_of_others(sign_in, marketer, stranger):
    six_stages()
    buyer(3)

    assert not sign_in(stranger).get(PAGE).context["has_customers"]
    assert sign_in(marketer).get(PAGE).context["has_customers"]
