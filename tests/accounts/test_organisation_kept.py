"""The organisation is read again when it changed, and only then."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import Organisation, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(administrator: User) -> Client:
    client = Client()
    client.force_login(administrator)
    for _time in ("makes it", "reads it"):
        client.get("/api/v1/me/")
    return client


def reads_of_the_organisation(client: Client, method: str = "get") -> int:
    with CaptureQueriesContext(connection) as asked:
        assert getattr(client, method)("/api/v1/me/").status_code in (200, 405)
    return sum('FROM "accounts_organisation"' in one["sql"] for one in asked)


def test_as_long_as_nobody_changes_it_it_is_not_read_again(signed_in: Client) -> None:
    assert reads_of_the_organisation(signed_in) == 0


def test_after_each_change_it_is_read_once(signed_in: Client) -> None:
    for margin in ("0.3", "0.4"):
        Organisation.objects.update(margin=margin)

        assert [reads_of_the_organisation(signed_in) for _time in range(2)] == [1, 0]


def test_what_changes_something_reads_it_as_it_is(signed_in: Client) -> None:
    assert reads_of_the_organisation(signed_in, "post") == 1


def test_one_request_does_not_hand_its_object_to_the_next(signed_in: Client) -> None:
    with Organisation.objects.read_once("1(0,1)") as first:
        first.name = "Spoiled"

    with Organisation.objects.read_once("1(0,1)") as second:
        assert second.name == Organisation.objects.get().name
