import smtplib

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail

from tests.fixtures.mail import SmtpSink


def test_mail_arrives_over_the_wire_with_all_its_parts(smtp_sink: SmtpSink) -> None:
    mail = EmailMultiAlternatives("Välkommen", "Hej", "shop@example.com", ["eva@example.se"])
    mail.attach_alternative("<p>Hej</p>", "text/html")

    mail.send()

    [taken] = smtp_sink.taken
    assert (taken.sender, taken.recipients) == ("shop@example.com", ("eva@example.se",))
    assert taken.mail["Subject"] == "Välkommen"
    assert [part.get_content_type() for part in taken.mail.iter_parts()] == ["text/plain", "text/html"]
    assert smtp_sink.message_ids[taken.message_id] == 1


def test_a_mail_taken_twice_is_counted_twice(smtp_sink: SmtpSink) -> None:
    for _ in range(2):
        EmailMultiAlternatives(
            "Again", "", "shop@example.com", ["eva@example.se"], headers={"Message-ID": "<1@clm>"}
        ).send()

    assert smtp_sink.message_ids == {"<1@clm>": 2}


def test_a_refused_address_takes_nothing(smtp_sink: SmtpSink) -> None:
    smtp_sink.refusals["gone@example.se"] = "550 5.1.1 No such user"

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        send_mail("Hello", "", "shop@example.com", ["gone@example.se"])

    assert refusal.value.recipients["gone@example.se"][0] == 550
    assert smtp_sink.taken == []


def test_a_server_that_hangs_up_at_the_end_has_taken_the_mail(smtp_sink: SmtpSink) -> None:
    smtp_sink.last_words["eva@example.se"] = ""

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send_mail("Hello", "", "shop@example.com", ["eva@example.se"])

    assert [mail["Subject"] for mail in smtp_sink.to("eva@example.se")] == ["Hello"]
