from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from clm.accounts.models import AuditEntry, IdempotentAnswer
from clm.accounts.tasks import forget_old_answers
from clm.base import clock
from customers.models import Customer, Event, Order, Touch

ORDERS = "/api/v1/orders/batch/"


def statuses(response):
    return [result["status"] for result in response.json()["results"]]


def test_orders_are_added_amended_unchanged_or_refused_each_for_itself(api, marketer, order):
    client = api(marketer)
    client.post(ORDERS, {"source": "shop", "items": [order("1"), order("2")]})

    items = [
        order("1"),
        order("2", amount="90"),
        order("3"),
        order("4", amount="-5"),
        order("", amount="5"),
        order("6", colour="red"),
        7,
    ]
    response = client.post(ORDERS, {"source": "shop", "items": items})

    assert response.status_code == 200
    body = response.json()
    assert statuses(response) == ["unchanged", "amended", "added", "refused", "refused", "refused", "refused"]
    assert [result["index"] for result in body["results"]] == list(range(7))
    assert (body["added"], body["amended"], body["unchanged"], body["refused"]) == (1, 1, 1, 4)
    assert [result["error"] and result["error"]["attr"] for result in body["results"]] == [
        None,
        None,
        None,
        "amount",
        "key",
        "colour",
        None,
    ]
    live = Order.objects.live().order_by("key").values_list("key", "gross")
    assert [(key, str(gross)) for key, gross in live] == [
        ("1", "100.0000"),
        ("2", "90.0000"),
        ("3", "100.0000"),
    ]
    assert body["results"][1]["id"] == Order.objects.live().get(key="2").pk
    entry = AuditEntry.objects.filter(action="orders.taken_in").first()
    assert (entry.actor, entry.door) == (marketer, "api")


@pytest.mark.parametrize(
    ("changes", "attr"),
    [
        ({"occurred_at": "2026-03-01T12:00:00"}, "occurred_at"),
        ({"occurred_at": "2999-01-01T12:00:00Z"}, "occurred_at"),
        ({"occurred_at": "2026-02-30T12:00:00Z"}, "occurred_at"),
        ({"occurred_at": None}, "occurred_at"),
        ({"amount": "abc"}, "amount"),
        ({"amount": "1e15"}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": [1]}, "amount"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"email": "a@b"}, "email"),
        ({"status": "god"}, "status"),
        ({"key": "x" * 201}, "key"),
        ({"customer": "", "email": ""}, "customer"),
        ({"id": 7}, "id"),
        ({"recorded_at": "2020-01-01T00:00:00Z"}, "recorded_at"),
        ({"net": "5"}, "net"),
    ],
)
def test_a_bad_item_names_its_field_and_writes_nothing(api, marketer, order, changes, attr):
    response = api(marketer).post(ORDERS, {"source": "shop", "items": [order(**changes)]})

    assert response.status_code == 200
    assert statuses(response) == ["refused"]
    assert response.json()["results"][0]["error"]["attr"] == attr
    assert not Customer.objects.exists()


def test_orders_are_read_as_of_then_and_as_known_then(api, marketer, order):
    client = api(marketer)
    client.post(
        ORDERS, {"source": "shop", "items": [order("1"), order("2", occurred_at="2026-05-01T00:00:00Z")]}
    )
    between = clock.now().isoformat()
    client.post(ORDERS, {"source": "shop", "items": [order("1", amount="50")]})

    now = client.get("/api/v1/orders/?ordering=occurred_at").json()["results"]
    before = client.get("/api/v1/orders/", {"known_at": between, "as_of": "2026-03-31"}).json()["results"]

    assert [(row["key"], row["gross"]) for row in now] == [("1", "50.0000"), ("2", "100.0000")]
    assert [(row["key"], row["gross"]) for row in before] == [("1", "100.0000")]
    assert before[0]["root"] == now[0]["root"]
    assert (now[0]["occurred_at"], now[0]["channel"], now[0]["status"]) == (
        "2026-03-01T11:00:00Z",
        None,
        "paid",
    )
    one = client.get(f"/api/v1/orders/{now[0]['id']}/").json()
    assert one == now[0]


def test_a_day_bound_is_that_day_in_the_organisations_zone(api, marketer, order):
    client = api(marketer)
    client.post(ORDERS, {"source": "shop", "items": [order("1", occurred_at="2026-03-31T23:30:00Z")]})

    for query, found in [
        ("as_of=2026-03-31", 1),
        ("as_of=2026-03-30", 0),
        ("from=2026-03-31&to=2026-03-31", 1),
        ("from=2026-04-01", 0),
    ]:
        assert len(client.get(f"/api/v1/orders/?{query}").json()["results"]) == found, query


def test_pages_follow_one_another_without_gap_or_repeat(api, marketer, order):
    client = api(marketer)
    client.post(ORDERS, {"source": "shop", "items": [order(f"{number:02}") for number in range(23)]})

    for ordering in ("occurred_at", "-occurred_at", "id", "-id"):
        seen, address = [], f"/api/v1/orders/?page_size=5&ordering={ordering}"
        while address:
            page = client.get(address).json()
            seen += [row["key"] for row in page["results"]]
            address = page["next"]
        expected = [f"{number:02}" for number in range(23)]
        assert seen == (expected[::-1] if ordering.startswith("-") else expected)


def test_lines_refunds_events_and_touches_come_in_and_out(api, marketer, order):
    client = api(marketer)
    client.post(ORDERS, {"source": "shop", "items": [order("1")]})
    at = "2026-03-05T00:00:00Z"

    line = {"order": "1", "key": "1", "sku": "TEA", "quantity": 2, "price": "4.5"}
    refund = {"order": "1", "key": "R", "occurred_at": at, "amount": 25.5, "reason": "Broken"}
    event = {
        "email": "ada@example.com",
        "name": "cart.abandoned",
        "occurred_at": at,
        "properties": {"value": 5},
    }
    touch = {"email": "ada@example.com", "channel": "Paid search", "campaign": "autumn", "occurred_at": at}
    for name, item in (("order-lines", line), ("refunds", refund), ("events", event), ("touches", touch)):
        assert statuses(client.post(f"/api/v1/{name}/batch/", {"source": "shop", "items": [item]})) == [
            "added"
        ], name

    (shown,) = client.get("/api/v1/order-lines/").json()["results"]
    assert (shown["product"], shown["quantity"], shown["amount"]) == ("TEA", "2.000", "9.0000")
    assert client.get("/api/v1/refunds/").json()["results"][0]["amount"] == "25.5000"
    assert client.get("/api/v1/events/").json()["results"][0]["properties"] == {"value": 5}
    assert client.get("/api/v1/touches/").json()["results"][0]["campaign"] == "autumn"
    assert (Event.objects.count(), Touch.objects.count(), Customer.objects.count()) == (1, 1, 1)


def test_consents_come_in_with_their_proof_and_the_last_word_holds(api, marketer):
    client, at = api(marketer), "2026-03-05T00:00:00Z"
    said = {"customer": "C-1", "email": "ada@example.com", "purpose": "marketing", "text_version": "2026-03"}
    given = said | {"key": "1", "occurred_at": at, "is_given": True, "proof": "Form of the shop"}
    withdrawn = said | {"key": "2", "occurred_at": "2026-04-05T00:00:00Z", "is_given": False}

    first, again, wrong = (
        client.post("/api/v1/consents/batch/", {"source": "shop", "items": items})
        for items in ([given, withdrawn], [given], [given | {"is_given": ""}, given | {"proof": "x" * 1001}])
    )

    assert (statuses(first), statuses(again)) == (["added", "added"], ["unchanged"])
    assert [one["error"]["attr"] for one in wrong.json()["results"]] == ["is_given", "proof"]
    rows = client.get("/api/v1/consents/?purpose=marketing").json()["results"]
    assert [(row["is_given"], row["text_version"], row["proof"]) for row in rows] == [
        (False, "2026-03", {}),
        (True, "2026-03", {"said": "Form of the shop"}),
    ]
    then = client.get(f"/api/v1/consents/?customer={rows[0]['customer']}&as_of=2026-03-31").json()["results"]
    assert [row["key"] for row in then] == ["1"]
    assert client.get(f"/api/v1/consents/{rows[0]['id']}/").json() == rows[0]
    assert client.get("/api/v1/consents/?purpose=profiling").json()["results"] == []
    assert client.get("/api/v1/consents/?purpose=fun").status_code == 400


def test_facts_are_narrowed_by_what_they_are_about(api, marketer, order):
    client, at = api(marketer), "2026-03-05T00:00:00Z"
    ada = {"email": "ada@example.com", "occurred_at": at}
    sent = {
        "orders": [order("1", channel="Fair"), order("2", status="cancelled")],
        "order-lines": [{"order": "1", "key": "1", "sku": "TEA", "amount": "9"}],
        "refunds": [{"order": "1", "key": "R", "occurred_at": at, "amount": "5"}],
        "events": [ada | {"name": "cart.abandoned"}, ada | {"name": "page.viewed"}],
        "touches": [ada | {"channel": "Fair", "campaign": "autumn"}, ada | {"channel": "Mail"}],
    }
    for name, items in sent.items():
        client.post(f"/api/v1/{name}/batch/", {"source": "shop", "items": items})
    root = Order.objects.get(key="1").root

    def found(query):
        return len(client.get(f"/api/v1/{query}").json()["results"])

    asked = ("orders/?status=cancelled", "orders/?channel=fair", f"order-lines/?order={root}", f"refunds/?order={root}",
             "order-lines/?product=TEA", "events/?name=cart.abandoned", "touches/?channel=fair", "touches/?campaign=autumn")  # fmt: skip
    assert {query: found(query) for query in asked} == dict.fromkeys(asked, 1)
    none = ("orders/?channel=mail", f"refunds/?order={root + 1000}", "events/?name=cart.filled")
    assert {query: found(query) for query in none} == dict.fromkeys(none, 0)
    assert client.get("/api/v1/orders/?status=lost").status_code == 400
    assert client.get("/api/v1/refunds/?order=x").status_code == 400


def test_the_same_key_gets_the_same_answer_once(api, marketer, order):
    client = api(marketer)
    body = {
        "source": "shop",
        "items": [{"email": "ada@example.com", "name": "page.viewed", "occurred_at": "2026-03-01T00:00:00Z"}],
    }
    key = {"Idempotency-Key": "a-1"}

    first = client.post("/api/v1/events/batch/", body, headers=key)
    again = client.post("/api/v1/events/batch/", body, headers=key)
    other = client.post("/api/v1/events/batch/", body | {"source": "till"}, headers=key)

    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 422)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Event.objects.count() == 1


def test_a_request_that_failed_may_be_tried_again_with_its_key(api, marketer):
    client, key = api(marketer), {"Idempotency-Key": "a-1"}

    assert client.post(ORDERS, {"source": "shop", "items": []}, headers=key).status_code == 400
    assert not IdempotentAnswer.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_that_is_none(api, marketer, key):
    response = api(marketer).post(ORDERS, {"source": "shop", "items": [{}]}, headers={"Idempotency-Key": key})

    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "Idempotency-Key"


def test_keys_are_forgotten_after_a_day(api, marketer, order):
    client, body = api(marketer), {"source": "shop", "items": [order()]}
    client.post(ORDERS, body, headers={"Idempotency-Key": "old"})
    client.post(ORDERS, body, headers={"Idempotency-Key": "new"})
    IdempotentAnswer.objects.filter(key="old").update(created_at="2020-01-01T00:00:00Z")

    assert forget_old_answers() == 1
    assert IdempotentAnswer.objects.get().key == "new"


@pytest.mark.django_db(transaction=True)
def test_twelve_at_once_with_one_key_make_one_event_and_one_answer(api, marketer):
    headers = {"Idempotency-Key": "race", "Authorization": api(marketer).authorization}
    body = {
        "source": "shop",
        "items": [{"email": "ada@example.com", "name": "page.viewed", "occurred_at": "2026-03-01T00:00:00Z"}],
    }

    def send(number):
        try:
            sent = body if number else body | {"source": "till"}
            return Client(headers=headers).post(
                "/api/v1/events/batch/", sent, content_type="application/json"
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(send, [*range(1, 13)]))
        late = send(0)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert late.status_code == 422
    assert Event.objects.count() == 1


def test_spend_comes_in_and_is_read_by_day(api, marketer, owner):
    client = api(marketer)
    item = {
        "key": "s-1",
        "on": "2026-06-30",
        "channel": "Paid search",
        "amount": "250",
        "currency": "EUR",
        "type": "media",
    }

    first = client.post(
        "/api/v1/spend/batch/",
        {
            "source": "ads",
            "items": [item, {"key": "s-2", "on": "2026-02-30", "amount": "1", "currency": "EUR"}],
        },
    )
    again = client.post("/api/v1/spend/batch/", {"source": "ads", "items": [item | {"amount": "200"}]})
    rows = client.get("/api/v1/spend/?from=2026-06-30&to=2026-06-30").json()["results"]

    assert (statuses(first), statuses(again)) == (["added", "refused"], ["amended"])
    assert [(row["on"], row["amount"], row["type"]) for row in rows] == [("2026-06-30", "200.0000", "media")]
    assert client.get("/api/v1/spend/?to=2026-06-29").json()["results"] == []
    assert api(owner).get("/api/v1/spend/").status_code == 403
