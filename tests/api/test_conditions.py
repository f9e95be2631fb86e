"""Who matches conditions, asked by a program as the builder's page asks it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from clm.accounts import idempotency
from clm.accounts.models import User
from clm.base import clock, deadline
from clm.base.rest.rendering import dumps
from customers import previewing
from customers.conditions.purchases import Ordered
from customers.models import Customer
from customers.segments import keeping
from tests.factories import CustomerFactory, EventFactory, bought

pytestmark = pytest.mark.django_db
ASKED = "/api/v1/conditions/preview/"
BUYERS = {"condition": "orders", "parameters": {"at_least": 1}}


@pytest.fixture
def buyers(owner: User) -> list[Customer]:
    """Seven, two of them the owner's; somebody else of the owner's has bought nothing."""
    CustomerFactory(owner=owner)
    found = [CustomerFactory(name=f"Buyer {n}", owner=owner if n < 2 else None) for n in range(7)]
    for customer in found:
        bought(customer, 100, at=clock.now())
    return found


def test_how_many_match_and_five_of_them_with_why(api: Any, marketer: User, buyers: list[Customer]):
    reader: Client = api(marketer, scope="read")

    told = reader.post(ASKED, {"conditions": {"all": [BUYERS]}})

    assert told.status_code == 200
    body = told.json()
    assert (body["count"], body["is_capped"]) == (7, False)
    assert [one["customer"] for one in body["examples"]] == [one.pk for one in buyers[:1:-1]]
    assert body["examples"][0]["name"] == "Buyer 6"
    assert len(body["examples"][0]["have"]) == 1
    assert body["sentence"].startswith("at least 1 order")


def test_a_rep_is_told_of_their_own_customers(api: Any, owner: User, buyers: list[Customer]):
    told = api(owner).post(ASKED, {"conditions": BUYERS}).json()

    assert (told["count"], [one["customer"] for one in told["examples"]]) == (
        2,
        [buyers[1].pk, buyers[0].pk],
    )


@pytest.mark.parametrize(
    ("body", "attr", "says"),
    [
        ({}, "conditions", "required"),
        ({"conditions": None}, "conditions", "null"),
        ({"conditions": {"all": [BUYERS, {"condition": "moon"}]}}, "conditions", "condition.all[1]: there is no condition “moon”"),
        ({"conditions": {"condition": "orders", "parameters": {"at_least": "many"}}}, "conditions", "condition.orders.at_least: expected a whole number."),
        ({"conditions": {"condition": "in_stage", "parameters": {"model": "none", "stages": ["x"]}}}, "conditions", "condition.in_stage.model: There is no lifecycle model “none”."),
        ({"conditions": {"condition": "in_segment", "parameters": {"segment": "none"}}}, "conditions", "There is no segment “none”."),
        ({"tree": BUYERS}, "tree", "There is no such field."),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_names_the_part(
    api: Any, marketer: User, body: dict[str, Any], attr: str, says: str
):
    refused = api(marketer).post(ASKED, body)

    assert refused.status_code == 400
    assert (attr, True) in [
        (one["attr"], says in one["detail"] and bool(one["code"])) for one in refused.json()["errors"]
    ]


def test_properties_of_events_are_asked(api: Any, marketer: User):
    for amount in (99, "100.0", 250):
        EventFactory(name="cart.abandoned", properties={"amount": amount, "paid": False})
    tests = [
        {"property": "amount", "operator": "at_least", "value": 100},
        {"property": "paid", "operator": "is", "value": False},
        {"property": "coupon", "operator": "is_not_set"},
    ]
    asked = {"condition": "event", "parameters": {"names": ["cart.abandoned"], "properties": tests}}

    told = api(marketer).post(ASKED, {"conditions": asked})
    refused = api(marketer).post(ASKED, {"conditions": {"not": asked | {"parameters": {"names": ["a.b"], "properties": [tests[0] | {"value": "1e999"}]}}}})  # fmt: skip

    assert (told.status_code, told.json()["count"]) == (200, 2)
    assert told.json()["sentence"] == (
        "left a cart with amount at least 100 and with paid = false and without a value for coupon"
    )
    assert refused.status_code == 400
    detail = refused.json()["errors"][0]["detail"]
    assert detail == "condition.not.event.properties[0].value: this number is too large."


def test_a_segment_that_one_does_not_see_is_not_for_guessing(api: Any, marketer: User, administrator: User):
    keeping.create(by=administrator, name="Mine", kind="dynamic", conditions=BUYERS, is_shared=False)
    asked = {"conditions": {"condition": "in_segment", "parameters": {"segment": "mine"}}}

    assert api(administrator).post(ASKED, asked).status_code == 200
    assert "There is no segment “mine”." in api(marketer).post(ASKED, asked).json()["errors"][0]["detail"]


def test_what_takes_too_long_has_no_count(
    api: Any, marketer: User, buyers: list[Customer], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(previewing.keyset, "count", _too_slow)

    told = api(marketer).post(ASKED, {"conditions": BUYERS})

    assert (told.status_code, told.json()["count"], told.json()["examples"]) == (200, None, [])


def test_a_count_is_told_without_examples_that_take_too_long(
    api: Any, marketer: User, buyers: list[Customer], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(previewing, "PATIENCE_MS", 400)
    monkeypatch.setattr(Ordered, "evidence", _asleep)

    told = api(marketer).post(ASKED, {"conditions": BUYERS})

    assert (told.status_code, told.json()["count"], told.json()["examples"]) == (200, 7, [])


def test_the_examples_that_were_explained_in_time_are_told(
    api: Any, marketer: User, buyers: list[Customer], monkeypatch: pytest.MonkeyPatch
):
    explained, evidence = [], Ordered.evidence

    def slow_after_two(self: Ordered, *asked: Any, **held: Any) -> Any:
        explained.append(asked)
        return _asleep() if len(explained) > 2 else evidence(self, *asked, **held)

    monkeypatch.setattr(previewing, "PATIENCE_MS", 1500)
    monkeypatch.setattr(Ordered, "evidence", slow_after_two)

    told = api(marketer).post(ASKED, {"conditions": BUYERS}).json()

    assert (told["count"], [one["name"] for one in told["examples"]]) == (7, ["Buyer 6", "Buyer 5"])


def test_tests_that_are_explained_slowly_share_the_patience(
    api: Any, marketer: User, buyers: list[Customer], monkeypatch: pytest.MonkeyPatch
):
    now, limits, evidence = [0.0], [], Ordered.evidence

    def slowly(self: Ordered, *asked: Any, **held: Any) -> Any:
        limits.append(_limit())
        now.append(now[-1] + 1.5)
        return evidence(self, *asked, **held)

    monkeypatch.setattr(deadline, "monotonic", lambda: now[-1])
    monkeypatch.setattr(Ordered, "evidence", slowly)
    often = {"condition": "orders", "parameters": {"at_least": 1, "within_days": 900}}

    told = api(marketer).post(ASKED, {"conditions": {"all": [BUYERS, often]}}).json()

    assert limits == ["4s", "2500ms", "1s"]
    assert (told["count"], len(told["examples"])) == (7, 1)


def test_the_answer_for_a_key_is_kept_with_all_the_time_there_was(
    api: Any, marketer: User, buyers: list[Customer], monkeypatch: pytest.MonkeyPatch
):
    before, limits = _limit(), []
    monkeypatch.setattr(idempotency, "dumps", lambda said: limits.append(_limit()) or dumps(said))

    told = api(marketer).post(ASKED, {"conditions": BUYERS}, HTTP_IDEMPOTENCY_KEY="once")

    assert (told.status_code, told.json()["count"], len(told.json()["examples"])) == (200, 7, 5)
    assert limits == [before]


def _limit() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


def _asleep(*_asked: Any, **_held: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)")


def _too_slow(_rows: Any) -> None:
    raise previewing.OperationalError
