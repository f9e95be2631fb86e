"""A code from the phone besides the password: for who wants it, and for administrators who must."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from clm.accounts.house import change_organisation
from clm.accounts.models import ApiKey, AuditEntry, User
from clm.accounts.models.api_key import Scope
from clm.base import clock
from tests.accounts.codes import code_of
from tests.fixtures.people import PASSWORD

LOGIN, CODE, APP = "/account/login/", "/account/two-factor/code/", "/account/two-factor/app/"
CODES = "/account/two-factor/recovery-codes/"


@pytest.fixture(autouse=True)
def no_codes_remembered():
    cache.clear()


def set_up(client: Client) -> str:
    """Answers the key that the phone now has."""
    page = client.get(APP).content.decode()
    secret = re.search(r'id="two-factor-key"[^>]*>([A-Z2-7]+)<', page)[1]
    answer = client.post(APP, {"code": code_of(secret)})
    assert (answer.status_code, answer.headers["Location"]) == (302, CODES)
    return secret


def by_password(user: User) -> Client:
    client = Client()
    assert client.post(LOGIN, {"login": user.email, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/settings/profile/").status_code == 200


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_the_password_alone_no_longer_signs_in(sign_in, owner):
    secret = set_up(sign_in(owner))
    client = by_password(owner)
    assert not is_in(client)
    assert client.get(CODE).status_code == 200

    wrong = client.post(CODE, {"code": "000000" if code_of(secret) != "000000" else "000001"})
    assert (wrong.status_code, is_in(client)) == (200, False)
    assert "This code is wrong or was used before" in wrong.content.decode()
    client.post(CODE, {"code": code_of(secret)})

    assert is_in(client)
    assert actions() == ["user.two_factor_set_up"]
    assert AuditEntry.objects.get().actor == owner


def test_a_code_works_once_also_when_it_would_still_live(sign_in, owner):
    secret = set_up(sign_in(owner))
    code = code_of(secret)
    by_password(owner).post(CODE, {"code": code})

    second = by_password(owner)
    cache.delete(
        f"allauth.mfa.totp.used?user={owner.pk}&code={code}"
    )  # allauth forgets it after half a minute
    second.post(CODE, {"code": code})

    assert not is_in(second)
    second.post(CODE, {"code": code_of(secret, 2)})
    assert is_in(second)


def test_a_recovery_code_signs_in_once(sign_in, owner):
    client = sign_in(owner)
    set_up(client)
    code = re.findall(r"<code>(\d{8})</code>", client.get(CODES).content.decode())[0]
    assert client.get(f"{CODES}file/").content.decode().split()[0] == code

    first, second = by_password(owner), by_password(owner)
    first.post(CODE, {"code": code})
    cache.clear()
    second.post(CODE, {"code": code})

    assert (is_in(first), is_in(second)) == (True, False)
    assert actions() == ["user.two_factor_set_up", "user.recovery_code_used"]


def test_guessing_codes_is_limited(sign_in, owner):
    secret = set_up(sign_in(owner))
    client = by_password(owner)
    for number in range(10):
        client.post(CODE, {"code": f"99999{number}"})

    answer = client.post(CODE, {"code": code_of(secret)})

    assert "Too many" in answer.content.decode()
    assert not is_in(client)


def test_the_key_is_not_readable_in_the_database(sign_in, owner):
    secret = set_up(sign_in(owner))

    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_another_secret_key_lets_no_code_through_and_breaks_nothing(sign_in, owner, settings):
    secret = set_up(sign_in(owner))
    settings.SECRET_KEY = "another"
    client = by_password(owner)

    assert client.post(CODE, {"code": code_of(secret)}).status_code == 200
    assert not is_in(client)


def test_an_administrator_who_must_is_led_to_the_set_up_and_nowhere_else(sign_in, administrator, manager):
    change_organisation(None, administrators_need_two_factor=True)
    client = sign_in(administrator)

    for path in ("/", "/customers/", "/settings/users/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, APP), path
    assert client.get("/api/v1/customers/").status_code == 403
    assert "Administrators of this organisation need" in client.get(APP).content.decode()
    assert sign_in(manager).get("/customers/").status_code == 200

    set_up(client)
    assert client.get("/customers/").status_code == 200
    assert client.get("/api/v1/customers/").status_code == 200
    kept = client.post(f"{APP}removal/")
    assert "Administrators of this organisation need two-factor sign-in." in kept.content.decode()
    assert Authenticator.objects.filter(type="totp").exists()


def test_programs_of_an_administrator_go_on(administrator):
    _key, text = ApiKey.objects.issue(name="Shop", scope=Scope.READ, owner=administrator, by=administrator)
    change_organisation(None, administrators_need_two_factor=True)

    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"}).status_code == 200


def test_who_wants_it_no_longer_switches_it_off(sign_in, owner):
    client = sign_in(owner)
    set_up(client)

    client.post(f"{APP}removal/")

    assert not Authenticator.objects.exists()
    assert actions() == ["user.two_factor_set_up", "user.two_factor_switched_off"]
    assert is_in(by_password(owner))


def test_new_recovery_codes_replace_the_old(sign_in, owner):
    client = sign_in(owner)
    set_up(client)
    old = client.get(CODES).context["unused_codes"]

    client.post(f"{CODES}new/")

    new = client.get(CODES).context["unused_codes"]
    assert (len(new), set(new) & set(old)) == (10, set())
    assert actions()[-1] == "user.recovery_codes_made"


def test_who_signed_in_long_ago_gives_the_password_again(sign_in, owner):
    client = sign_in(owner)

    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        answer = client.get(APP)

    assert answer.headers["Location"].startswith("/account/reauthenticate/")


def test_an_administrator_helps_who_lost_the_phone(sign_in, administrator, owner):
    set_up(sign_in(owner))
    client, address = sign_in(administrator), f"/settings/users/{owner.pk}/"
    assert "Two-factor" in client.get("/settings/users/").content.decode()
    assert "two-factor/removal" in client.get(address).content.decode()

    client.post(f"{address}two-factor/removal/")

    assert is_in(by_password(owner))
    assert "two-factor/removal" not in client.get(address).content.decode()
    entry = AuditEntry.objects.get(action="user.two_factor_removed")
    assert (entry.actor, entry.subject_id) == (administrator, owner.pk)


@pytest.mark.parametrize(
    ("path", "action"),
    [("two-factor/removal/", "user.two_factor_removed"), ("password/", "user.password_reset")],
)
def test_an_administrator_who_signed_in_long_ago_confirms_before_opening_others_accounts(
    administrator, owner, sign_in, path, action
):
    set_up(sign_in(owner))
    client, address = by_password(administrator), f"/settings/users/{owner.pk}/{path}"

    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        led = client.post(address).headers["Location"]
        wrong = client.post(led, {"password": "a guess"})
        owner.refresh_from_db()
        before = (
            actions(),
            owner.check_password(PASSWORD),
            Authenticator.objects.filter(type="totp").count(),
        )
        client.post(led, {"password": PASSWORD})

    assert led == f"/account/reauthenticate/?next={quote(address, safe='')}"
    assert wrong.context["form"].errors
    assert before == (["user.two_factor_set_up"], True, 1)
    assert actions() == ["user.two_factor_set_up", action]
    assert AuditEntry.objects.get(action=action).actor == administrator


NEW = {"name": "Nina", "email": "nina@example.com", "role": "administrator", "sees": "own"}
ACCESS = {"name": "Olga", "role": "administrator", "team": "", "sees": "all", "is_active": "on"}


@pytest.mark.parametrize(
    ("address", "sent", "action"),
    [
        ("/settings/users/new/", NEW, "user.created"),
        ("/settings/api-keys/", {"name": "Shop", "scope": "write"}, "api_key.issued"),
        ("/settings/users/{owner}/", ACCESS, "user.access_changed"),
    ],
)
def test_new_ways_into_the_house_are_confirmed_too(administrator, owner, address, sent, action):
    client, address = by_password(administrator), address.format(owner=owner.pk)
    shown = client.get(address).context["form"]
    sent = {
        "owner": owner.pk,
        "expected": shown["expected"].value() if "expected" in shown.fields else "",
    } | sent

    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        refused = client.post(address, sent | {"name": ""})
        led = client.post(address, sent).headers["Location"]
        before = actions()
        done = client.post(led, {"password": PASSWORD})

    assert refused.context["form"].errors.keys() == {"name"}  # what is wrong is told first
    assert led == f"/account/reauthenticate/?next={quote(address, safe='')}"
    assert before == []
    assert done.status_code == (302 if sent["name"] == "Olga" else 200)
    assert actions()[0] == action


def test_what_opens_nothing_is_not_asked_about(administrator, owner):
    client, address = by_password(administrator), f"/settings/users/{owner.pk}/"

    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        shown = client.get(address).context["form"]
        answer = client.post(address, ACCESS | {"role": "manager", "expected": shown["expected"].value()})

    assert answer.headers["Location"] == "/settings/users/"
    assert actions() == ["user.access_changed"]


def test_an_administrator_switches_the_own_off_only_where_that_is_confirmed(sign_in, administrator):
    client = sign_in(administrator)
    set_up(client)

    answer = client.post(f"/settings/users/{administrator.pk}/two-factor/removal/")

    assert answer.headers["Location"] == f"{APP}removal/"
    assert Authenticator.objects.filter(type="totp").exists()
    assert actions() == ["user.two_factor_set_up"]


def test_the_command_helps_the_last_administrator(sign_in, administrator, capsys):
    set_up(sign_in(administrator))

    call_command("remove_two_factor", "Anna@Example.com")
    call_command("remove_two_factor", "anna@example.com")

    assert capsys.readouterr().out == "anna@example.com: removed\nanna@example.com: there was none\n"
    assert AuditEntry.objects.filter(action="user.two_factor_removed").count() == 1
