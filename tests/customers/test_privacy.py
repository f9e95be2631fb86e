"""A person asks what we keep of them, and then to be forgotten."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from campaigns.models import Message, Suppression
from campaigns.suppressing import suppress
from clm.accounts.jobs import drive
from clm.accounts.models import AuditEntry, IdempotentAnswer, Job, SavedView
from clm.base import clock, inventory
from customers import profiles, tasks_doing
from customers.importing import running
from customers.importing.bringing import bring
from customers.importing.setup import file_of
from customers.importing.starting import start, start_check, undo
from customers.importing.unpacking import forget
from customers.leads import pursuing
from customers.leads.opening import open_lead
from customers.merging.merge import CannotMerge, merge, unmerge
from customers.models import (
    Brought,
    Consent,
    Customer,
    Identity,
    Import,
    ImportProblem,
    Order,
    PersonExport,
    PurchaseSummary,
)
from customers.privacy import erasing, exporting
from customers.tickets.opening import open_ticket
from tests.api.conftest import api
from tests.campaigns.surveyed import answered
from tests.customers.imports import brought, imported
from tests.customers.workbooks import workbook
from tests.factories import ConsentFactory, CustomerFactory, EventFactory, RefundFactory, TouchFactory, bought
from tests.lifecycle.shop import stage_of, work_off

__all__ = ["api"]
pytestmark = pytest.mark.django_db
CANARIES = ("zyxkanari", "+4599887766", "99887766", "kanari-strasse")


@pytest.fixture(autouse=True)
def files_of_its_own(tmp_path: Path) -> Iterator[None]:
    """Other tests of the same process leave theirs."""
    with override_settings(MEDIA_ROOT=str(tmp_path)):
        yield


@pytest.fixture
def person(db: None, owner: Any, marketer: Any) -> Customer:
    """Whom many tables know: profile, history, import, lead, answer, merge, message, audit, job, saved view."""
    from campaigns.models import Survey
    from lifecycle.evaluation import evaluate_changed
    from lifecycle.presets import install

    install("swedish-six", by=None)
    given = {
        "name": "Zyxkanari Olsen",
        "email": "zyxkanari@example.com",
        "phone": "+4599887766",
        "country": "DK",
    }
    made = profiles.register(by=owner, values=given, source="shop", external_id="C-77")
    twin = profiles.register(by=owner, values={"name": "Z. Olsen", "email": "z.zyxkanari@example.com"})
    merge(twin, made, by=marketer, choices={"name": "loser"})
    made = profiles.change(
        made, by=owner, values={"name": "Zyxkanari Berg", "fields": {"street": "Kanari-strasse 7"}}
    )
    now = clock.now()
    bought(made, 40, 60, at=now - timedelta(days=5))
    RefundFactory(to=Order.objects.filter(customer=made).latest("pk"), reason="Zyxkanari was unhappy")
    EventFactory(customer=made, properties={"page": "/hello/zyxkanari"}, key="zyxkanari@example.com:1")
    ConsentFactory(customer=made, proof={"said": "Zyxkanari signed"})
    lead = open_lead(by=owner, person={"name": "Zyxkanari Olsen", "email": given["email"]},
                     values={"title": "Zyxkanari wants forty"}, note="Call Zyxkanari")  # fmt: skip
    pursuing.lose(lead, by=owner, reason="Zyxkanari said no")
    assert Survey.objects.main()
    answered(made, 9, at=now - timedelta(days=2), text="Greetings, Zyxkanari")
    Message.objects.create(kind="test", customer=made, original_customer=made, address=given["email"], dedupe_key="x",
                           message_id="x", expires_at=now, words="250 zyxkanari@example.com ok")  # fmt: skip
    suppress(given["email"], by=marketer, words="Zyxkanari rang")
    SavedView.objects.create(
        owner=marketer, page="customers", name="Her", query="q=zyxkanari+olsen", columns=[]
    )
    Job.objects.create(
        kind="segment-fill", title="Add %(name)s", parameters={"name": "Zyxkanari Olsen"}, status="done"
    )
    imported("order_id,customer_id,email,date,total,currency\nB1,C-77,zyxkanari@example.com,2026-01-05,10,EUR\n"
             "B2,C-77,zyxkanari@example.com,2026-01-06,ten,EUR\n")  # fmt: skip
    evaluate_changed()
    work_off()
    return Customer.objects.get(pk=made.pk)


def found_anywhere() -> dict[str, int]:
    """The canaries in every table, as a dump of the database would hold them, and in every file."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            tests = " OR ".join(["lower(t::text) LIKE %s"] * len(CANARIES))
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE {tests}', [f"%{each}%" for each in CANARIES]
            )
            found[table] = cursor.fetchone()[0]
    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        if path.is_file() and any(each in path.read_text(errors="ignore").lower() for each in CANARIES):
            found[path.name] = 1
    return {name: number for name, number in found.items() if number}


def numbers(customer: Customer) -> dict[str, Any]:
    from campaigns.models import Response
    from metrics.models import Purchase

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sum(net_reporting), min(occurred_at) FROM customers_order WHERE superseded_at IS NULL"
        )
        orders = cursor.fetchone()
    summary = PurchaseSummary.objects.values().get(customer=customer)
    return {"orders": orders, "summary": summary, "stage": stage_of(customer), "purchases": Purchase.objects.count(),
            "scores": list(Response.objects.live().values_list("score", flat=True)),
            "countries": list(Customer.objects.present().values_list("country", flat=True))}  # fmt: skip


def test_who_asks_to_be_forgotten_is_found_nowhere_and_no_number_changes(
    person, sign_in, administrator, django_capture_on_commit_callbacks
):
    before, client = numbers(person), sign_in(administrator)
    assert {"customers_customer", "customers_importproblem", "accounts_auditentry"} <= found_anywhere().keys()

    unsure = client.post(f"/customers/{person.pk}/erasure/")
    assert Job.objects.filter(kind=erasing.JOB_KIND).count() == 0
    client.post(f"/customers/{person.pk}/erasure/", {"sure": "yes"})
    with django_capture_on_commit_callbacks(execute=True):
        work_off()

    assert unsure.status_code == 302
    assert found_anywhere() == {}
    assert numbers(person) == before
    person.refresh_from_db()
    assert (str(person), person.country, person.erased_at is not None) == (f"#{person.pk}", "DK", True)
    told = AuditEntry.objects.filter(action="customer.erased").values_list("subject_label", "actor")
    assert set(told) >= {(f"#{person.pk}", administrator.pk)}
    page = client.get(f"/customers/{person.pk}/privacy/").content.decode()
    assert "was erased on" in page
    with pytest.raises(erasing.AlreadyErased):
        erasing.ask(person, by=administrator)


def test_who_is_brought_in_again_is_not_written_to(person, marketer):
    erasing.erase(person, by=None)

    again = profiles.register(by=None, values={"name": "Back", "email": "zyxkanari+news@example.com"})

    assert again.pk != person.pk
    (kept,) = Suppression.objects.barring([again.email])
    assert kept.reason == "erased"
    assert kept.address.startswith("sha256:")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM campaigns_suppression s WHERE s.address = 'sha256:' || encode(sha256(convert_to("
            "(SELECT salt FROM campaigns_sendingrules) || 'zyxkanari@example.com', 'UTF8')), 'hex'))"
        )
        assert cursor.fetchone() == (True,)


def test_names_in_cells_of_their_own_and_numbers_as_people_write_them_go_too(
    person, marketer, api, django_capture_on_commit_callbacks
):
    other = {"first_name": "Olsen", "last_name": "Miller", "email": "miller@"}
    rows = [
        ["1", "Zyxkanari", "Olsen", "", "x@"],
        ["2", "", "", "99 88 77 66", "y@"],
        ["3", *other.values(), ""],
    ]
    head = "id,first_name,last_name,phone,email\n"
    run = imported(head + "".join(",".join(row) + "\n" for row in rows), "customers", "fair")
    Import.objects.filter(pk=run.pk).update(file_name="Olsen, Zyxkanari.csv")
    imported("lead_id,email,title\nzyxkanari-1,zyxkanari@example.com,Zyxkanari asks\n", "leads", "fair")
    western = "id;name\n1;Ærø Sørensen\n2;Zyxkanari Olsen\n".encode("cp1252")
    for content in (
        western,
        "id,name\n1,Zyxkanari Olsen\n".encode("utf-16"),
        workbook({"One": [["id"], ["1"]], "Two": [["Zyxkanari", "Olsen"]]}),
    ):
        bring([content], file_name="file", kind="customers", source="fair", by=None)
    called, key = api(marketer), {"Idempotency-Key": "1"}
    called.post("/api/v1/interactions/", {"customer": person.pk, "kind": "note", "text": "Hers"}, headers=key)

    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(person, by=None)

    assert found_anywhere() == {}
    assert not any(Path(settings.MEDIA_ROOT).rglob("imports/*"))
    assert list(ImportProblem.objects.filter(run=run).values_list("raw", flat=True)) == [
        "",
        "",
        "\t".join(rows[2]),
    ]
    assert not IdempotentAnswer.objects.exists()
    assert not Brought.objects.exists()


def test_a_merge_of_somebody_erased_can_neither_be_made_nor_undone(person):
    from customers.models import CustomerMerge

    erasing.erase(person, by=None)

    with pytest.raises(CannotMerge):
        unmerge(CustomerMerge.objects.get(), by=None)
    with pytest.raises(CannotMerge):
        merge(CustomerFactory(), person, by=None)


def test_the_data_of_one_person_is_a_zip_with_every_table_for_a_day(person, sign_in, manager):
    client = sign_in(manager)

    client.post(f"/customers/{person.pk}/data/")
    work_off()
    made = PersonExport.objects.get()
    address = f"/customers/{person.pk}/data/{made.token}/"
    answer = client.get(address)

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    wanted = {table.model._meta.label_lower for table in inventory.tables() if not table.export.is_empty}
    assert {name.removesuffix(".json") for name in archive.namelist() if name.endswith(".json")} == wanted
    assert len(archive.namelist()) == 2 * len(wanted) + 1
    orders = json.loads(archive.read("customers.order.json"))
    assert {order["customer_id"] for order in orders} == {person.pk}
    assert b"zyxkanari@example.com" in archive.read("customers.identity.csv")
    assert AuditEntry.objects.filter(action="customer.data_fetched", actor=manager).count() == 1

    PersonExport.objects.update(created_at=clock.now() - timedelta(hours=25))
    gone = client.get(address, follow=True).content.decode()
    assert "not there any more" in gone
    assert exporting.forget_expired() == 1


def test_a_file_whose_import_is_being_undone_goes(marketer, django_capture_on_commit_callbacks):
    anna = profiles.register(by=marketer, values={"name": "Anna Berg"})
    stopped = brought("id,name\n1,Anna Berg\n", "customers", "fair")
    start(stopped, by=marketer).cancel()
    undo(Import.objects.get(pk=stopped.pk), by=marketer)

    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(anna, by=marketer)

    assert not any(Path(settings.MEDIA_ROOT).rglob("imports/*"))


def test_a_check_whose_file_goes_meanwhile_tells_nothing(marketer, monkeypatch: pytest.MonkeyPatch):
    run = brought("id,name,email\n1,Anna Berg,x@\n", "customers", "fair")
    checking, whole = start_check(run, by=marketer), running.check

    def overtaken(one: Import) -> running.Check:
        found = whole(one)
        forget(file_of(one))
        return found

    monkeypatch.setattr(running, "check", overtaken)
    drive(checking)

    checking.refresh_from_db()
    assert (checking.status, checking.result) == ("failed", {})


def test_a_name_that_begins_with_an_apostrophe_goes_from_cells_of_its_own(marketer):
    person = profiles.register(by=marketer, values={"first_name": "Gerard", "last_name": "'t Hooft"})
    run = imported("id,first_name,last_name,email\n1,Gerard,'t Hooft,x@\n", "customers", "fair")

    erasing.erase(person, by=marketer)

    assert ImportProblem.objects.get(run=run).raw == ""


def test_data_and_erasure_are_only_for_who_may(person, sign_in, owner, stranger, marketer):
    Customer.objects.filter(pk=person.pk).update(owner=owner)

    assert sign_in(stranger).get(f"/customers/{person.pk}/privacy/").status_code == 404
    assert sign_in(owner).post(f"/customers/{person.pk}/data/").status_code == 403
    assert sign_in(marketer).post(f"/customers/{person.pk}/erasure/", {"sure": "yes"}).status_code == 403
    assert Identity.objects.filter(customer=person).exists()
    assert not PersonExport.objects.exists()


def test_a_rep_writes_down_what_was_said_with_proof(sign_in, owner):
    customer = CustomerFactory(owner=owner)
    client, path = sign_in(owner), f"/customers/{customer.pk}/privacy/"

    refused = client.post(path, {"purpose": "marketing", "word": "given", "proof": " "})
    assert (refused.status_code, Consent.objects.count()) == (422, 0)
    client.post(
        path,
        {"purpose": "marketing", "word": "given", "proof": "Signed at the fair", "text_version": "2026-03"},
    )
    client.post(path, {"purpose": "marketing", "word": "withdrawn"})

    ledger = Consent.objects.order_by("pk").values_list("is_given", "text_version", "proof")
    assert list(ledger) == [(True, "2026-03", {"said": "Signed at the fair"}), (False, "", {})]
    page = client.get(path).content.decode()
    assert "Signed at the fair" in page
    assert "withdrawn" in page


def test_privacy_by_the_api(api, administrator, marketer, analyst, owner):
    customer = CustomerFactory(email="kim@example.com")
    root, said = f"/api/v1/customers/{customer.pk}", {"purpose": "marketing", "is_given": True}
    called = api(administrator)

    assert called.post(f"{root}/consents/", said).status_code == 400
    assert called.post(f"{root}/consents/", said | {"proof": "Call on Monday"}).status_code == 201
    assert called.get(f"{root}/consents/").json()["results"][0]["proof"] == {"said": "Call on Monday"}
    assert called.get(f"{root}/data/").status_code == 404
    assert called.post(f"{root}/data/").status_code == 202
    assert called.get(f"{root}/data/").status_code == 404
    work_off()
    file = called.get(f"{root}/data/")
    assert (file.status_code, file["Content-Type"]) == (200, "application/zip")
    assert b"Call on Monday" in zipfile.ZipFile(io.BytesIO(file.content)).read("customers.consent.json")
    assert api(analyst).get(f"{root}/data/").status_code == 200
    assert api(owner).get(f"{root}/data/").status_code == 403
    assert AuditEntry.objects.filter(action="customer.data_fetched").count() == 2
    PersonExport.objects.update(created_at=clock.now() - timedelta(days=2))
    assert called.get(f"{root}/data/").status_code == 404
    assert api(marketer).post(f"{root}/erasure/").status_code == 403
    assert called.post(f"{root}/erasure/").status_code == 202
    work_off()
    assert called.post(f"{root}/erasure/").status_code == 409
    customer.refresh_from_db()
    assert customer.email == ""


def test_what_is_open_of_an_erased_person_ends_and_nothing_new_begins(person, owner, api):
    lead = open_lead(by=owner, customer=person, values={"title": "More", "next_action": "Call"})
    planned = tasks_doing.plan(person, by=owner, values={"title": "Call"})
    ticket = open_ticket(person, by=owner, values={"subject": "Broken"})
    stage = stage_of(person)

    erasing.erase(person, by=owner)
    work_off()
    for one in (lead, planned, ticket):
        one.refresh_from_db()

    assert (lead.status, lead.next_action, planned.is_open, ticket.status) == ("lost", "", False, "closed")
    assert stage_of(person) == stage
    for path, body in (
        ("leads/", {"customer": person.pk, "title": "New"}),
        ("tasks/", {"customer": person.pk, "title": "New"}),
        ("tickets/", {"customer": person.pk, "subject": "New"}),
    ):
        assert api(owner).post(f"/api/v1/{path}", body).status_code == 400
    changed = api(owner).patch(f"/api/v1/customers/{person.pk}/", {"name": "Back"}, headers={"If-Match": "*"})
    assert changed.status_code == 400
    assert "erased already" in changed.text


def test_keys_of_an_erased_persons_own_rows_hold_no_single_name_either(person):
    other = EventFactory(key="berg-2")
    own = EventFactory(customer=person, key="Order-BERG-1"), EventFactory(customer=person, key="berg-1")
    touch = TouchFactory(customer=person, key="olsen-1", campaign="Hello Berg")

    erasing.erase(person, by=None)
    for one in (other, *own, touch):
        one.refresh_from_db()

    assert other.key == "berg-2"
    assert [one.key[:7] for one in (*own, touch)] == ["erased-"] * 3
    assert len({one.key for one in own}) == 2
    assert touch.campaign.startswith("erased-")
