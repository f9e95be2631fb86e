from datetime import timedelta

import pytest

from clm.base import clock
from customers.models import Customer
from lifecycle.models import EdgePolicy, Refusal, StagePeriod
from lifecycle.presets import install


@pytest.fixture
def model(administrator):
    return install("swedish-six", by=administrator)


@pytest.fixture
def customer(api, marketer, order, model, north, owner):
    """Bought yesterday, and is where the rules put somebody who did."""
    from lifecycle.evaluation import evaluate_changed

    yesterday = (clock.now() - timedelta(days=1)).isoformat()
    api(marketer).post("/api/v1/orders/batch/", {"source": "shop", "items": [order(occurred_at=yesterday)]})
    evaluate_changed()
    Customer.objects.update(owner=owner, team=north)
    return Customer.objects.get()


def test_models_tell_their_stages_and_rules(api, owner, model):
    client = api(owner)

    listed = client.get("/api/v1/lifecycle-models/").json()["results"]
    read = client.get(f"/api/v1/lifecycle-models/{model.slug}/").json()

    assert [(one["slug"], one["is_primary"], one["version"]) for one in listed] == [(model.slug, True, 1)]
    assert "conversion" in [stage["slug"] for stage in read["stages"]]
    assert {rule["stage"] for rule in read["rules"]} <= {stage["slug"] for stage in read["stages"]}


def test_the_stage_of_a_customer_and_why(api, owner, customer):
    told = api(owner).get(f"/api/v1/customers/{customer.pk}/stage/").json()

    assert told["period"]["stage"] == "conversion"
    assert told["period"]["cause"] == "rule"
    assert told["why"]["holds"] is True
    assert told["why"]["leaves"][0]["facts"] != []
    assert all(other["stage"] != "conversion" for other in told["elsewhere"])
    assert any(other["missing"] for other in told["elsewhere"])


def test_before_anybody_knew_the_customer_there_is_no_stage(api, owner, customer):
    response = api(owner).get(f"/api/v1/customers/{customer.pk}/stage/?as_of=2001-01-01")

    assert response.status_code == 404


def test_periods_are_listed_as_history_or_as_of_a_day(api, owner, customer, model):
    client = api(owner)
    client.post(f"/api/v1/customers/{customer.pk}/transitions/", {"stage": "loyalty", "reason": "Said so"})

    history = client.get(f"/api/v1/stage-periods/?customer={customer.pk}&ordering=entered_at").json()[
        "results"
    ]
    today = client.get("/api/v1/stage-periods/", {"as_of": clock.now().isoformat()}).json()["results"]
    loyal = client.get("/api/v1/stage-periods/?stage=loyalty&model=nothing").json()["results"]

    assert [(row["stage"], row["cause"]) for row in history][-2:] == [
        ("conversion", "rule"),
        ("loyalty", "api"),
    ]
    assert [row["stage"] for row in today] == ["loyalty"]
    assert loyal == []


def test_a_move_writes_a_period_and_holds_for_as_long_as_asked(api, owner, customer):
    client = api(owner)

    moved = client.post(
        f"/api/v1/customers/{customer.pk}/transitions/",
        {"stage": "loyalty", "reason": "Plan", "hold_days": 30},
    )
    again = client.post(f"/api/v1/customers/{customer.pk}/transitions/", {"stage": "loyalty"})

    assert (moved.status_code, again.status_code) == (201, 200)
    told = moved.json()
    assert (told["stage"], told["cause"], told["actor"], told["reason"]) == (
        "loyalty",
        "api",
        owner.pk,
        "Plan",
    )
    assert told["held_until"] is not None
    assert again.json() == told


def test_a_move_that_the_model_forbids_is_409_with_the_reason_and_changes_nothing(
    api, owner, customer, model
):
    stages = {stage.slug: stage for stage in model.stages.all()}
    EdgePolicy.objects.create(
        version=model.published(),
        from_stage=stages["conversion"],
        to_stage=stages["discovery"],
        source="api",
        policy="forbidden",
    )
    before = StagePeriod.objects.count()

    response = api(owner).post(
        f"/api/v1/customers/{customer.pk}/transitions/", {"stage": "discovery", "reason": "x"}
    )

    assert response.status_code == 409
    assert response.json()["errors"][0]["code"] == "conflict"
    assert "does not allow moving" in response.json()["errors"][0]["detail"]
    assert StagePeriod.objects.count() == before
    assert Refusal.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({}, "stage"),
        ({"stage": "nowhere"}, "stage"),
        ({"stage": 7}, "stage"),
        ({"stage": "loyalty", "model": "nothing"}, "model"),
        ({"stage": "loyalty", "hold_days": -1}, "hold_days"),
        ({"stage": "loyalty", "hold_days": 10**9}, "hold_days"),
        ({"stage": "loyalty", "hold_days": "ten"}, "hold_days"),
        ({"stage": "loyalty", "reason": "x" * 501}, "reason"),
        ({"stage": "loyalty", "entered_at": "2020-01-01T00:00:00Z"}, "entered_at"),
    ],
)
def test_a_move_that_makes_no_sense_names_its_field(api, owner, customer, body, attr):
    response = api(owner).post(f"/api/v1/customers/{customer.pk}/transitions/", body)

    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, attr)


def test_a_move_sent_twice_with_one_key_is_one_move(api, owner, customer):
    client, key = api(owner), {"Idempotency-Key": "m-1"}

    first = client.post(f"/api/v1/customers/{customer.pk}/transitions/", {"stage": "loyalty"}, headers=key)
    again = client.post(f"/api/v1/customers/{customer.pk}/transitions/", {"stage": "loyalty"}, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content


def test_a_stranger_neither_sees_nor_moves(api, stranger, teammate, customer):
    assert api(teammate).get(f"/api/v1/customers/{customer.pk}/stage/").status_code == 200

    client = api(stranger)
    assert client.get(f"/api/v1/customers/{customer.pk}/stage/").status_code == 404
    assert (
        client.post(f"/api/v1/customers/{customer.pk}/transitions/", {"stage": "loyalty"}).status_code == 404
    )
    assert client.get("/api/v1/stage-periods/").json()["results"] == []
    assert client.get("/api/v1/orders/").json()["results"] == []
    assert not StagePeriod.objects.filter(cause="api").exists()


def test_a_refused_move_sent_twice_with_one_key_is_refused_once(api, owner, customer, model):
    stages = {stage.slug: stage for stage in model.stages.all()}
    EdgePolicy.objects.create(
        version=model.published(),
        from_stage=stages["conversion"],
        to_stage=stages["discovery"],
        source="api",
        policy="forbidden",
    )
    client, path = api(owner), f"/api/v1/customers/{customer.pk}/transitions/"
    key = {"Idempotency-Key": "m-2"}

    first = client.post(path, {"stage": "discovery"}, headers=key)
    again = client.post(path, {"stage": "discovery"}, headers=key)

    assert (first.status_code, again.status_code) == (409, 409)
    assert first.json()["type"] == "client_error"
    assert first.json()["errors"][0]["code"] == "conflict"
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Refusal.objects.count() == 1


def test_who_was_merged_into_another_is_not_moved(api, owner, customer):
    winner = Customer.objects.create(name="Winner", owner=owner)
    Customer.objects.filter(pk=customer.pk).update(merged_into=winner)
    before = StagePeriod.objects.count()

    response = api(owner).post(f"/api/v1/customers/{customer.pk}/transitions/", {"stage": "loyalty"})

    assert response.status_code == 307  # asked again of the winner
    assert StagePeriod.objects.count() == before
