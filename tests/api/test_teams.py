"""Teams through the API: founded, renamed, dissolved by administrators, read by everybody."""

from collections.abc import Callable

import pytest
from django.test import Client

from clm.accounts import staff
from clm.accounts.models import AuditEntry, Team, User

pytestmark = pytest.mark.django_db
Api = Callable[..., Client]
TEAMS = "/api/v1/teams/"


def test_a_team_is_founded_renamed_and_dissolved(api: Api, administrator: User) -> None:
    client = api(administrator)

    made = client.post(TEAMS, {"name": "Nordic"})
    address = made.headers["Location"]
    read = client.get(address)
    renamed = client.patch(address, {"name": "Baltic"}, headers={"If-Match": made.headers["ETag"]})
    stale = client.patch(address, {"name": "Alpine"}, headers={"If-Match": made.headers["ETag"]})
    blind = client.patch(address, {"name": "Alpine"})
    listed = client.get(f"{TEAMS}?ordering=name").json()["results"]
    gone = client.delete(address)

    assert (made.status_code, read.json(), read.headers["ETag"]) == (201, made.json(), made.headers["ETag"])
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Baltic")
    assert (stale.status_code, stale.json()["current"]["name"], blind.status_code) == (412, "Baltic", 428)
    assert listed == [renamed.json()]
    assert (gone.status_code, Team.objects.count()) == (204, 0)
    actions = AuditEntry.objects.filter(action__startswith="team.").order_by("pk")
    assert list(actions.values_list("action", "door")) == [
        ("team.created", "api"),
        ("team.renamed", "api"),
        ("team.dissolved", "api"),
    ]


@pytest.mark.parametrize("body", [{}, {"name": " "}, {"name": "north"}, {"name": "x" * 101}, {"name": 7}])
def test_a_name_that_can_not_be_is_refused(api: Api, administrator: User, north: Team, body: object) -> None:
    refused = api(administrator).post(TEAMS, body)

    assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, "name")
    assert Team.objects.count() == 1


def test_one_who_is_overtaken_is_told_that_the_name_is_taken(
    api: Api, administrator: User, north: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    south = staff.found_team(name="South", by=administrator)
    monkeypatch.setattr("clm.accounts.forms.TeamForm.clean_name", lambda form: form.cleaned_data["name"])
    client = api(administrator)

    made = client.post(TEAMS, {"name": "North"}, headers={"Idempotency-Key": "1"})
    renamed = client.patch(f"{TEAMS}{south.pk}/", {"name": "North"}, headers={"If-Match": "*"})

    assert [answer.status_code for answer in (made, renamed)] == [400, 400]
    assert made.json()["errors"][0]["detail"] == "There is already a team with this name."
    assert set(Team.objects.values_list("name", flat=True)) == {"North", "South"}


def test_one_that_has_members_stays_and_only_administrators_decide(
    api: Api, administrator: User, marketer: User, owner: User, north: Team
) -> None:
    address = f"{TEAMS}{north.pk}/"

    assert api(administrator).delete(address).status_code == 409
    assert api(marketer).get(address).status_code == 200
    assert api(marketer).delete(address).status_code == 403
    assert api(owner).post(TEAMS, {"name": "Mine"}).status_code == 403
    assert Team.objects.get() == north
