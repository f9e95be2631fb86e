"""Which languages can be asked for: codes and names, whoever has them, and nothing else that a file brought."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from clm.accounts.models import User
from clm.base.conditions import InvalidCondition, vet
from customers.languages import is_language, language_choices, language_name
from customers.segments.keeping import create
from tests.factories import CustomerFactory


def asking_for(language: str) -> dict[str, Any]:
    parameters = {"field": "language", "operator": "is", "value": language}
    return {"condition": "field", "parameters": parameters}


@pytest.mark.parametrize(
    "text",
    ["da", "DA", "dan", "ger", "en-GB", "en-UK", "pt_BR", "sr_Latn", "es-419", "Danish", "dansk", "español"],
)
def test_codes_and_names_stand_for_languages(text: str) -> None:
    assert is_language(text)


@pytest.mark.parametrize("text", ["", "Klingonish", "qq", "CANARY-B", "Anna Berg", "SE-12345", "da-x", "da_"])
def test_other_text_does_not(text: str) -> None:
    assert not is_language(text)


def test_codes_of_three_letters_have_the_name_of_the_language() -> None:
    assert [language_name(code) for code in ("dan", "DAN", "ger", "Danish")] == [
        "Danish",
        "Danish",
        "German",
        "Danish",
    ]


@pytest.mark.django_db
def test_what_customers_were_brought_with_is_offered_where_it_is_a_language() -> None:
    for language in ("Danish", "swe", "CANARY-B", "SE-12345"):
        CustomerFactory(language=language)

    offered = dict(language_choices())

    assert [offered.get(text) for text in ("da", "Danish", "swe", "CANARY-B", "SE-12345")] == [
        "Danish",
        "Danish",
        "Swedish",
        None,
        None,
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["dan", "Danish"])
def test_a_segment_asks_for_what_customers_were_brought_with(text: str, marketer: User) -> None:
    CustomerFactory(language=text)

    segment = create(by=marketer, name="Danes", kind="dynamic", conditions=asking_for(text))

    assert segment.conditions == asking_for(text)


@pytest.mark.django_db
def test_whether_somebody_has_a_text_can_not_be_asked(marketer: User, django_assert_num_queries: Any) -> None:
    refusals = []
    for text in ("CANARY-A", "CANARY-B"):
        CustomerFactory(language="CANARY-B")
        with pytest.raises(InvalidCondition) as refused:
            vet(asking_for(text))
        refusals.append(str(refused.value).replace(text, "…"))

    assert refusals[0] == refusals[1]
    assert "CANARY" not in refusals[0]
    with django_assert_num_queries(0):
        assert not is_language("CANARY-B")
    with pytest.raises(ValidationError):
        create(by=marketer, name="Probing", kind="dynamic", conditions=asking_for("CANARY-B"))
