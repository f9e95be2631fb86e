"""Pages about surveys: wording, answers and their filters, files, links for one customer, and who may."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Invitation, Response, Survey, Template, TemplateText
from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.models import Customer
from lifecycle.presets import install
from tests.campaigns.outreach import message_step, running
from tests.campaigns.surveyed import answered, asked, path_of
from tests.factories import CustomerFactory

SignIn = Callable[[User], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(db: None) -> Survey:
    return Survey.objects.main()


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content[:300]
    return re.sub(r"\s+", " ", answer.content.decode())


def typed(**texts: str) -> dict[str, str]:
    return {"name": "After delivery", "recontact_days": "30", "quiet_days": "7"} | texts


def test_a_new_survey_needs_no_more_than_a_name(marketer: User, sign_in: SignIn) -> None:
    answer = sign_in(marketer).post(reverse("survey-new"), typed())

    made = Survey.objects.get()
    assert (answer.status_code, made.slug, made.texts, made.recontact_days) == (302, "after-delivery", {}, 30)
    assert made.wording("da").question.startswith("Hvor sandsynligt er det")
    assert AuditEntry.objects.filter(action="survey.created", actor=marketer).count() == 1


def test_two_surveys_of_one_name_get_addresses_of_their_own(marketer: User, sign_in: SignIn) -> None:
    for _time in range(2):
        sign_in(marketer).post(reverse("survey-new"), typed())

    assert list(Survey.objects.order_by("pk").values_list("slug", flat=True)) == [
        "after-delivery",
        "after-delivery-2",
    ]


def test_only_what_is_worded_otherwise_is_kept(survey: Survey, marketer: User, sign_in: SignIn) -> None:
    usual = survey.wording("sv").thanks
    own = {"da-question": "Vil du anbefale {company}?", "sv-thanks": usual, "nl-low": "  "}

    sign_in(marketer).post(reverse("survey-edit", args=[survey.pk]), typed(**own))

    survey.refresh_from_db()
    assert survey.texts == {"da": {"question": "Vil du anbefale {company}?"}}
    assert survey.wording("da").question == "Vil du anbefale My company?"
    assert survey.slug == "nps"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("recontact_days", "-1"), ("quiet_days", "9999999"), ("de-low", "x" * 61)],
)
def test_what_does_not_fit_is_refused_beside_its_field(
    survey: Survey, marketer: User, sign_in: SignIn, field: str, value: str
) -> None:
    answer = sign_in(marketer).post(
        reverse("survey-edit", args=[survey.pk]), typed(name="Other") | {field: value}
    )

    survey.refresh_from_db()
    assert answer.status_code == 422
    assert f'id="field-id_{field}"' in answer.content.decode()
    assert survey.name == "NPS"


def test_the_page_shows_the_answers_and_how_many_gave_which_score(
    survey: Survey, analyst: User, sign_in: SignIn
) -> None:
    at = clock.now() - timedelta(days=3)
    for score, text in ((10, "Lovely"), (3, "<b>Slow</b>"), (3, "")):
        answered(CustomerFactory(), score, at=at, text=text)

    page = read(sign_in(analyst), reverse("survey", args=[survey.pk]))

    assert "Lovely" in page
    assert "&lt;b&gt;Slow&lt;/b&gt;" in page
    assert 'id="survey-nps"' in page
    assert "-33" in page  # 100 x (1 - 2) / 3
    assert "3 answers" in page


def test_answers_are_narrowed_by_group_language_stage_comment_and_day(
    survey: Survey, analyst: User, sign_in: SignIn
) -> None:
    now = clock.now()
    install("swedish-six", by=None)
    for name, score, text, language, days in (
        ("Ann", 10, "Good", "da", 3),
        ("Bo", 7, "", "sv", 3),
        ("Cia", 2, "Bad", "da", 40),
    ):
        answered(
            CustomerFactory(name=name), score, at=now - timedelta(days=days), text=text, language=language
        )

    def shown(query: str) -> set[str]:
        page = read(sign_in(analyst), reverse("survey", args=[survey.pk]) + query)
        return {name for name in ("Ann", "Bo", "Cia") if f">{name}</a>" in page}

    day = (now - timedelta(days=10)).date()
    assert shown("") == {"Ann", "Bo", "Cia"}
    assert shown("?band=promoter") == {"Ann"}
    assert shown("?band=detractor") == {"Cia"}
    assert shown("?score=7") == {"Bo"}
    assert shown("?language=da") == {"Ann", "Cia"}
    assert shown("?commented=yes") == {"Ann", "Cia"}
    assert shown(f"?since={day}") == {"Ann", "Bo"}
    assert shown("?stage=none") == {"Ann", "Bo", "Cia"}
    assert shown("?stage=loyalty") == set()


def test_a_filter_that_cannot_be_read_says_so_and_shows_nothing(
    survey: Survey, analyst: User, sign_in: SignIn
) -> None:
    answered(CustomerFactory(name="Ann"), 10, at=clock.now())

    page = read(sign_in(analyst), reverse("survey", args=[survey.pk]) + "?band=best")

    assert ">Ann</a>" not in page
    assert "Select a valid choice" in page


def test_the_file_holds_what_the_page_shows_and_runs_nothing(
    survey: Survey, analyst: User, sign_in: SignIn
) -> None:
    at = clock.now()
    answered(CustomerFactory(name="Ann", email="ann@example.com"), 10, at=at, text="=HYPERLINK(1)")
    answered(CustomerFactory(name="Bo"), 2, at=at)

    answer = sign_in(analyst).get(reverse("survey-export", args=[survey.pk]), {"band": "promoter"})

    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [(row["Customer"], row["Score"], row["Comment"]) for row in rows] == [
        ("Ann", "10", "'=HYPERLINK(1)")
    ]
    assert AuditEntry.objects.filter(action="responses.exported", actor=analyst).count() == 1


def test_the_page_costs_the_same_for_a_few_answers_and_for_many(
    survey: Survey, analyst: User, sign_in: SignIn
) -> None:
    install("swedish-six", by=None)
    client, path = sign_in(analyst), reverse("survey", args=[survey.pk])

    def queries(more: int) -> int:
        for _number in range(more):
            answered(CustomerFactory(), 9, at=clock.now(), text="Good")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            read(client, path)
        return len(captured)

    _makes_the_organisation, _keeps_it = queries(1), queries(1)
    few, many = queries(1), queries(40)

    assert few == many
    assert many <= 13


def test_a_link_for_one_customer_stays_the_same_until_it_is_answered(
    survey: Survey, owner: User, sign_in: SignIn
) -> None:
    customer = CustomerFactory(owner=owner)
    client, make = sign_in(owner), reverse("survey-link", args=[customer.pk, survey.pk])

    first, again = (client.post(make, follow=True) for _time in range(2))

    invitation = Invitation.objects.get()
    assert (invitation.customer, invitation.source) == (customer, "link")
    assert first.context["address"] == again.context["address"]
    assert "Asked too recently" not in again.content.decode()
    assert AuditEntry.objects.filter(action="survey.link_made", actor=owner).count() == 1


def test_who_asks_too_soon_is_told(survey: Survey, owner: User, sign_in: SignIn) -> None:
    customer = CustomerFactory(owner=owner)
    answered(customer, 9, at=clock.now() - timedelta(days=30))

    page = sign_in(owner).post(reverse("survey-link", args=[customer.pk, survey.pk]), follow=True)

    assert "Asked too recently" in page.content.decode()


def test_a_stranger_gets_no_link_and_sees_no_answer(
    survey: Survey, owner: User, stranger: User, sign_in: SignIn
) -> None:
    customer = CustomerFactory(owner=owner)
    invitation = asked(customer)
    client = sign_in(stranger)

    made = client.post(reverse("survey-link", args=[customer.pk, survey.pk]))
    seen = client.get(reverse("survey-invitation", args=[customer.pk, invitation.pk]))
    listed = client.get(reverse("survey", args=[survey.pk]))

    assert (made.status_code, seen.status_code, listed.status_code) == (404, 404, 403)
    assert Invitation.objects.count() == 1


def test_an_invitation_is_shown_under_its_own_customer_only(
    survey: Survey, owner: User, sign_in: SignIn
) -> None:
    mine, other = CustomerFactory(owner=owner), asked(CustomerFactory())

    assert sign_in(owner).get(reverse("survey-invitation", args=[mine.pk, other.pk])).status_code == 404


def test_the_customers_page_tells_what_they_answered(survey: Survey, owner: User, sign_in: SignIn) -> None:
    customer = CustomerFactory(owner=owner)
    answered(customer, 9, at=clock.now(), text="Because of Mette")

    page = read(sign_in(owner), reverse("customer-more", args=[customer.pk]))
    timeline = read(sign_in(owner), reverse("customer-timeline", args=[customer.pk]) + "?only=responses")

    assert "9 of 10" in page
    assert "Because of Mette" in page
    assert "Answered NPS with 9 of 10" in timeline


def test_the_list_names_every_survey_with_its_answers(survey: Survey, analyst: User, sign_in: SignIn) -> None:
    answered(CustomerFactory(), 9, at=clock.now())
    asked()

    listed = sign_in(analyst).get(reverse("surveys"))

    (shown,) = listed.context["surveys"]
    assert (shown.name, shown.answers, shown.asked) == ("NPS", 1, 1)


def test_without_a_survey_one_is_offered(marketer: User, sign_in: SignIn) -> None:
    assert "Make the NPS survey" in read(sign_in(marketer), reverse("surveys"))
    assert Customer.objects.count() == Response.objects.count() == 0


def test_a_survey_that_is_over_is_put_away_and_comes_back(
    survey: Survey, marketer: User, sign_in: SignIn
) -> None:
    client, other = sign_in(marketer), Survey.objects.establish(by=None, name="After delivery")
    assert "Which surveys" not in read(client, "/surveys/")

    client.post(f"/surveys/{other.pk}/archiving/")

    assert list(client.get("/surveys/").context["surveys"]) == [survey]
    assert list(client.get("/surveys/?show=archived").context["surveys"]) == [other]
    assert "nobody is asked any more" in read(client, f"/surveys/{other.pk}/")
    client.post(f"/surveys/{other.pk}/return/")
    assert set(client.get("/surveys/").context["surveys"]) == {survey, other}
    actions = AuditEntry.objects.filter(subject_type="campaigns.survey").order_by("pk")
    assert list(actions.values_list("action", flat=True)[1:]) == ["survey.archived", "survey.brought_back"]


def test_a_survey_that_is_put_away_asks_nobody_and_takes_answers_that_are_out(
    survey: Survey, marketer: User, sign_in: SignIn
) -> None:
    client, customer = sign_in(marketer), CustomerFactory()
    out = path_of(asked(CustomerFactory()))
    client.post(f"/surveys/{survey.pk}/archiving/")

    by_page = client.post(f"/customers/{customer.pk}/surveys/{survey.pk}/link/")
    by_api = client.post(
        f"/api/v1/surveys/{survey.slug}/links/", {"customer": customer.pk}, content_type="application/json"
    )

    assert (by_page.status_code, by_api.status_code) == (404, 409)
    assert "put away" in by_api.json()["errors"][0]["detail"]
    assert not Invitation.objects.filter(customer=customer).exists()
    assert f"Get a link to {survey}" not in read(client, f"/customers/{customer.pk}/")
    assert Client().post(out, {"score": "9"}).status_code in (200, 302)
    assert Response.objects.get().score == 9


def test_a_survey_that_a_running_campaign_asks_is_not_put_away(
    survey: Survey, marketer: User, sign_in: SignIn
) -> None:
    install("swedish-six", by=None)
    text = Template.objects.create(name="How are we doing?")
    TemplateText.objects.create(template=text, language="en", subject="Hi", blocks=[{"kind": "survey"}])
    running(message_step(text), name="Quarterly")

    answer = sign_in(marketer).post(f"/surveys/{survey.pk}/archiving/", follow=True)

    assert "The campaign “Quarterly” asks it. Finish it first." in answer.content.decode()
    survey.refresh_from_db()
    assert survey.archived_at is None
