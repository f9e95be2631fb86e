import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

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
