"""One campaign that can't be worked on holds up no other, and says why it waits."""

import pytest
from django.db.models import IntegerField, Q
from django.db.models.functions import Cast
from psycopg.errors import QueryCanceled

from campaigns import leaving
from campaigns.delivery import sending
from campaigns.delivery.guarding import Gate
from campaigns.models import Campaign, CampaignVersion, Message
from clm.base.conditions import InvalidCondition
from clm.base.facts import BEGINNING
from tests.campaigns.outreach import BOUGHT, message_step, running, template
from tests.faults.senders import outbox
from tests.fixtures.mail import SmtpSink

pytestmark = pytest.mark.django_db(transaction=True)


def two_campaigns(messages: int) -> None:
    """The second has an exit condition; its messages lie among those of the first."""
    from campaigns.advancing import advance
    from campaigns.enrolling import enroll

    outbox(messages)
    second = running(message_step(template("Second", "Second")), name="Second", exit_condition=BOUGHT)
    Campaign.objects.filter(pk=second.pk).update(entrants_since=BEGINNING)
    enroll()
    advance()
    Message.objects.update(not_before=BEGINNING)


def waiting() -> dict[str, int]:
    return {
        f"{name} {state}": Message.objects.filter(campaign__name=name, state=state).count()
        for name in ("Welcome", "Second")
        for state in ("queued", "held", "sent")
    }


def is_unknown(*_: object) -> Q:
    raise InvalidCondition("There is no condition “bought”.")


def is_no_number(*_: object) -> Q:
    return Q(pk__in=Message.objects.annotate(n=Cast("dedupe_key", IntegerField())).filter(n=1).values("pk"))


@pytest.mark.parametrize("breaks", [is_unknown, is_no_number])
def test_only_the_messages_of_the_broken_campaign_wait(
    smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch, breaks: object
) -> None:
    two_campaigns(6)
    monkeypatch.setattr(leaving.Ends, "holds", breaks)

    sending.deliver()

    assert waiting() == {
        "Welcome queued": 0,
        "Welcome held": 0,
        "Welcome sent": 6,
        "Second queued": 6,
        "Second held": 0,
        "Second sent": 0,
    }
    second = Campaign.objects.get(name="Second")
    assert second.status == "paused"
    assert second.pause_reason
    assert Campaign.objects.get(name="Welcome").status == "running"
    assert set(smtp_sink.message_ids.values()) == {1}


def test_conditions_that_take_too_long_hold_their_own_messages_for_a_minute(
    smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_campaigns(3)
    ask = Gate.ask

    def ask_slowly(
        gate: Gate, group: list[Message], versions: dict[int, CampaignVersion], **named: object
    ) -> None:
        if any(message.campaign and message.campaign.name == "Second" for message in group):
            raise QueryCanceled("canceling statement due to statement timeout")
        ask(gate, group, versions, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Gate, "ask", ask_slowly)

    sending.deliver()

    assert waiting()["Welcome sent"] == 3
    assert waiting()["Second held"] == 3
    assert set(Message.objects.filter(state="held").values_list("reason", flat=True)) == {"unchecked"}
    assert Campaign.objects.get(name="Second").status == "running"
