"""The company's own fields: defined once, then held to by every door."""

from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from clm.accounts.models import AuditEntry
from customers import profiles
from customers.api import custom_fields
from customers.custom_fields import defining
from customers.custom_fields.kinds import DoesNotFit, stored
from customers.intake.taking import take_in
from customers.models import Customer, CustomField, Identity, ProfileChange
from tests.customers.imports import imported
from tests.customers.own_fields import fields
from tests.factories import CustomerFactory

__all__ = ["fields"]
pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Copenhagen")


@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        ("tier", "GOLD", "gold"),
        ("topics", "cake; tea", ["tea", "cake"]),
        ("topics", ["cake"], ["cake"]),
        ("machines", "12,5", 12.5),
        ("machines", " 7.0 ", 7),
        ("birthday", "1990-02-28", "1990-02-28"),
        ("vip", "Nej", False),
        ("note", 7, "7"),
        ("note", "  ", None),
    ],
)
def test_values_are_kept_as_their_kind(fields, key, given, kept):
    assert stored(fields[key], given) == kept


@pytest.mark.parametrize(
    ("key", "given", "cure"),
    [
        ("tier", "bronze", "use one of: silver, gold"),
        ("topics", "tea, milk", "use one of: tea, coffee, cake"),
        ("machines", "many", "write it as 12.5"),
        ("machines", "1,234", "without thousands separators"),
        ("machines", "1e30", "use up to 15 digits"),
        ("machines", True, "write it as 12.5"),
        ("birthday", "28/2/1990", "write it as 2026-06-30"),
        ("birthday", "1990-02-28 x", "write it as 2026-06-30"),
        ("vip", "maybe", "write true or false"),
        ("note", "x" * 1001, "at most 1,000"),
    ],
)
def test_what_does_not_fit_is_told_with_its_cure(fields, key, given, cure):
    with pytest.raises(DoesNotFit, match=cure):
        stored(fields[key], given)


def test_the_form_asks_for_them_by_name_and_keeps_what_it_does_not_show(sign_in, marketer, fields):
    customer = CustomerFactory(name="Ada", fields={"plan": "pro", "tier": "silver"})
    defining.archive(fields["note"], by=marketer)
    client = sign_in(marketer)
    form = client.get(f"/customers/{customer.pk}/edit/").context["form"]
    assert [field.label for field in form.own_fields] == ["Tier", "Topics", "Machines", "Birthday", "Vip"]
    sent = {name: form.initial.get(name) or "" for name in form.fields}
    sent |= {"fields_text": "plan: basic", "token": ""}
    own = {key: f"own-{one.pk}" for key, one in fields.items()}

    wrong = client.post(f"/customers/{customer.pk}/edit/", sent | {own["machines"]: "many"})
    right = client.post(
        f"/customers/{customer.pk}/edit/",
        sent
        | {own["machines"]: "3", own["topics"]: ["cake", "tea"], own["vip"]: "false", own["tier"]: "gold"},
    )

    assert (wrong.status_code, right.status_code) == (422, 302), right.content
    assert "Machines: “many” is not a number; write it as 12.5." in wrong.content.decode()
    customer.refresh_from_db()
    assert customer.fields == {
        "plan": "basic",
        "tier": "gold",
        "topics": ["tea", "cake"],
        "machines": 3,
        "vip": False,
    }
    assert ProfileChange.objects.get(customer=customer, field="fields.topics").value == ["tea", "cake"]
    page = client.get(f"/customers/{customer.pk}/").content.decode()
    assert "tea, cake" in page
    assert "Define this field" not in page


def test_files_and_batches_lack_nothing_that_is_required(administrator, fields):
    for key in ("tier", "vip"):
        defining.change(fields[key], by=administrator, values={"is_required": True})
    old = CustomerFactory(email="old@example.com", fields={"tier": "gold"})
    Identity.objects.create(customer=old, original_customer=old, kind="email", value=old.email)

    run = imported(
        "id,email,tier,vip\n1,a@example.com,gold,yes\n2,b@example.com,,yes\n3,c@example.com,,\n,old@example.com,,no\n"
        "2,b@example.com,silver,no\n",
        "customers",
        mapping={"customer": 0, "email": 1, "fields.tier": 2, "fields.vip": 3},
    )
    rows = [{"customer": "9", "fields": {"tier": "gold"}}, {"email": old.email, "fields": {"tier": None}}]
    taken = take_in("customers", list(enumerate(rows)), source="file")

    told = [(problem.line, problem.column, problem.reason) for problem in run.problems.all()]
    assert told == [
        (3, "tier", "Tier: this field is required; give it a value."),
        (
            4,
            "tier",
            "Tier: this field is required; give it a value. Vip: this field is required; give it a value.",
        ),
    ]
    assert {one.email: one.fields for one in Customer.objects.all()} == {
        "a@example.com": {"tier": "gold", "vip": True},
        "b@example.com": {"tier": "silver", "vip": False},
        "old@example.com": {"tier": "gold", "vip": False},
    }
    assert [(one.row, one.field) for one in taken.problems] == [(0, "fields.vip"), (1, "fields.tier")]


def test_the_schema_names_own_fields_to_whom_may_use_them(sign_in, owner, administrator, fields):
    defining.change(fields["note"], by=administrator, values={"is_sensitive": True})

    seen, hidden = (
        {
            one["name"]: one["schema"]
            for one in client.get("/api/v1/schema/").json()["paths"]["/api/v1/customers/"]["get"][
                "parameters"
            ]
        }
        for client in (sign_in(administrator), sign_in(owner))
    )

    assert {"fields.tier", "fields.machines_min", "fields.note"} <= seen.keys()
    assert seen.keys() - hidden.keys() == {"fields.note"}
    orders = [set(one["ordering"]["enum"]) for one in (seen, hidden)]
    assert {"-fields.tier", "fields.machines"} <= orders[1]
    assert orders[0] - orders[1] == {"fields.note", "-fields.note"}


def test_what_is_required_may_not_be_left_out_or_taken_away(marketer, administrator, fields):
    defining.change(fields["tier"], by=administrator, values={"is_required": True})
    old = CustomerFactory(fields={})
    made = profiles.register(by=marketer, values={"name": "Ada", "fields": {"tier": "gold"}})

    for values in ({"name": "Bob", "fields": {}}, {"name": "Bob", "fields": {"tier": " "}}):
        with pytest.raises(ValidationError, match="required"):
            profiles.register(by=marketer, values=values)
    with pytest.raises(ValidationError, match="required"):
        profiles.change(made, by=marketer, values={"fields": {}})
    profiles.change(old, by=marketer, values={"fields": {"note": "x"}})

    assert Customer.objects.count() == 2


def test_reps_neither_meet_nor_lose_what_is_hidden_from_them(
    sign_in, api_of, administrator, owner, marketer, fields
):
    defining.change(fields["note"], by=administrator, values={"is_sensitive": True})
    customer = profiles.register(
        by=marketer, values={"name": "Ada", "owner": owner, "fields": {"note": "owes us", "tier": "gold"}}
    )
    profiles.change(customer, by=marketer, values={"fields": {"note": "owes us much", "tier": "gold"}})
    rep, rest = sign_in(owner), api_of(owner)

    pages = [
        rep.get(address, headers={"HX-Request": "true"}).content.decode()
        for address in (
            f"/customers/{customer.pk}/",
            f"/customers/{customer.pk}/timeline/",
            f"/customers/{customer.pk}/edit/",
            "/customers/?cols=fields.note&cols=fields.tier",
            "/customers/filters/",
            f"/api/v1/customers/{customer.pk}/",
            "/api/v1/custom-fields/",
        )
    ]
    told = rest.get(f"/api/v1/customers/{customer.pk}/")
    refused = rest.get("/api/v1/customers/?fields.note=owes")
    asked = rep.get(
        "/customers/",
        {"conditions": '{"condition":"field","parameters":{"field":"fields.note","operator":"is_set"}}'},
    )
    rest.patch(
        f"/api/v1/customers/{customer.pk}/",
        {"fields": {"tier": "silver", "note": "x"}},
        headers={"If-Match": "*"},
    )

    assert not [page for page in pages if "owes us" in page]
    assert "gold" in pages[3]
    assert told.json()["fields"] == {"tier": "gold"}
    assert refused.status_code == 400
    assert "is not for you to ask" in asked.content.decode()
    assert Customer.objects.get(pk=customer.pk).fields == {"tier": "silver", "note": "owes us much"}
    assert "owes us much" in sign_in(marketer).get(f"/customers/{customer.pk}/").content.decode()


@pytest.fixture
def api_of():
    from django.test import Client

    def called(user):
        client = Client()
        client.force_login(user)
        patch = client.patch
        client.patch = lambda path, data, **more: patch(path, data, content_type="application/json", **more)
        return client

    return called


def test_rows_of_a_file_are_refused_by_row_field_and_cure(fields):
    taken = take_in(
        "customers",
        [
            (1, {"customer": "1", "fields.tier": "Gold", "fields.topics": "tea|cake"}),
            (2, {"customer": "2", "fields.machines": "many"}),
        ],
        source="shop",
    )

    assert [(one.row, one.field, one.reason) for one in taken.problems] == [
        (2, "fields.machines", "Machines: “many” is not a number; write it as 12.5.")
    ]
    assert Customer.objects.get().fields == {"tier": "gold", "topics": ["tea", "cake"]}


def test_an_administrator_defines_changes_and_archives_a_field(sign_in, administrator, marketer):
    CustomerFactory(fields={"tier": "gold"})
    client = sign_in(administrator)
    list_page = client.get("/settings/fields/").content.decode()
    empty = client.post("/settings/fields/new/", {"kind": "choice", "label_en": "Tier", "key": "tier"})
    sent = {
        "kind": "choice",
        "label_en": "Tier",
        "label_da": "Niveau",
        "key": "tier",
        "choices": "gold\nGold\nsilver\n",
    }

    made = client.post("/settings/fields/new/", sent)
    twice = client.post("/settings/fields/new/", sent)
    one = CustomField.objects.get()
    changed = client.post(
        f"/settings/fields/{one.pk}/",
        {"label_en": "Level", "choices": "gold", "is_required": "on", "read": one.changed_at.isoformat()},
    )
    stale = client.post(
        f"/settings/fields/{one.pk}/",
        {"label_en": "Old", "choices": "gold", "read": one.changed_at.isoformat()},
        follow=True,
    )
    client.post(f"/settings/fields/{one.pk}/archiving/")

    assert "/settings/fields/new/?key=tier" in list_page
    assert "Give the choices, one a line." in empty.content.decode()
    assert (made.status_code, twice.status_code, changed.status_code) == (302, 422, 302)
    assert "was changed meanwhile" in stale.content.decode()
    one.refresh_from_db()
    assert (one.labels, one.choices, one.is_required) == ({"en": "Level"}, ["gold"], True)
    assert one.archived_at
    assert Customer.objects.get().fields == {"tier": "gold"}
    assert list(
        AuditEntry.objects.filter(action__startswith="field.").order_by("pk").values_list("action", flat=True)
    ) == [
        "field.defined",
        "field.changed",
        "field.archived",
    ]
    assert sign_in(marketer).get("/settings/fields/").status_code == 403


def test_fields_are_defined_and_filled_through_the_api(sign_in, administrator):
    client = sign_in(administrator)
    json = {"content_type": "application/json"}
    made = client.post(
        "/api/v1/custom-fields/",
        {"kind": "choices", "labels": {"en": "Topics"}, "choices": ["tea", "cake"]},
        **json,
    )
    filled = client.post("/api/v1/customers/", {"name": "Ada", "fields": {"topics": ["cake", "tea"]}}, **json)
    wrong = client.post("/api/v1/customers/", {"name": "Bob", "fields": {"topics": ["milk"]}}, **json)
    archived = client.patch(
        made.headers["Location"], {"is_archived": True}, headers={"If-Match": made.headers["ETag"]}, **json
    )
    stale = client.patch(
        made.headers["Location"], {"is_required": True}, headers={"If-Match": made.headers["ETag"]}, **json
    )

    assert (made.status_code, made.json()["key"]) == (201, "topics")
    assert filled.json()["fields"] == {"topics": ["tea", "cake"]}
    assert (wrong.status_code, wrong.json()["errors"][0]["attr"]) == (400, "fields.topics")
    assert (archived.status_code, stale.status_code) == (200, 412)
    assert archived.json()["archived_at"]
    assert Customer.objects.count() == 1


def test_a_change_of_a_field_that_somebody_overtook_is_refused(sign_in, administrator, monkeypatch):
    field = defining.define(by=administrator, kind="text", labels={"en": "Tier"})
    client, json, read = sign_in(administrator), {"content_type": "application/json"}, custom_fields._read
    address = f"/api/v1/custom-fields/{field.key}/"
    version = client.get(address).headers["ETag"]

    def overtaken(*asked):
        defining.change(field, by=administrator, values={"is_required": True})
        return read(*asked)

    monkeypatch.setattr(custom_fields, "_read", overtaken)
    changes = {"labels": {"en": "Level"}, "is_archived": True}
    stale = client.patch(address, changes, headers={"If-Match": version}, **json)

    assert (stale.status_code, stale.json()["current"]["labels"]) == (412, {"en": "Tier"})
    assert CustomField.objects.get().archived_at is None


def test_several_choices_come_as_a_list_in_a_batch_too(fields):
    take_in("customers", [(1, {"customer": "1", "fields": {"topics": ["cake", "tea"]}})], source="shop")

    assert Customer.objects.get().fields == {"topics": ["tea", "cake"]}
