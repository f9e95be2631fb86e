"""The list of templates shows subjects as somebody would get them."""

import pytest
from django.test import Client

from campaigns import texts
from clm.accounts.models import User

GREETING = "Welcome{% if customer.first_name != blank %}, {{ customer.first_name }}{% endif %}"


@pytest.mark.django_db
def test_a_subject_is_read_without_its_placeholders(sign_in, marketer: User) -> None:
    client: Client = sign_in(marketer)
    made = texts.establish(name="Hello", message_class="value", by=marketer)
    texts.write(made, "en", subject=GREETING, preheader="", blocks=[{"kind": "divider"}], by=marketer)

    page = client.get("/templates/").content.decode()

    assert "Welcome, Anna" in page
    assert "{%" not in page
