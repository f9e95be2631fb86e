"""Mails as they go over the wire, read back by Python's own parser."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from campaigns.delivery.mime import Mail, Sender


def wired(*, allows_8bit: bool = False, **changes: object) -> tuple[bytes, EmailMessage]:
    values: dict[str, object] = {
        "sender": Sender("Støvle & Sønner", "shop@example.com", "reply@example.com"),
        "recipient": "eva@example.com",
        "subject": "Velkommen, Åse",
        "html": '<p style="color: red">Hej Åse</p>',
        "text": "Hej Åse",
        "message_id": "<1-2-3@example.com>",
        "at": datetime(2026, 6, 1, 12, tzinfo=UTC),
        "headers": {"List-Unsubscribe": "<https://clm.example/u/abc/>"},
    }
    lines = Mail(**(values | changes)).lines(allows_8bit=allows_8bit)  # type: ignore[arg-type]
    undotted = lines.replace(b"\r\n..", b"\r\n.")
    return lines, message_from_bytes(undotted, policy=policy.default)


@pytest.mark.parametrize("allows_8bit", [False, True])
def test_what_is_put_in_comes_out(allows_8bit: bool) -> None:
    _lines, mail = wired(allows_8bit=allows_8bit)

    assert mail["Subject"] == "Velkommen, Åse"
    assert mail["From"].addresses[0].display_name == "Støvle & Sønner"
    assert mail["From"].addresses[0].addr_spec == "shop@example.com"
    assert (mail["To"], mail["Reply-To"]) == ("eva@example.com", "reply@example.com")
    assert mail["Message-ID"] == "<1-2-3@example.com>"
    assert mail["List-Unsubscribe"] == "<https://clm.example/u/abc/>"
    text, html = mail.iter_parts()
    assert text.get_content().strip() == "Hej Åse"
    assert html.get_content().split() == ["<p", 'style="color:', 'red">Hej', "Åse</p>"]


@pytest.mark.parametrize("allows_8bit", [False, True])
def test_lines_are_short_end_as_they_should_and_no_dot_ends_the_mail(allows_8bit: bool) -> None:
    text = "first\n.\n..\r\nlast\rend " + "ø" * 3000

    lines, mail = wired(allows_8bit=allows_8bit, text=text)

    assert max(map(len, lines.split(b"\r\n"))) <= 998
    assert b"\r\n.\r\n" not in lines
    assert lines.replace(b"\r\n", b"").count(b"\n") == lines.replace(b"\r\n", b"").count(b"\r") == 0
    plain = next(mail.iter_parts()).get_content()
    assert plain.splitlines()[:3] == ["first", ".", ".."]
    assert "ø" * 3000 in plain


def test_no_words_begin_a_header_of_their_own() -> None:
    _lines, mail = wired(
        subject="Hi\r\nBcc: all@example.com",
        sender=Sender("Shop\r\nBcc: all@example.com", "shop@example.com", "a@b.example\nBcc: c@d.example"),
    )

    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hi Bcc: all@example.com"


def test_a_long_subject_in_other_letters_is_folded_and_whole() -> None:
    subject = "Ünïcödé " * 30 + "!"

    lines, mail = wired(subject=subject)

    assert mail["Subject"] == subject
    assert max(map(len, lines.split(b"\r\n"))) <= 998
