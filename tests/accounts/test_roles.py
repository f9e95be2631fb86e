"""What an administrator gives to a role, or takes from it."""

import pytest

from clm.accounts.models import AuditEntry, Organisation, Role
from clm.accounts.permissions import CAPABILITIES, Capability, may
from clm.accounts.roles import IN_WORDS, RoleRefused, change_role, changeable
from tests.accounts.forms import form_of, saved

pytestmark = pytest.mark.django_db


def boxes(role: str, *without: str) -> list[str]:
    return [one for one in changeable(role) if one in CAPABILITIES[role] and one not in without]


def test_what_is_taken_from_a_role_is_gone_at_the_next_request(sign_in, administrator, analyst):
    client = sign_in(analyst)
    allowed = client.get("/customers/export/")
    assert (allowed.status_code, allowed.getvalue()[:1] != b"") == (200, True)

    saved(sign_in(administrator), "/settings/roles/analyst/", may=boxes("analyst", "export"))

    assert client.get("/customers/export/").status_code == 403
    assert "/customers/export/" not in client.get("/customers/").content.decode()
    entry = AuditEntry.objects.get(action="role.changed")
    assert (entry.actor, entry.details) == (
        administrator,
        {"role": "analyst", "given": [], "taken": ["export"]},
    )


def test_what_is_given_to_a_role_is_there_for_pages_and_api(sign_in, administrator, analyst):
    client = sign_in(analyst)
    assert client.get("/segments/new/").status_code == 403

    saved(sign_in(administrator), "/settings/roles/analyst/", may=[*boxes("analyst"), "edit_segments"])

    assert client.get("/segments/new/").status_code == 200
    assert "edit_segments" in client.get("/api/v1/me/").json()["may"]
    roles = {one["role"]: one for one in sign_in(administrator).get("/api/v1/roles/").json()}
    assert "edit_segments" in roles["analyst"]["may"]
    assert "edit_segments" not in roles["analyst"]["usual"]


def test_a_change_back_to_the_usual_leaves_nothing_behind(administrator):
    change_role(Role.ANALYST, [], by=administrator)
    change_role(Role.ANALYST, boxes("analyst"), by=administrator)

    assert Organisation.objects.current().role_changes == {"analyst": {"given": [], "taken": []}}


@pytest.mark.parametrize(
    ("role", "wanted", "reason"),
    [
        (Role.REP, ["view_metrics"], "This role can't be given view_metrics."),
        (Role.ADMINISTRATOR, ["export"], "This role can't be given export."),
        (Role.MANAGER, ["administer"], "This role can't be given administer."),
        (Role.MANAGER, ["view_costs"], "“See spend and acquisition cost” needs “See the dashboard and every metric”."),
        (Role.MANAGER, ["nonsense"], "This role can't be given nonsense."),
    ],
)  # fmt: skip
def test_what_a_role_cannot_have_is_refused(administrator, role, wanted, reason):
    with pytest.raises(RoleRefused) as refused:
        change_role(role, wanted, by=administrator)

    assert str(refused.value) == reason
    assert Organisation.objects.current().role_changes == {}
    assert not AuditEntry.objects.filter(action="role.changed").exists()


def test_the_page_says_why_it_refuses(sign_in, administrator, manager):
    page = saved(sign_in(administrator), "/settings/roles/manager/", may=["edit_campaigns"])

    assert page.status_code == 422
    assert "needs “See campaigns" in page.content.decode()
    assert may(manager, Capability.VIEW_METRICS)


def test_a_second_administrator_does_not_overwrite_unseen_changes(sign_in, administrator):
    client = sign_in(administrator)
    opened = form_of(client, "/settings/roles/manager/")
    change_role(Role.ANALYST, [], by=administrator)

    answer = client.post("/settings/roles/manager/", opened | {"may": []}, follow=True)

    assert "Somebody changed roles after you opened this page." in answer.content.decode()
    assert may_still(Role.MANAGER)


def may_still(role: str) -> bool:
    return role not in Organisation.objects.current().role_changes


def test_the_administrators_role_has_no_page_to_change_it(sign_in, administrator):
    client = sign_in(administrator)

    assert client.get("/settings/roles/administrator/").status_code == 404
    assert client.get("/settings/roles/nonsense/").status_code == 404


def test_every_capability_is_told_in_words(sign_in, administrator):
    page = sign_in(administrator).get("/settings/roles/").content.decode()

    assert set(IN_WORDS) == set(Capability)
    assert all(str(words) in page for words in IN_WORDS.values())


def test_colleagues_and_teams_are_listed_for_programs(sign_in, teammate, stranger, north):
    client = sign_in(teammate)

    everybody = client.get("/api/v1/users/").json()["results"]
    ours = client.get("/api/v1/users/", {"team": north.pk}).json()["results"]

    assert {one["email"] for one in everybody} >= {"tom@example.com", "stig@example.com"}
    assert [one["name"] for one in ours] == ["Tom"]
    assert north.name in [one["name"] for one in client.get("/api/v1/teams/").json()["results"]]
