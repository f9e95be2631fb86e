import re

import pytest
from django.test import Client

from clm.accounts.forms import NewUserForm, TeamForm
from clm.accounts.models import ApiKey, AuditEntry, Role, SavedView, Team, User
from clm.accounts.models.api_key import Scope
from clm.accounts.staff import TeamInUse, dissolve
from customers.models import LeadPipeline
from tests.accounts.forms import form_of, saved
from tests.factories import CompanyFactory

NEW = {"name": "Nina", "email": "Nina@Example.com", "role": "rep", "sees": "own"}


def test_a_new_user_signs_in_with_the_password_shown_once(sign_in, administrator):
    page = sign_in(administrator).post("/settings/users/new/", NEW)

    password = re.search(r'id="temporary-password">([^<]+)<', page.content.decode())[1]
    assert Client().login(username="nina@example.com", password=password)
    entry = AuditEntry.objects.get(action="user.created")
    assert (entry.actor, entry.door, entry.details["role"]) == (administrator, "page", "rep")
    assert password not in str(entry.details)


def test_an_address_that_is_taken_is_an_error_at_its_field(sign_in, administrator, owner):
    page = sign_in(administrator).post("/settings/users/new/", NEW | {"email": owner.email.upper()})

    assert page.status_code == 422
    assert page.context["form"].errors == {"email": ["There is already a user with this e-mail."]}
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "a@b"),
        ("email", "a@b.com\nBcc: x@y.com"),
        ("name", "   "),
        ("name", "a\x00b"),
        ("role", "god"),
        ("name", "x" * 151),
    ],
)
def test_a_bad_value_names_its_field_and_makes_nobody(sign_in, administrator, field, value):
    page = sign_in(administrator).post("/settings/users/new/", NEW | {field: value})

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert User.objects.count() == 1


def test_a_change_of_role_holds_from_the_next_request_on(sign_in, administrator, owner):
    client = sign_in(owner)
    assert client.get("/settings/users/").status_code == 403

    access = {"name": "Olga", "role": "administrator", "team": "", "sees": "all", "is_active": "on"}
    saved(sign_in(administrator), f"/settings/users/{owner.pk}/", **access)

    assert client.get("/settings/users/").status_code == 200
    entry = AuditEntry.objects.get(action="user.access_changed")
    assert entry.details["changes"]["role"] == ["rep", "administrator"]


def test_who_may_no_longer_sign_in_is_out_at_once_with_every_key(sign_in, administrator, owner):
    client = sign_in(owner)
    _key, text = ApiKey.objects.issue(name="Shop", scope=Scope.READ, owner=owner, by=administrator)
    bearer = {"Authorization": f"Bearer {text}"}
    assert Client().get("/api/v1/me/", headers=bearer).status_code == 200

    admin, address = sign_in(administrator), f"/settings/users/{owner.pk}/"
    sent = form_of(admin, address)
    del sent["is_active"]
    admin.post(address, sent)

    assert client.get("/").status_code == 302
    assert Client().get("/api/v1/me/", headers=bearer).status_code == 401


@pytest.mark.parametrize("change", [{"role": "rep", "is_active": "on"}, {"role": "administrator"}])
def test_the_last_administrator_stays(sign_in, administrator, change):
    admin, address = sign_in(administrator), f"/settings/users/{administrator.pk}/"
    expected = form_of(admin, address)["expected"]
    page = admin.post(address, {"name": "Anna", "sees": "all", "expected": expected, **change})

    assert page.status_code == 422
    assert "last administrator" in page.content.decode()
    administrator.refresh_from_db()
    assert (administrator.role, administrator.is_active) == (Role.ADMINISTRATOR, True)


def test_a_reset_password_ends_the_sessions_of_its_user(sign_in, administrator, owner):
    client = sign_in(owner)

    page = sign_in(administrator).post(f"/settings/users/{owner.pk}/password/")

    password = re.search(r'id="temporary-password">([^<]+)<', page.content.decode())[1]
    assert client.get("/settings/profile/").status_code == 302
    assert Client().login(username=owner.email, password=password)


def test_a_user_who_is_not_there_is_not_found(sign_in, administrator):
    assert sign_in(administrator).get("/settings/users/999999/").status_code == 404
    assert sign_in(administrator).get("/settings/users/99999999999999999999999/").status_code == 404


def test_a_team_with_members_is_not_dissolved(sign_in, administrator, owner, north):
    page = sign_in(administrator).post(f"/settings/teams/{north.pk}/dissolution/", follow=True)

    assert "still belongs to this team" in page.content.decode()
    assert Team.objects.filter(pk=north.pk).exists()


def test_a_team_whose_steps_and_companies_are_its_own_is_not_dissolved(administrator, north):
    for owned in (lambda: LeadPipeline.objects.create(team=north), lambda: CompanyFactory(team=north)):
        mine = owned()
        with pytest.raises(TeamInUse):
            dissolve(north, by=administrator)
        mine.delete()

    dissolve(north, by=administrator)


def test_a_view_shared_with_a_dissolved_team_is_its_owner_s_alone(administrator, marketer, north):
    view = SavedView.objects.create(owner=marketer, page="customers", name="Danes", team=north)

    dissolve(north, by=administrator)

    view.refresh_from_db()
    assert (view.team, view.is_shared) == (None, False)


def test_an_empty_team_is_founded_renamed_and_dissolved(sign_in, administrator):
    client = sign_in(administrator)

    client.post("/settings/teams/", {"name": "West"})
    team = Team.objects.get(name="West")
    client.post(f"/settings/teams/{team.pk}/", {"name": "East"})
    client.post(f"/settings/teams/{team.pk}/dissolution/")

    assert not Team.objects.exists()
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["team.created", "team.renamed", "team.dissolved"]


def test_two_teams_do_not_share_a_name_but_for_case(sign_in, administrator, north):
    page = sign_in(administrator).post("/settings/teams/", {"name": "NORTH"})

    assert page.context["form"].errors == {"name": ["There is already a team with this name."]}
    assert Team.objects.count() == 1


def test_ones_own_look_is_ones_own(sign_in, owner):
    client = sign_in(owner)

    look = {"name": "Olga O.", "language": "da", "theme": "dark", "role": "administrator"}
    saved(client, "/settings/profile/", **look)

    owner.refresh_from_db()
    assert (owner.name, owner.language, owner.theme, owner.role) == ("Olga O.", "da", "dark", Role.REP)


def test_a_double_click_on_a_new_user_is_an_error_at_its_field(sign_in, administrator, owner, monkeypatch):
    monkeypatch.setattr(NewUserForm, "clean_email", lambda form: owner.email)

    page = sign_in(administrator).post("/settings/users/new/", NEW)

    assert page.status_code == 422
    assert page.context["form"].errors == {"email": ["There is already a user with this e-mail."]}
    assert User.objects.count() == 2


def test_a_namesake_of_a_team_that_came_meanwhile_is_an_error_at_its_field(
    sign_in, administrator, north, south, monkeypatch
):
    monkeypatch.setattr(TeamForm, "clean_name", lambda form: form.cleaned_data["name"])
    client = sign_in(administrator)

    new = client.post("/settings/teams/", {"name": "North"})
    renamed = client.post(f"/settings/teams/{south.pk}/", {"name": "North"})

    for page in (new, renamed):
        assert page.status_code == 422
        assert page.context["form"].errors == {"name": ["There is already a team with this name."]}
    assert list(Team.objects.values_list("name", flat=True)) == ["North", "South"]
    assert not AuditEntry.objects.exists()
