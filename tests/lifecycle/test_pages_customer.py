"""What a customer's page tells of stages, and moving by hand."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import AuditEntry, Heartbeat
from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.evaluation import evaluate_changed
from lifecycle.explanation import explain_stay
from lifecycle.missing import Elsewhere, Need, Way, nearest_of
from lifecycle.models import (
    CurrentStage,
    EdgePolicy,
    LifecycleModel,
    Parking,
    Refusal,
    Rule,
    Stage,
    StagePeriod,
)
from tests.factories import CustomerFactory, EventFactory
from tests.lifecycle.shop import buyer, six_stages, stage, stage_of


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return six_stages()


@pytest.fixture
def customer(model, owner) -> Customer:
    return buyer(40, 20, 3, owner=owner)


@pytest.fixture
def client(sign_in, owner) -> Client:
    return sign_in(owner)


def page_of(client: Client, customer: Customer, query: str = "") -> str:
    return " ".join(client.get(f"/customers/{customer.pk}/{query}").content.decode().split())


def missing(client: Client, customer: Customer, query: str = "") -> str:
    answer = client.get(f"/customers/{customer.pk}/stages/swedish-six/missing/{query}")
    return " ".join(answer.content.decode().split())


def move(client: Client, customer: Customer, to: str, **values: object):
    data = {"move-stage": stage(to).pk, "move-reason": "", "move-hold": 7} | {
        f"move-{name}": value for name, value in values.items()
    }
    return client.post(f"/customers/{customer.pk}/stages/swedish-six/move/", data)


def test_the_page_shows_the_stage_the_path_and_the_facts_behind(client, customer):
    page = page_of(client, customer)

    assert 'class="pill pill-stage stage-5 "' in page
    assert "The rule “Buys again and again” (version 1) put them here:" in page
    assert "3 facts behind it" in page
    assert page.count("#order-") == page.count(f'href="/customers/{customer.pk}/timeline/?before=') >= 3
    assert "The path: 3 periods" in page
    assert "May change by itself on" in page


def test_the_page_asks_for_what_is_missing_by_itself(client, customer):
    page = page_of(client, customer)

    assert f'hx-get="/customers/{customer.pk}/stages/swedish-six/missing/" hx-trigger="load"' in page


def test_what_is_missing_is_told_for_each_other_stage(client, customer):
    told = missing(client, customer)

    assert "Not from here. The rule asks: is in Engagement for at least 90 days." in told
    assert (
        'Exactly 1 purchase day ever – <strong class="font-medium">has bought on more days than that</strong>'
        in told
    )
    assert "Holds, but “Buys again and again” comes first." in told  # retention
    assert "178 more days without a purchase" in told
    assert told.index("Recommended us to somebody or wrote a review") > told.index("One of:")


def test_a_forbidden_edge_says_so(client, customer, model):
    EdgePolicy.objects.create(
        version=model.published(),
        from_stage=stage("loyalty"),
        to_stage=stage("advocacy"),
        source="rule",
        policy="forbidden",
    )
    EventFactory(customer=customer, name="referral.made", occurred_at=clock.now() - timedelta(days=1))

    assert "the model forbids rules to move anybody from Loyalty to Advocacy" in missing(client, customer)


def test_as_of_a_past_day_the_page_tells_what_was_true_then(client, customer):
    day = (clock.now() - timedelta(days=39)).date()

    page = page_of(client, customer, f"?as_of={day}")

    assert "Why Conversion" in page
    assert "1 fact behind it" in page
    assert "Back to today" in page
    assert "May change by itself" not in page
    assert f"missing/?as_of={day}" in page
    assert "2 more purchase days" in missing(client, customer, f"?as_of={day}")


@pytest.mark.parametrize(
    "query",
    ["?as_of=1999-01-01", "?as_of=garbage", "?as_of=0001-01-01", "?as_of=9999-12-31", "?model=atlantis"],
)
def test_any_question_gets_a_page(client, customer, query):
    assert client.get(f"/customers/{customer.pk}/{query}").status_code == 200
    assert client.get(f"/customers/{customer.pk}/stages/swedish-six/missing/{query}").status_code == 200


def test_a_customer_deleted_while_asked_is_not_there(client, customer, monkeypatch):
    def of_nobody(customer, period, **asked):
        return explain_stay(Customer(pk=customer.pk + 1_000), period, **asked)

    monkeypatch.setattr("lifecycle.glance.explain_stay", of_nobody)

    assert client.get(f"/customers/{customer.pk}/why/").status_code == 404


def test_a_rule_that_holds_no_more_shows_the_facts_of_the_entry(client, model, owner):
    customer = buyer(3, owner=owner)
    StagePeriod.objects.live().filter(customer=customer).update(
        stage=stage("engagement"), rule=Rule.objects.get(stage__slug="engagement")
    )

    page = page_of(client, customer)

    assert "The rule does not hold any more; the customer stays until another one does." in page


def test_without_a_model_the_page_has_no_stage_panel(sign_in, marketer):
    customer = buyer(3)

    page = page_of(sign_in(marketer), customer)

    assert 'id="stage"' not in page


def test_a_person_moves_a_customer_with_a_reason_and_a_hold(client, customer, owner):
    answer = move(client, customer, "advocacy", reason="Told a friend", hold=30)

    period = StagePeriod.objects.live().get(customer=customer, left_at=None)
    assert answer.headers["HX-Redirect"] == f"/customers/{customer.pk}/"
    assert (period.stage.slug, period.cause, period.actor, period.reason) == (
        "advocacy",
        "person",
        owner,
        "Told a friend",
    )
    assert period.held_until - period.entered_at == timedelta(days=30)
    assert AuditEntry.objects.get(action="customer.moved").actor == owner
    page = page_of(client, customer)
    assert "By hand: Olga – Told a friend" in page
    assert "Held: no rule moves them before" in page
    assert "Holds, but the customer is held here until" in missing(client, customer)


def test_a_hold_of_no_days_lets_rules_go_on(client, customer):
    move(client, customer, "advocacy", hold=0)

    assert StagePeriod.objects.live().get(customer=customer, left_at=None).held_until is None


def test_a_refused_move_comes_back_with_the_reason(client, customer, model):
    EdgePolicy.objects.create(
        version=model.published(),
        from_stage=stage("loyalty"),
        to_stage=stage("discovery"),
        source="person",
        policy="forbidden",
    )

    answer = move(client, customer, "discovery")

    assert answer.status_code == 409
    assert "The model does not allow moving from Loyalty to Discovery." in answer.content.decode()
    assert stage_of(customer) == "loyalty"
    listed = client.get("/lifecycle/refusals/").content.decode()
    assert "The model does not allow moving from Loyalty to Discovery." in listed
    assert "Olga" in listed


@pytest.mark.parametrize(
    ("name", "value"),
    [("stage", ""), ("stage", 10**9), ("stage", "x"), ("hold", -1), ("hold", 400), ("reason", "x" * 501)],
)
def test_a_move_that_makes_no_sense_is_refused_at_its_field(client, customer, name, value):
    answer = move(client, customer, "advocacy", **{name: value})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [name]
    assert stage_of(customer) == "loyalty"


def test_only_who_sees_and_edits_a_customer_moves_them(sign_in, customer, stranger, analyst):
    assert move(sign_in(stranger), customer, "advocacy").status_code == 404
    assert sign_in(stranger).get(f"/customers/{customer.pk}/stages/swedish-six/missing/").status_code == 404
    assert move(sign_in(analyst), customer, "advocacy").status_code == 403
    assert "customer-move" not in page_of(sign_in(analyst), customer)
    assert "move-drawer" not in page_of(sign_in(analyst), customer)
    assert stage_of(customer) == "loyalty"


def test_a_parked_customer_is_released_once(client, customer, model, owner, sign_in, stranger):
    rules = list(Rule.objects.filter(stage__slug__in=["loyalty", "churned"]).values_list("pk", flat=True))
    parking = Parking.objects.create(customer=customer, model=model, reason="ping-pong", rules=rules)
    release = f"/customers/{customer.pk}/parkings/{parking.pk}/release/"

    page = page_of(client, customer)
    assert "Rules moved this customer to and fro" in page
    assert "Has stopped buying" in page
    assert customer.name in client.get("/lifecycle/parkings/").content.decode()
    assert sign_in(stranger).post(release).status_code == 404
    assert customer.name not in sign_in(stranger).get("/lifecycle/parkings/").content.decode()

    sign_in(owner).post(release)
    sign_in(owner).post(release)

    parking.refresh_from_db()
    assert parking.released_at is not None
    assert AuditEntry.objects.filter(action="customer.released").count() == 1
    assert "Parked:" not in page_of(client, customer)


def test_refusals_come_in_pages(client, customer, model):
    at = clock.now()
    for minute in range(60):
        Refusal.objects.create(
            customer=customer, original_customer=customer, model=model, from_stage=stage("loyalty"), to_stage=stage("churned"),
            source="person", reason=f"No {minute:02}", at=at - timedelta(minutes=minute),
        )  # fmt: skip

    first = client.get("/lifecycle/refusals/")
    second = client.get("/lifecycle/refusals/", {"after": first.context["page"].next})

    assert [row.reason for row in first.context["page"].rows] == [f"No {n:02}" for n in range(50)]
    assert [row.reason for row in second.context["page"].rows] == [f"No {n:02}" for n in range(50, 60)]
    assert client.get("/lifecycle/refusals/?after=made-up").status_code == 400


def test_the_customer_list_shows_filters_and_sorts_by_stage(sign_in, marketer, model):
    for days, name in ((3, "New"), (400, "Lost"), (60, "Kept")):
        buyer(days, name=name)
    client = sign_in(marketer)

    def names(query: str) -> list[str]:
        return [row.name for row in client.get(f"/customers/?{query}").context["listing"].page.rows]

    assert sorted(names("stage=churned&stage=conversion")) == ["Lost", "New"]
    assert names("stage=retention") == ["Kept"]
    assert names("sort=stage_since") == ["Lost", "Kept", "New"]
    assert names("sort=-stage_since") == ["New", "Kept", "Lost"]
    assert (
        'pill-stage stage-0 "><span class="stage-dot" aria-hidden="true"></span>Churned'
        in client.get("/customers/").content.decode()
    )


def test_the_furthest_stage_is_a_column_on_request(sign_in, marketer, model):
    customer = buyer(400, 390, 380)
    CurrentStage.objects.filter(customer=customer).update(furthest=stage("advocacy"))

    page = sign_in(marketer).get("/customers/?cols=stage&cols=furthest").content.decode()

    assert "Furthest stage" in page
    assert "Advocacy" in page


@pytest.mark.parametrize("place", ["", "stages/swedish-six/missing/"])
def test_more_history_asks_no_more_questions(client, model, owner, place):
    def asked(customer: Customer) -> int:
        Heartbeat.objects.beat("worker")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/customers/{customer.pk}/{place}").status_code == 200
        return len(queries)

    few = asked(buyer(3, 2, 1, owner=owner))
    many = asked(buyer(*range(900, 0, -45), owner=owner))

    assert many <= few


def test_who_was_merged_into_another_is_neither_moved_nor_released(client, customer, model, owner):
    parking = Parking.objects.create(customer=customer, model=model, reason="ping-pong", rules=[])
    winner = Customer.objects.create(name="Winner", owner=owner)
    Customer.objects.filter(pk=customer.pk).update(merged_into=winner)

    drawer = client.get(f"/customers/{customer.pk}/stages/swedish-six/move/")
    moved = move(client, customer, "advocacy")
    released = client.post(f"/customers/{customer.pk}/parkings/{parking.pk}/release/")

    assert (drawer.status_code, moved.status_code, released.status_code) == (307, 307, 307)
    assert stage_of(customer) == "loyalty"
    parking.refresh_from_db()
    assert parking.released_at is None


def test_a_file_says_since_when_as_an_instant(sign_in, marketer, model):
    kept = buyer(60, name="Kept")

    page = sign_in(marketer).get("/customers/?cols=stage_since")
    (_head, (_id, _name, since)) = page.context["listing"].lines()

    assert since == CurrentStage.objects.get(customer=kept, model=model).since


def test_the_way_that_stands_open_leads_onward(client, model, owner):
    """Who shows interest is told what the first purchase takes, not that their interest may go cold."""
    clicked = clock.now() - timedelta(days=2)
    event = EventFactory(
        customer=CustomerFactory(first_seen_at=clicked, owner=owner, team=owner.team),
        name="email.clicked",
        occurred_at=clicked,
    )
    Arrival.objects.note([event.customer_id], since=clicked)
    evaluate_changed()

    answer = client.get(f"/customers/{event.customer_id}/stages/{model.slug}/missing/")

    ways = {line.stage.slug: line for line in answer.context["lines"]}
    assert ways["discovery"].rule == "Interest has gone cold"
    assert answer.context["nearest"].stage.slug in ("conversion", "retention")


def test_a_buyer_is_not_shown_the_way_back_to_interest(client, model, owner):
    new = buyer(3, name="Nova Neu", owner=owner)

    answer = client.get(f"/customers/{new.pk}/stages/{model.slug}/missing/")

    ways = {line.stage.slug: line.way for line in answer.context["lines"]}
    assert [slug for slug, way in ways.items() if way == Way.ONWARD] == ["retention", "loyalty", "advocacy"]
    assert [slug for slug, way in ways.items() if way == Way.AWAY] == ["churned"]
    assert answer.context["nearest"].stage.slug == "loyalty"


def test_who_fell_away_is_shown_the_way_forward_first(client, model, owner):
    gone = buyer(400, name="Gert Gone", owner=owner)
    assert stage_of(gone) == "churned"

    answer = client.get(f"/customers/{gone.pk}/stages/{model.slug}/missing/")

    ways = {line.stage.slug: line.way for line in answer.context["lines"]}
    assert ways == {"discovery": Way.BACK} | dict.fromkeys(
        ("engagement", "conversion", "retention", "loyalty", "advocacy"), Way.ONWARD
    )
    assert answer.context["nearest"].way == Way.ONWARD


def test_where_everybody_starts_is_told_of_the_version_that_governed(client, model, owner):
    new = buyer(3, name="Nova Neu", owner=owner)
    Rule.objects.filter(version=model.published(), stage__slug="discovery").delete()
    Stage.objects.filter(model=model).update(is_initial=False)
    Stage.objects.filter(model=model, slug="loyalty").update(is_initial=True)  # as a later version has it

    lines = client.get(f"/customers/{new.pk}/stages/{model.slug}/missing/").context["lines"]

    told = {line.stage.slug: line for line in lines}
    assert told["discovery"].obstacle == "Everybody starts here; no rule leads back."
    assert (told["discovery"].way, told["loyalty"].way) == (Way.BACK, Way.ONWARD)


def test_forward_before_back_before_away_however_much_it_asks():
    asks_least = [Need("one")]

    def nearest(*ways: Way) -> Way:
        lines = [Elsewhere(Stage(), "", asks_least * (1 + 3 - way), way=way) for way in ways]
        found = nearest_of(lines)
        assert found is not None
        return found.way

    assert nearest(Way.AWAY, Way.BACK, Way.ONWARD) == Way.ONWARD
    assert nearest(Way.AWAY, Way.BACK) == Way.BACK
    assert nearest(Way.AWAY) == Way.AWAY
    assert nearest_of([Elsewhere(Stage(), "", asks_least, "Held", Way.ONWARD)]) is None
