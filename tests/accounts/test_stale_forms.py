"""Two people open one form: the second to save is told what the first wrote."""

from decimal import Decimal

import pytest

from clm.accounts import staff
from clm.accounts.house import change_organisation
from clm.accounts.models import AuditEntry, Organisation, Role, Sees, User
from clm.accounts.stale import Read, Stale
from tests.accounts.forms import form_of, saved


def test_a_user_changed_meanwhile_shows_both_values_and_is_overwritten_only_knowingly(
    sign_in, administrator, owner, north
):
    client, address = sign_in(administrator), f"/settings/users/{owner.pk}/"
    sent = form_of(client, address) | {"role": "marketer", "team": ""}
    saved(client, address, role="manager", name="Olga Owner")

    refused = client.post(address, sent)

    owner.refresh_from_db()
    assert (refused.status_code, owner.role, owner.name, owner.team) == (409, "manager", "Olga Owner", north)
    assert sorted(refused.context["conflicts"]) == [
        ("Name", "Olga Owner", sent["name"]),
        ("Role", "Manager", "Marketer"),
        ("Team", "North", ""),
    ]
    assert "Somebody changed this after you opened the form" in refused.content.decode()
    assert AuditEntry.objects.filter(action="user.access_changed").count() == 1
    again = sent | {"expected": refused.context["form"]["expected"].value()}
    assert client.post(address, again).status_code == 302
    owner.refresh_from_db()
    assert (owner.role, owner.team) == ("marketer", None)


def test_the_organisation_changed_meanwhile_is_told(sign_in, administrator):
    client, address = sign_in(administrator), "/settings/organisation/"
    sent = form_of(client, address) | {"margin": "0.5"}
    change_organisation(None, margin=Decimal("0.25"))

    refused = client.post(address, sent)

    assert (refused.status_code, Organisation.objects.current().margin) == (409, Decimal("0.25"))
    assert refused.context["conflicts"] == [("Default margin", "0.25", "0.5")]
    again = sent | {"expected": refused.context["form"]["expected"].value()}
    assert client.post(address, again).status_code == 302
    assert Organisation.objects.current().margin == Decimal("0.5")


def test_ones_own_name_given_by_another_meanwhile_is_told(sign_in, administrator, owner):
    client = sign_in(owner)
    sent = form_of(client, "/settings/profile/") | {"theme": "dark"}
    saved(sign_in(administrator), f"/settings/users/{owner.pk}/", name="Olga Owner")

    refused = client.post("/settings/profile/", sent)

    owner.refresh_from_db()
    assert (refused.status_code, owner.name, owner.theme) == (409, "Olga Owner", "system")


def test_a_form_that_does_not_say_what_it_read_overwrites_nothing(sign_in, administrator):
    client, address = sign_in(administrator), "/settings/organisation/"
    sent = form_of(client, address) | {"name": "Acme"}
    del sent["expected"]

    assert client.post(address, sent).status_code == 409
    assert Organisation.objects.current().name != "Acme"


def test_signing_in_meanwhile_is_no_change_of_the_user(sign_in, administrator, owner):
    client, address = sign_in(administrator), f"/settings/users/{owner.pk}/"
    sent = form_of(client, address) | {"role": "manager"}
    sign_in(owner).get("/")

    assert client.post(address, sent).status_code == 302


def test_what_was_read_is_asked_after_the_lock(administrator, owner):
    read = Read.of(owner, ("role", "sees"))
    User.objects.filter(pk=owner.pk).update(sees=Sees.ALL)  # owner still holds what was before

    with pytest.raises(Stale):
        staff.change(
            owner, name="Olga", role=Role.MANAGER, team=None, sees=Sees.OWN, is_active=True,
            by=administrator, read=read,
        )  # fmt: skip

    assert User.objects.get(pk=owner.pk).sees == Sees.ALL
