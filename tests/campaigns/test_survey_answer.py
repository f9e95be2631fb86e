"""The public answer page: what it takes, what it says, and what it never does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import signing
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from campaigns.models import Invitation, Response, Survey, Via
from campaigns.surveys import links
from campaigns.surveys.asking import invite_by_message
from clm.accounts.models import AuditEntry
from clm.base import clock
from customers.models import Arrival, Customer
from tests.campaigns.surveyed import asked, path_of
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def client() -> Client:
    """As outside: no session, and forms without a token are refused where one is needed."""
    return Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})


def live() -> list[tuple[int, str]]:
    return list(Response.objects.live().order_by("pk").values_list("score", "text"))


def test_looking_changes_nothing_however_often(client: Client) -> None:
    address = path_of(asked(language="da"))

    for _time in range(20):
        shown = client.get(address, {"score": "9"})

    assert shown.status_code == 200
    assert Response.objects.count() == 0
    assert 'value="9" required checked' in shown.content.decode()


def test_a_score_is_saved_when_it_is_sent(client: Client) -> None:
    invitation = asked(language="da")
    Arrival.objects.all().delete()

    thanks = client.post(path_of(invitation), {"score": "9"})

    given = Response.objects.get()
    assert (given.score, given.customer, given.survey) == (9, invitation.customer, invitation.survey)
    assert (given.language, given.via, given.invitation_id) == ("da", Via.LINK, invitation.pk)
    assert "Tak! Dit svar hjælper os med at blive bedre." in thanks.content.decode()
    assert Arrival.objects.get().customer_id == invitation.customer_id
    assert AuditEntry.objects.filter(action="response.given", subject_id=invitation.customer_id).count() == 1


def test_the_comment_joins_the_answer_and_keeps_its_time(client: Client) -> None:
    address = path_of(asked())
    client.post(address, {"score": "4"})
    first = Response.objects.get()

    client.post(address, {"text": "Too slow\nto answer."})

    now = Response.objects.live().get()
    assert (now.score, now.text.replace("\r", "")) == (4, "Too slow\nto answer.")
    assert (now.root, now.occurred_at) == (first.pk, first.occurred_at)
    assert Response.objects.count() == 2


def test_another_score_supersedes_the_first_and_counts_from_now(client: Client) -> None:
    address = path_of(asked())
    client.post(address, {"score": "4"})
    first = Response.objects.get()

    client.post(address, {"score": "10"})

    first.refresh_from_db()
    now = Response.objects.live().get()
    assert (now.score, now.root) == (10, first.pk)
    assert now.occurred_at > first.occurred_at
    assert first.superseded_at == now.recorded_at


def test_sending_the_same_twice_changes_nothing(client: Client) -> None:
    address = path_of(asked())

    for _time in range(3):
        client.post(address, {"score": "7"})

    assert Response.objects.count() == 1


def test_who_answered_sees_the_answer_and_may_change_it(client: Client) -> None:
    address = path_of(asked(language="en"))
    client.post(address, {"score": "7"})

    again = client.get(address).content.decode()
    other = client.get(address, {"score": "2"}).content.decode()

    assert "Your answer 7 is saved." in again
    assert "You answered 7." in other
    assert 'value="2" required checked' in other
    assert live() == [(7, "")]


@pytest.mark.parametrize("score", ["", "11", "-1", "9.5", "nine", "9 OR 1=1", "1\x00"])
def test_what_is_no_score_is_refused_with_the_cure(client: Client, score: str) -> None:
    answer = client.post(path_of(asked(language="en")), {"score": score})

    assert answer.status_code == 422
    assert "Choose a number from 0 to 10." in answer.content.decode()
    assert Response.objects.count() == 0


@pytest.mark.parametrize("text", ["x" * 4001, "half \x00 a comment"])
def test_a_comment_that_does_not_fit_is_refused(client: Client, text: str) -> None:
    address = path_of(asked())
    client.post(address, {"score": "3"})

    answer = client.post(address, {"text": text})

    assert answer.status_code == 422
    assert live() == [(3, "")]


def test_a_comment_without_a_score_asks_for_the_score(client: Client) -> None:
    answer = client.post(path_of(asked()), {"text": "Nice"})

    assert answer.status_code == 409
    assert Response.objects.count() == 0


def test_a_link_closes_after_ninety_days(client: Client) -> None:
    address = path_of(asked(days_ago=90.01, language="en"))

    seen, sent = client.get(address), client.post(address, {"score": "9"})

    assert (seen.status_code, sent.status_code) == (410, 410)
    assert "This survey is closed" in seen.content.decode()
    assert Response.objects.count() == 0


def test_a_link_is_open_on_its_ninetieth_day(client: Client) -> None:
    assert client.post(path_of(asked(days_ago=89.9)), {"score": "9"}).status_code == 200


def forged(salt: str, said: object) -> str:
    return reverse("survey-answer", args=[signing.Signer(salt=salt, sep=".").sign_object(said)])


def test_links_that_were_edited_or_made_for_something_else_open_nothing(client: Client) -> None:
    invitation = asked(language="en")
    right = path_of(invitation)
    wrong = [
        right[:-2] + ("A" if right[-2] != "A" else "B") + "/",
        reverse("survey-answer", args=["x"]),
        forged("clm.unsubscribe", str(invitation.pk)),
        forged(links.SALT, str(invitation.pk + 1000)),
        forged(links.SALT, "preview:99999:en"),
    ]

    for address in wrong:
        answer = client.post(address, {"score": "9"})
        assert (answer.status_code, "This link does not work" in answer.content.decode()) == (404, True)

    assert Response.objects.count() == 0


def test_a_preview_shows_the_page_and_takes_nothing(client: Client) -> None:
    address = links.preview_of(Survey.objects.main(), "sv").removeprefix("http://localhost:8000")

    answer = client.post(address, {"score": "9"})

    assert "Hur sannolikt är det" in answer.content.decode()
    assert Response.objects.count() == 0


def test_the_answer_belongs_to_whom_the_customer_became(client: Client) -> None:
    invitation, winner = asked(), CustomerFactory()
    Customer.objects.filter(pk=invitation.customer_id).update(merged_into=winner)

    client.post(path_of(invitation), {"score": "8"})

    assert Response.objects.get().customer == winner


@pytest.mark.parametrize(
    ("profile", "browser", "shown"),
    [
        ("sv-SE", "de", "Hur sannolikt"),
        ("", "de-AT,de;q=0.9", "Wie wahrscheinlich"),
        ("fi", "nl", "Hoe waarschijnlijk"),
        ("", "fi", "How likely"),
    ],
)
def test_it_speaks_the_customers_language_else_the_browsers(profile: str, browser: str, shown: str) -> None:
    page = Client(headers={"Accept-Language": browser}).get(path_of(asked(language=profile)))

    assert shown in page.content.decode()


def test_it_is_kept_in_no_cache_and_told_to_no_other_site(client: Client) -> None:
    shown = client.get(path_of(asked()))

    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in shown.headers["Cache-Control"]
    assert "script" not in shown.content.decode()


def test_without_the_database_it_says_that_nothing_was_saved(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = path_of(asked())
    right_now = clock.now()

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("the connection is closed")

    for place in ("campaigns.surveys.answering.clock.now", "campaigns.models.Response.objects.create"):
        with monkeypatch.context() as patch:
            patch.setattr(place, refuse)
            answer = client.post(address, {"score": "9"})
        said = answer.content.decode()
        assert (answer.status_code, "Not saved" in said, "Thank you" in said) == (503, True, False)

    assert Response.objects.count() == 0
    assert clock.now() - right_now < timedelta(minutes=1)


def test_nobody_sends_more_than_ten_times_a_minute_with_one_link(client: Client) -> None:
    address = path_of(asked(language="en"))

    codes = [client.post(address, {"score": str(n % 11)}).status_code for n in range(12)]

    assert codes == [200] * 10 + [429] * 2
    assert Response.objects.live().get().score == 9


def test_a_message_invites_once_however_often_it_is_written() -> None:
    survey, customer = Survey.objects.main(), CustomerFactory()

    first, again = (links.address_of(invite_by_message(survey, customer, 7)) for _time in range(2))

    assert first == again
    assert Invitation.objects.get().customer == customer


@pytest.mark.django_db(transaction=True)
def test_eight_answers_at_once_leave_one(db: None) -> None:
    address = path_of(asked(language="en"))

    def send(score: int) -> int:
        try:
            return Client().post(address, {"score": str(score)}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        codes = list(threads.map(send, range(8)))

    versions = Response.objects.order_by("pk")
    assert codes == [200] * 8
    assert (versions.live().count(), versions.count()) == (1, 8)
    assert {one.root for one in versions} == {versions[0].pk}
