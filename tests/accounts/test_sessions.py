import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import User
from tests.fixtures.people import PASSWORD

LOGIN = "/account/login/"


def sign_in_by_form(user: User, password: str = PASSWORD, **extra: str):
    client = Client()
    return client, client.post(LOGIN, {"login": user.email, "password": password, **extra})


def reset_link(user: User) -> str:
    Client().post("/account/password/reset/", {"email": user.email})
    return re.search(r"(/account/password/reset/key/\S+/)", mail.outbox[-1].body)[1]


def test_signing_in_makes_a_new_session(owner):
    client = Client()
    client.get(LOGIN)
    client.session["before"] = "1"
    client.session.save()

    answer = client.post(LOGIN, {"login": owner.email.upper(), "password": PASSWORD})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "before" not in client.session
    assert client.get("/settings/profile/").status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"]
)
def test_signing_in_leads_nowhere_else(owner, target):
    _client, answer = sign_in_by_form(owner, next=target)

    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("password", ["wrong", "", "x" * 1_000_000, "a\x00b"])
def test_a_wrong_password_tells_no_more_than_that(owner, password):
    client, answer = sign_in_by_form(owner, password)

    assert answer.status_code in (200, 400)
    assert client.get("/settings/profile/").status_code == 302


def test_who_may_not_sign_in_does_not(owner):
    User.objects.filter(pk=owner.pk).update(is_active=False)

    client, _answer = sign_in_by_form(owner)

    assert client.get("/settings/profile/").status_code == 302


def test_guessing_passwords_is_slowed_down(owner):
    for _ in range(5):
        sign_in_by_form(owner, "wrong")

    client, answer = sign_in_by_form(owner)

    assert "Too many failed" in answer.content.decode()
    assert client.get("/settings/profile/").status_code == 302


def test_nobody_signs_up(db):
    answer = Client().post(
        "/account/signup/", {"email": "me@example.com", "password1": PASSWORD, "password2": PASSWORD}
    )

    assert answer.status_code == 200
    assert not User.objects.exists()


def test_a_reset_link_works_once_and_ends_the_other_sessions(owner, sign_in):
    elsewhere = sign_in(owner)
    client, link = Client(), reset_link(owner)
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]

    client.post(address, {"password1": "a new safe password", "password2": "a new safe password"})

    assert sign_in_by_form(owner, "a new safe password")[1].status_code == 302
    assert elsewhere.get("/settings/profile/").status_code == 302
    assert "password1" not in Client().get(link, follow=True).content.decode()


def test_a_reset_link_lives_for_an_hour(owner):
    start = datetime(2026, 11, 1, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        link = reset_link(owner)

    with time_machine.travel(start + timedelta(minutes=59), tick=False):
        assert "password1" in Client().get(link, follow=True).content.decode()
    with time_machine.travel(start + timedelta(minutes=61), tick=False):
        assert "password1" not in Client().get(link, follow=True).content.decode()


def test_an_unknown_address_gets_the_same_answer_as_a_known_one(owner):
    known = Client().post("/account/password/reset/", {"email": owner.email})
    unknown = Client().post("/account/password/reset/", {"email": "nobody@example.com"})

    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )


def test_signing_out_ends_the_session(owner, sign_in):
    client = sign_in(owner)
    kept = client.cookies["sessionid"].value

    client.post("/account/logout/")

    again = Client()
    again.cookies["sessionid"] = kept
    assert again.get("/settings/profile/").status_code == 302


@pytest.mark.parametrize(
    ("away", "address"),
    [(timedelta(hours=11, minutes=59), "/settings/profile/"), (timedelta(hours=12, minutes=1), LOGIN)],
)
def test_who_is_away_for_12_hours_is_signed_out(owner, sign_in, away, address):
    start = datetime(2026, 11, 1, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        client = sign_in(owner)

    with time_machine.travel(start + away, tick=False):
        answer = client.get("/settings/profile/", follow=True)

    assert answer.request["PATH_INFO"] == address


def test_who_comes_every_day_signs_in_again_after_14_days(owner, sign_in):
    start = datetime(2026, 11, 1, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        client = sign_in(owner)

    hours = range(11, 14 * 24 + 11, 11)
    seen = []
    for hour in hours:
        with time_machine.travel(start + timedelta(hours=hour), tick=False):
            seen.append(client.get("/settings/profile/").status_code)

    assert seen == [200 if hour <= 14 * 24 else 302 for hour in hours]
    assert seen[-1] == 302


def test_an_ended_session_is_gone_from_the_database_too(owner, sign_in):
    start = datetime(2026, 11, 1, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        client = sign_in(owner)
    kept = client.cookies["sessionid"].value

    with time_machine.travel(start + timedelta(days=1), tick=False):
        client.get("/settings/profile/")

    assert not Session.objects.filter(session_key=kept).exists()


def test_being_here_is_noted_at_most_every_five_minutes(owner, sign_in):
    start = datetime(2026, 11, 1, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        client = sign_in(owner)
        client.get("/settings/profile/")

    def writes(later: timedelta) -> int:
        with time_machine.travel(start + later, tick=False), CaptureQueriesContext(connection) as queries:
            client.get("/settings/profile/")
        return sum("UPDATE" in query["sql"] for query in queries)

    assert [writes(timedelta(minutes=4)), writes(timedelta(minutes=6)), writes(timedelta(minutes=7))] == [
        0,
        1,
        0,
    ]
