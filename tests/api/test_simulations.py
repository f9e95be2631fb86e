from datetime import timedelta

import pytest

from clm.base import clock
from lifecycle.models import LifecycleModel, Simulation
from tests.lifecycle.shop import six_stages
from tests.lifecycle.simulating.trying import company, drafted

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/lifecycle/simulations/"


@pytest.fixture
def model(db: None) -> LifecycleModel:
    model = six_stages()
    company()
    return model


def test_a_draft_is_tried_and_read_again(api, marketer, model):
    drafted(model, churned=90, retention=90, loyalty=90)
    client = api(marketer)

    made = client.post(ADDRESS, {"model": model.slug})
    read = client.get(f"{ADDRESS}{made.json()['id']}/").json()

    assert made.status_code == 201
    assert made.json() == read
    assert (read["status"], read["version"], read["span"], read["customers"], read["moving"]) == (
        "done",
        2,
        "now",
        10,
        4,
    )
    assert read["flows"] == [
        {"from": "retention", "to": "churned", "customers": 3},
        {"from": "loyalty", "to": "churned", "customers": 1},
    ]
    churned = next(line for line in read["stages"] if line["stage"] == "churned")
    assert (churned["now"], churned["after"], churned["entering"], churned["leaving"]) == (1, 5, 4, 0)
    assert churned["entered"] is None
    assert {each["why"] for each in read["affected"]} == {
        "Has stopped buying: last purchase over 90 days ago"
    }
    assert len(read["affected"]) == 4


def test_the_same_key_asks_once(api, marketer, model):
    drafted(model, churned=90)
    client = api(marketer)

    answers = [client.post(ADDRESS, {}, headers={"Idempotency-Key": "a"}).json() for _time in range(2)]

    assert answers[0] == answers[1]
    assert Simulation.objects.count() == 1


def test_without_a_draft_the_version_in_force_is_tried(api, marketer, model):
    first = (clock.now() - timedelta(days=30)).date()

    told = api(marketer).post(ADDRESS, {"span": "days", "from": first.isoformat()}).json()

    assert (told["version"], told["moving"], told["flows"]) == (1, 0, [])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"span": "days"}, "from"),
        ({"span": "days", "from": "2026-02-30"}, "from"),
        ({"span": "days", "from": 20260101}, "from"),
        ({"span": "days", "from": "2026-01-02", "to": "2026-01-01"}, "to"),
        ({"span": "ever"}, "span"),
        ({"version": 99}, "version"),
        ({"model": "nosuch"}, "model"),
        ({"first": "2026-01-01"}, "first"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(api, marketer, model, body, field):
    response = api(marketer).post(ADDRESS, body)

    assert response.status_code == 400
    assert field in str(response.json())
    assert not Simulation.objects.exists()


def test_who_may_not_edit_models_may_not_try_them(api, analyst, owner, model):
    assert api(analyst).post(ADDRESS, {}).status_code == 403
    assert api(owner).post(ADDRESS, {}).status_code == 403
    assert not Simulation.objects.exists()


def test_days_to_come_are_refused_by_name(api, marketer, model, sign_in):
    drafted(model, churned=90)
    today = clock.now().date()
    span = {"span": "days", "from": str(today - timedelta(days=9)), "to": str(today + timedelta(days=2))}

    refused = api(marketer).post(ADDRESS, span)
    version = model.versions.order_by("-number").first().pk
    typed = {"version": version, "span": "days", "first": span["from"], "last": span["to"]}
    page = sign_in(marketer).post(f"/lifecycle/models/{model.slug}/draft/simulation/", typed)

    assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, "to")
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["last"])
    assert "nobody knows the facts of tomorrow" in page.content.decode()
    assert not Simulation.objects.exists()


def test_people_of_a_stage_that_is_no_more_go_where_the_caller_says(api, marketer, model):
    draft = drafted(model)
    draft.rules.all().delete()
    draft.stage_uses.filter(stage__slug="loyalty").delete()
    client = api(marketer)

    guessed = client.post(ADDRESS, {}).json()
    chosen = client.post(ADDRESS, {"heirs": {"loyalty": "churned"}}, format="json").json()
    wrong = client.post(ADDRESS, {"heirs": {"loyalty": "loyalty"}}, format="json")

    assert guessed["heirs"] == {"loyalty": "discovery"}
    assert chosen["heirs"] == {"loyalty": "churned"}
    flows = {(flow["from"], flow["to"]): flow["customers"] for flow in chosen["flows"]}
    assert list(flows) == [("loyalty", "churned")]
    assert [(flow["from"], flow["to"]) for flow in guessed["flows"]] == [("loyalty", "discovery")]
    assert wrong.status_code == 400
    (error,) = wrong.json()["errors"]
    assert error["attr"].startswith("heirs")
    assert "no stage “loyalty” in this version" in error["detail"]
    for body in ({"heirs": {"loyalti": "churned"}}, {"heirs": {"churned": "retention"}}):
        refused = client.post(ADDRESS, body, format="json")
        assert (refused.status_code, refused.json()["errors"][0]["attr"][:5]) == (400, "heirs")
        assert "Those that do: loyalty." in refused.json()["errors"][0]["detail"]
    in_force = client.post(ADDRESS, {"version": 1, "heirs": {"loyalty": "churned"}}, format="json")
    assert "Those that do: none." in in_force.json()["errors"][0]["detail"]


def test_what_was_tried_is_listed(api, marketer, analyst, model):
    drafted(model, churned=90, retention=90, loyalty=90)
    client = api(marketer)
    first = client.post(ADDRESS, {"model": model.slug}).json()
    second = client.post(ADDRESS, {"model": model.slug, "span": "history"}).json()
    Simulation.objects.filter(pk=second["id"]).update(finished_at=None, result={})

    listed = client.get(ADDRESS).json()["results"]

    assert [one["id"] for one in listed] == [second["id"], first["id"]]
    assert listed[1] == {name: first[name] for name in listed[1]}
    assert (listed[1]["status"], listed[1]["moving"], listed[1]["requested_by"]) == ("done", 4, marketer.pk)
    assert (listed[0]["status"], listed[0]["customers"], listed[0]["finished_at"]) == ("failed", None, None)
    assert client.get(f"{ADDRESS}?model=other").json()["results"] == []
    assert api(analyst).get(ADDRESS).status_code == 403
