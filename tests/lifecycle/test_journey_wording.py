"""The journey map speaks the reader's language: what is shipped by itself, what the company writes where it wrote it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import translation

from clm.accounts.models import User
from lifecycle.mapping import Picture, column_of, draw
from lifecycle.models import JourneyMap, LifecycleModel, Stage
from lifecycle.usual_journeys import SHIPPED
from lifecycle.wording import LANGUAGES
from tests.lifecycle.shop import six_stages

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
BOARD = "/lifecycle/models/swedish-six/journey/"
LOYALTY = f"{BOARD}stages/loyalty/"
API = "/api/v1/lifecycle-models/swedish-six/journey/loyalty/"


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return six_stages()


def loyalty() -> Stage:
    return Stage.objects.get(model__slug="swedish-six", slug="loyalty")


def thoughts(language: str) -> str:
    return column_of(loyalty(), language).picture.thoughts


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_all_that_is_shipped_has_words_in_every_language(language: str):
    with translation.override(language):
        alike = {text for text in SHIPPED if translation.gettext(text) == text and " " in text}

    assert alike == set()


def test_a_shipped_map_is_read_in_the_reader_s_language(
    sign_in: SignIn, marketer: User, model: LifecycleModel
):
    marketer.language = "de"
    marketer.save()

    page = sign_in(marketer).get(BOARD).content.decode()

    english = column_of(loyalty()).picture
    assert thoughts("de") in page
    assert english.thoughts not in page
    assert thoughts("de") != english.thoughts
    assert column_of(loyalty(), "de").picture.touchpoints[0]["what"] in page


def test_who_writes_in_one_language_leaves_the_others(sign_in: SignIn, marketer: User, model: LifecycleModel):
    client, before = sign_in(marketer), {code: thoughts(code) for code in LANGUAGES}
    form = client.get(f"{LOYALTY}?language=da").context["form"]

    answer = client.post(
        f"{LOYALTY}?language=da", form.initial | {"thoughts": "De kender mig.", "owner_team": ""}
    )

    assert answer.status_code == 302
    assert {code: thoughts(code) for code in LANGUAGES} == before | {"da": "De kender mig."}
    assert JourneyMap.objects.get(stage=loyalty()).wordings == {"da": {"thoughts": "De kender mig."}}


def test_what_is_emptied_in_a_language_falls_back(model: LifecycleModel):
    shipped = column_of(loyalty(), "da").picture
    draw(loyalty(), Picture(thoughts="Kort"), read=None, by=None, language="da")
    assert (thoughts("da"), column_of(loyalty(), "da").picture.actions) == ("Kort", shipped.actions)

    draw(loyalty(), Picture(), read=None, by=None, language="da")

    assert column_of(loyalty(), "da").picture.thoughts == shipped.thoughts


def test_english_words_of_the_company_s_own_are_not_translated(model: LifecycleModel):
    draw(loyalty(), Picture(thoughts="They greet me by name."), read=None, by=None)

    assert {thoughts(code) for code in LANGUAGES} == {"They greet me by name."}


def test_what_was_written_in_one_language_only_is_shown_to_all(model: LifecycleModel):
    draw(loyalty(), Picture(), read=None, by=None)
    draw(loyalty(), Picture(playbook="Sig tak."), read=None, by=None, language="da")

    assert column_of(loyalty(), "sv").picture.playbook == "Sig tak."


def test_the_api_reads_and_writes_a_language(sign_in: SignIn, marketer: User, model: LifecycleModel):
    client = sign_in(marketer)
    body = {"thoughts": "Sie kennen mich.", "language": "de"}

    written = client.put(API, body, content_type="application/json", headers={"If-Match": "*"})
    unknown = client.get(f"{API}?language=tlh")

    assert written.json()["thoughts"] == "Sie kennen mich."
    assert client.get(f"{API}?language=de").json()["thoughts"] == "Sie kennen mich."
    assert client.get(API).json()["thoughts"] == "They know me here. I would miss it."
    assert (unknown.status_code, unknown.json()["errors"][0]["attr"]) == (400, "language")
