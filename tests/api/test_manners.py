"""Whatever is sent: a clear answer in the one error body, never a 500, never half a write."""

import json

import pytest
from django.db import connection, transaction
from django.test import Client

from clm.accounts.models import ApiKey
from clm.accounts.models.api_key import Scope
from clm.base import clock
from customers.models import Order

ORDERS = "/api/v1/orders/batch/"


def error_of(response):
    """(code, attr, detail) of the first error; the shape is asserted for every answer."""
    body = response.json()
    assert set(body) >= {"type", "errors"}
    assert body["type"] in ("validation_error", "client_error", "server_error")
    first = body["errors"][0]
    assert set(first) == {"code", "detail", "attr"}
    return first["code"], first["attr"], first["detail"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1,", b'{"source": NaN}', b'{"a": Infinity}', b'{"a": 1e400}', b'{"a": "\\ud800"}', b"\xff\xfe", b"[" * 5000,
     b'{"a":' * 1500 + b"1" + b"}" * 1500],
)  # fmt: skip
def test_what_is_not_json_is_refused(api, marketer, body):
    response = api(marketer).post(ORDERS, body)

    assert response.status_code == 400
    assert error_of(response)[0] in ("parse_error", "required")


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"source": "a\x00b", "items": []}, "source"),
        ({"source": "shop", "items": [{"key": "x\x00"}]}, "items.0.key"),
        ({"source": "shop", "items": [{"amount": 2**63}]}, "items.0.amount"),
        ({"source": "shop", "items": [{"amount": 10**30}]}, "items.0.amount"),
        ({"source": "shop", "items": [{"amount": 1e300}]}, "items.0.amount"),
    ],
)
def test_what_no_column_holds_is_refused_by_its_place(api, marketer, body, attr):
    response = api(marketer).post(ORDERS, json.dumps(body))

    assert (response.status_code, error_of(response)[1]) == (400, attr)
    assert not Order.objects.exists()


def test_a_deep_body_is_refused_without_exhausting_the_stack(api, marketer):
    response = api(marketer).post(ORDERS, '{"items":' + "[" * 500 + "]" * 500 + "}")

    assert response.status_code == 400
    assert "32 levels" in error_of(response)[2]


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ([], "non_field_errors"),
        ("text", "non_field_errors"),
        (None, "non_field_errors"),
        ({"source": "shop"}, "items"),
        ({"source": 7, "items": [{}]}, "source"),
        ({"source": None, "items": [{}]}, "source"),
        ({"source": " ", "items": [{}]}, "source"),
        ({"source": "x" * 65, "items": [{}]}, "source"),
        ({"source": "shop", "items": {}}, "items"),
        ({"source": "shop", "items": []}, "items"),
        ({"source": "shop", "items": [{}], "owner": 1, "is_staff": True}, "owner"),
    ],
)
def test_a_wrong_shape_names_the_field(api, marketer, body, attr):
    response = api(marketer).post(ORDERS, json.dumps(body))

    assert (response.status_code, error_of(response)[1]) == (400, attr)


def test_1001_items_are_too_many(api, marketer, order):
    items = [order(key=str(number)) for number in range(1001)]

    response = api(marketer).post(ORDERS, {"source": "shop", "items": items})

    assert response.status_code == 400
    assert error_of(response) == (
        "max_length",
        "items",
        "These are 1001 items; send at most 1,000 in one request.",
    )
    assert not Order.objects.exists()


def test_more_than_5_mb_is_too_large(api, marketer):
    response = api(marketer).post(ORDERS, json.dumps({"source": "x" * (5 * 1024 * 1024)}))

    assert (response.status_code, error_of(response)[0]) == (413, "too_large")


def test_a_method_that_is_not_there(api, marketer):
    assert (api(marketer).delete("/api/v1/me/").status_code, api(marketer).get(ORDERS).status_code) == (
        405,
        405,
    )
    assert error_of(api(marketer).delete("/api/v1/me/"))[0] == "method_not_allowed"


def test_answers_and_bodies_are_json(api, marketer):
    xml = api(marketer).get("/api/v1/me/", headers={"Accept": "application/xml"})
    form = api(marketer).post(ORDERS, "a=1", content_type="application/x-www-form-urlencoded")

    assert (xml.status_code, error_of(xml)[0]) == (406, "not_acceptable")
    assert (form.status_code, error_of(form)[0]) == (415, "unsupported_media_type")


def test_an_address_that_is_not_there(api, marketer):
    response = api(marketer).get("/api/v1/nothing/")

    assert (response.status_code, error_of(response)[0]) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ("page_size=0", "page_size"), ("page_size=-1", "page_size"), ("page_size=1000000000000", "page_size"), ("page_size=x", "page_size"),
        ("page_size=²", "page_size"), ("ordering=password", "ordering"), ("ordering=owner__password", "ordering"), ("cursor=abc", "cursor"),
        ("cursor=", None), ("customer=x", "customer"), ("customer=99999999999999999999", "customer"), ("unknown=1", "unknown"),
        ("customer=1&customer=2", "customer"), ("source=%00", "source"), ("as_of=2026-06-30T12:00:00", "as_of"),
        ("as_of=0000-00-00", "as_of"), ("as_of=2026-02-30", "as_of"), ("as_of=9999-12-31", "as_of"), ("as_of=yesterday", "as_of"),
        ("known_at=0001-01-01T00:00:00%2B14:00", "known_at"), ("as_of=9999-12-31T23:59:59-12:00", "as_of"), ("from=2026-13-01", "from"),
    ],
)  # fmt: skip
def test_a_broken_question_names_its_parameter(api, marketer, query, attr):
    response = api(marketer).get(f"/api/v1/orders/?{query}")

    assert response.status_code == (200 if attr is None else 400)
    assert attr is None or error_of(response)[1] == attr


def test_a_naive_instant_is_told_what_it_lacks(api, marketer):
    response = api(marketer).get("/api/v1/orders/?as_of=2026-06-30T12:00:00")

    assert error_of(response)[2] == "It needs a time zone, such as Z or +02:00 at its end."


def test_a_cursor_is_for_one_ordering_and_cannot_be_edited(api, marketer, order):
    client = api(marketer)
    client.post(ORDERS, {"source": "shop", "items": [order(key=str(number)) for number in range(5)]})
    following = client.get("/api/v1/orders/?page_size=2&ordering=id").json()["next"]
    cursor = following.split("cursor=")[1].split("&")[0]

    assert client.get(f"/api/v1/orders/?page_size=2&ordering=id&cursor={cursor}").status_code == 200
    for broken in (
        f"ordering=-id&cursor={cursor}",
        f"ordering=id&cursor={cursor[:-1]}",
        f"ordering=id&cursor=x{cursor}",
    ):
        response = client.get(f"/api/v1/orders/?page_size=2&{broken}")
        assert (response.status_code, error_of(response)[1]) == (400, "cursor")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer clm_wrong", "Bearer a b", "Basic YTpi", "Bearer \xff\xfe", "Bearer " + "x" * 5000],
)
def test_no_key_or_a_wrong_one_is_401(db, header):
    response = Client().get("/api/v1/me/", headers={"Authorization": header})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert error_of(response)[0] in ("not_authenticated", "authentication_failed")


def test_an_expired_key_is_401_a_missing_right_403_a_foreign_object_404(api, marketer, analyst):
    client = api(marketer)
    reader = api(analyst)
    ApiKey.objects.filter(user=marketer).update(expiry=clock.now())

    assert client.get("/api/v1/me/").status_code == 401
    assert reader.post(ORDERS, {}).status_code == 403
    assert reader.get("/api/v1/orders/7/").status_code == 404


def test_a_key_that_reads_does_not_write(api, marketer):
    response = api(marketer, scope="read").post(ORDERS, {})

    assert (response.status_code, error_of(response)[0]) == (403, "permission_denied")


def test_a_session_writes_only_with_its_csrf_token(marketer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(marketer)

    assert client.post(ORDERS, {}, content_type="application/json").status_code == 403


def test_a_busy_key_is_slowed_down_and_told_for_how_long(api, marketer, monkeypatch):
    monkeypatch.setattr("clm.accounts.api_keys.KeyThrottle.THROTTLE_RATES", {"key": "2/min"})
    client = api(marketer)

    answers = [client.get("/api/v1/me/") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) in range(1, 61)
    assert error_of(answers[2])[0] == "throttled"


def test_without_the_cache_the_api_goes_on(api, marketer, monkeypatch):
    def away(*_args):
        raise ConnectionError

    monkeypatch.setattr("django.core.cache.backends.locmem.LocMemCache.get", away)

    assert api(marketer).get("/api/v1/me/").status_code == 200


def test_a_statement_that_takes_too_long_is_an_answer_too(api, marketer, monkeypatch):
    def slow(self, request):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 10")
            cursor.execute("SELECT pg_sleep(1)")

    monkeypatch.setattr("clm.accounts.api.MeView.get", slow)

    client = api(marketer)
    client.raise_request_exception = False

    response = client.get("/api/v1/me/")

    assert (response.status_code, error_of(response)[0]) == (503, "busy")


def test_an_error_of_ours_tells_nothing_about_us(api, marketer, monkeypatch):
    def broken(self, request):
        raise RuntimeError("secret")

    monkeypatch.setattr("clm.accounts.api.MeView.get", broken)
    client = api(marketer)
    client.raise_request_exception = False

    response = client.get("/api/v1/me/")

    assert response.status_code == 500
    assert "secret" not in response.content.decode()
    assert error_of(response)[0] == "error"


def test_the_scope_of_a_key_is_one_of_two(marketer):
    key, _text = ApiKey.objects.issue(name="Shop", scope=Scope.READ, owner=marketer, by=marketer)

    assert (key.scopes, key.may_write()) == (["read"], False)
