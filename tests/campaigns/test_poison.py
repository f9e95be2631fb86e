"""One message, text or customer that can't be worked with never stops the others."""

from typing import Any

import pytest

from campaigns.delivery.sending import deliver
from campaigns.models import Campaign, Message
from campaigns.rendering import Compiled, Rendered
from lifecycle.models import LifecycleModel
from tests.campaigns.outreach import message_step, person, put, running, states, sweep
from tests.faults.senders import outbox
from tests.fixtures.mail import SmtpSink


def poisoned_by(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = Compiled.rendered

    def or_fail(compiled: Compiled, values: Any, links: Any) -> Rendered:
        if values["customer"]["email"] == name:
            raise ZeroDivisionError("nobody thought of that")
        return rendered(compiled, values, links)

    monkeypatch.setattr(Compiled, "rendered", or_fail)


def one_bad(total: int, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox(total)
    poisoned_by("person5@example.com", monkeypatch)
    sink.refusals["person8@example.com"] = "550 5.1.1 No such user"

    deliver(seconds=60)

    assert len(sink.taken) == total - 2
    assert set(sink.message_ids.values()) == {1}
    failed = Message.objects.filter(state="failed").order_by("pk").values_list("reason", "words")
    assert list(failed) == [("unreadable", "ZeroDivisionError"), ("refused", "5.1.1 No such user")]
    assert Message.objects.filter(state="sent").count() == total - 2
    assert Campaign.objects.get().status == "running"


@pytest.mark.django_db
def test_one_bad_message_does_not_stop_the_others(
    smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_bad(40, smtp_sink, monkeypatch)


@pytest.mark.nightly
@pytest.mark.django_db
def test_one_bad_message_in_a_thousand_does_not_stop_the_others(
    smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_bad(1000, smtp_sink, monkeypatch)


@pytest.mark.django_db
def test_a_sender_with_national_letters_in_its_domain_sends(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    campaign = running(message_step())
    Campaign.objects.filter(pk=campaign.pk).update(
        sender_address="hej@bücher.example", reply_to="os@bücher.example"
    )
    put(person())

    sweep()

    assert states() == [("sent", "")]
    [mail] = smtp_sink.mails
    assert smtp_sink.taken[0].sender == "hej@xn--bcher-kva.example"
    assert mail["Reply-To"] == "os@xn--bcher-kva.example"
