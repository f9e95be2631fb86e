"""The page of caught mail: who reads it, what it shows, and that a mail's own document can do nothing."""

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django import Settings

from clm.accounts.models import User
from clm.base import caught_mail
from clm.base.caught_mail import CaughtMail

SignIn = Callable[[User], Client]


@pytest.fixture
def mailbox(tmp_path: Path, settings: Settings) -> CaughtMail:
    settings.CAUGHT_MAIL_DIR = str(tmp_path)
    return CaughtMail(tmp_path)


def catch(mailbox: CaughtMail, subject: str = "Välkommen", to: str = "eva@example.se", html: str = "") -> str:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "Shop <shop@example.com>", to
    mail.set_content("Hej Eva")
    if html:
        mail.add_alternative(html, subtype="html")
    return mailbox.keep(mail.as_bytes(), sender="bounce@example.com", recipients=[to])


def test_mails_are_listed_newest_first(administrator: User, sign_in: SignIn, mailbox: CaughtMail) -> None:
    catch(mailbox, "First")
    catch(mailbox, "Second", to="bo@example.se")

    page = sign_in(administrator).get("/settings/caught-mail/")

    assert [(mail.subject, mail.recipients) for mail in page.context["mails"]] == [
        ("Second", "bo@example.se"),
        ("First", "eva@example.se"),
    ]


def test_a_search_reads_addresses_and_subjects(
    administrator: User, sign_in: SignIn, mailbox: CaughtMail
) -> None:
    catch(mailbox, "First")
    catch(mailbox, "Second", to="bo@example.se")

    page = sign_in(administrator).get("/settings/caught-mail/?q=EVA@")

    assert [mail.subject for mail in page.context["mails"]] == ["First"]


def test_older_mails_are_one_page_on(administrator: User, sign_in: SignIn, mailbox: CaughtMail) -> None:
    for number in range(52):
        catch(mailbox, f"Mail {number}")

    client = sign_in(administrator)
    first = client.get("/settings/caught-mail/")
    second = client.get(f"/settings/caught-mail/?{first.context['older']}")

    assert len(first.context["mails"]) == 50
    assert [mail.subject for mail in second.context["mails"]] == ["Mail 1", "Mail 0"]
    assert second.context["older"] == ""


def test_one_mail_is_shown_as_document_as_text_and_with_its_headers(
    administrator: User, sign_in: SignIn, mailbox: CaughtMail
) -> None:
    address = f"/settings/caught-mail/{catch(mailbox, html='<p>Hej <b>Eva</b></p>')}/"
    client = sign_in(administrator)

    page, text, headers = (
        client.get(address),
        client.get(f"{address}?show=text"),
        client.get(f"{address}?show=headers"),
    )

    assert f'src="{address}html/"' in page.content.decode()
    assert "Hej Eva" in text.content.decode()
    assert ("Delivered-To", "eva@example.se") in headers.context["caught"].headers
    assert "bounce@example.com" in headers.content.decode()


def test_the_mails_document_runs_nothing(administrator: User, sign_in: SignIn, mailbox: CaughtMail) -> None:
    key = catch(mailbox, html="<script>alert(1)</script><p>Hej</p>")

    answer = sign_in(administrator).get(f"/settings/caught-mail/{key}/html/")

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("address", ["", "{key}/", "{key}/html/"])
def test_only_administrators_read_caught_mail(
    manager: User, sign_in: SignIn, mailbox: CaughtMail, address: str
) -> None:
    key = catch(mailbox)

    answer = sign_in(manager).get(f"/settings/caught-mail/{address.format(key=key)}")

    assert answer.status_code == 403


@pytest.mark.parametrize("key", ["..", "0" * 19 + "-00000000", "%2e%2e%2fkeys.json", "x"])
def test_a_key_that_names_no_mail_is_not_found(
    administrator: User, sign_in: SignIn, mailbox: CaughtMail, key: str
) -> None:
    assert sign_in(administrator).get(f"/settings/caught-mail/{key}/").status_code == 404


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("django.core.mail.backends.smtp.EmailBackend", "the mail server mail.example.com:587"),
        ("django.core.mail.backends.console.EmailBackend", "mail is written to the log"),
    ],
)
def test_where_nothing_is_caught_the_page_says_where_mail_goes(
    administrator: User, sign_in: SignIn, settings: Settings, backend: str, said: str
) -> None:
    settings.CAUGHT_MAIL_DIR, settings.EMAIL_BACKEND = "", backend
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_PASSWORD = "mail.example.com", 587, "secret"

    page = sign_in(administrator).get("/settings/caught-mail/").content.decode()

    assert said in page
    assert "secret" not in page
    assert "caught-mail" not in page


def test_the_oldest_mails_make_room(mailbox: CaughtMail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caught_mail, "MOST_KEPT", 3)

    for number in range(5):
        catch(mailbox, f"Mail {number}")

    assert [mail.subject for mail in mailbox.newest(10)] == ["Mail 4", "Mail 3", "Mail 2"]


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"Content-Type: text/html; charset=nonsense\r\n\r\n<p>Hej</p>"]
)
def test_a_mail_that_is_no_mail_is_shown_all_the_same(
    administrator: User, sign_in: SignIn, mailbox: CaughtMail, content: bytes
) -> None:
    key = mailbox.keep(content, sender="", recipients=["eva@example.se"])

    client = sign_in(administrator)

    assert client.get("/settings/caught-mail/").status_code == 200
    assert client.get(f"/settings/caught-mail/{key}/").status_code == 200


def test_a_mail_is_read_in_its_frame(
    sign_in_page: Callable[[User], Page], administrator: User, mailbox: CaughtMail
) -> None:
    catch(mailbox, "Welcome", html='<p>Hello <a href="/healthz">there</a></p>')
    page = sign_in_page(administrator)

    page.goto("/settings/caught-mail/")
    page.get_by_role("link", name="Welcome").click()

    document = page.frame_locator("iframe.mail-frame")
    assert document.get_by_text("Hello there").is_visible()
    with page.context.expect_page() as opened:
        document.get_by_role("link", name="there").click()
    assert opened.value.url.endswith("/healthz")
