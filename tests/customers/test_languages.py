"""Which languages can be asked for: those there are, and what customers were brought with."""

import pytest

from customers.languages import is_language, language_choices
from tests.factories import CustomerFactory


@pytest.mark.django_db
def test_what_a_customer_has_can_be_asked_for_and_nothing_else_that_is_no_language() -> None:
    CustomerFactory(language="Danish")

    known = {text: is_language(text) for text in ("da", "en-GB", "Danish", "Klingonish", "")}

    assert known == {"da": True, "en-GB": True, "Danish": True, "Klingonish": False, "": False}
    assert ("Danish", "Danish") in language_choices()
