"""Which language one reads: one's own choice, else what the browser asks for, else English."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django import forms
from django.conf import settings
from django.test import Client
from django.utils import translation

from clm.accounts.models import AuditEntry, User
from tests.accounts.forms import saved

SignIn = Callable[[User], Client]
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def language_of(html: bytes) -> str:
    return re.findall(r'<html lang="([^"]+)"', html.decode())[0]


@pytest.mark.parametrize(
    ("browser", "shown"),
    [
        ("da-DK,da;q=0.9,en;q=0.8", "da"),
        ("fi,sv;q=0.5", "sv"),
        ("nl-BE", "nl"),
        ("de-AT", "de"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_before_signing_in_the_browser_decides(db: None, browser: str, shown: str) -> None:
    page = Client(headers={"accept-language": browser}).get("/accounts/login/")

    assert language_of(page.content) == shown
    assert page.headers["Content-Language"] == shown


@pytest.mark.parametrize(
    ("browser", "address"),
    [("en", "E-mail"), ("da", "E-mail"), ("sv", "E-post"), ("nl", "E-mail"), ("de", "E-Mail")],
)
def test_the_pages_to_sign_in_call_an_address_as_all_others_do(db: None, browser: str, address: str) -> None:
    for path, name in (("/account/login/", "login"), ("/account/password/reset/", "email")):
        page = Client(headers={"accept-language": browser}).get(path)

        field = page.context["form"].fields[name]
        assert (str(field.label), "placeholder" in page.content.decode()) == (address, False)
        assert f">{address}</label>" in page.content.decode()


def test_a_wrong_password_is_told_in_our_words(owner: User) -> None:
    said = Client().post("/account/login/", {"login": owner.email, "password": "a guess"}).content.decode()

    assert "This e-mail and this password do not belong together. Try again." in said


def test_who_has_chosen_no_language_reads_the_browsers(owner: User, sign_in: SignIn) -> None:
    page = sign_in(owner).get("/settings/profile/", headers={"accept-language": "nl"})

    assert language_of(page.content) == "nl"


@pytest.mark.parametrize("language", LANGUAGES)
def test_ones_own_choice_goes_before_the_browsers(owner: User, sign_in: SignIn, language: str) -> None:
    client = sign_in(owner)
    saved(client, "/settings/profile/", name="Olga", language=language, theme="light")

    page = client.get("/settings/profile/", headers={"accept-language": "fr,sv"})

    assert language_of(page.content) == language


def test_every_language_is_offered_under_its_own_name(owner: User, sign_in: SignIn) -> None:
    page = sign_in(owner).get("/settings/profile/", headers={"accept-language": "de"})

    choices = dict(page.context["form"].fields["language"].choices)
    del choices[""]
    assert choices == {
        "en": "English",
        "da": "Dansk",
        "sv": "Svenska",
        "nl": "Nederlands",
        "de": "Deutsch",
    }


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({}, "Not found."),
        ({"accept-language": "da"}, "Ikke fundet."),
        ({"accept-language": "sv"}, "Hittades inte."),
    ],
)
def test_the_api_answers_as_the_caller_asks(
    owner: User, sign_in: SignIn, headers: dict[str, str], detail: str
) -> None:
    answer = sign_in(owner).get("/api/v1/jobs/99999/", headers=headers)

    assert answer.status_code == 404
    assert answer.json()["errors"][0] == {"code": "not_found", "detail": detail, "attr": None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_date_field_of_the_browser_gets_and_gives_iso_dates(language: str) -> None:
    field = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))

    with translation.override(language):
        shown = field.widget.render("day", date(2026, 6, 30))
        read = field.clean("2026-06-30")

    assert 'value="2026-06-30"' in shown
    assert read == date(2026, 6, 30)


def test_what_is_written_to_somebody_without_a_choice_is_english() -> None:
    assert User(language="").written_in == "en"
    assert User(language="da").written_in == "da"


def test_the_audit_log_names_doors_in_words(administrator: User, sign_in: SignIn) -> None:
    AuditEntry.objects.record("user.renamed", administrator)

    page = sign_in(administrator).get("/settings/audit/")

    assert '<td data-label="Through">Command</td>' in page.content.decode()
