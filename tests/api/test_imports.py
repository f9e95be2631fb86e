"""API: a file from its bytes to its undoing, by the verbs of the pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import MULTIPART_CONTENT

from clm.accounts.models import AuditEntry, Job, User
from customers.models import Customer, Import, ImportMapping, Order
from tests.customers.imports import HEADER, imported, undone, work

pytestmark = pytest.mark.django_db
FILE = "Order;Who;When;Total\nA1;C-1;31/12/2025;10,00\nA2;C-2;30/12/2025;oops\n"
COLUMNS = {"key": "Order", "customer": "2", "occurred_at": "When", "amount": "Total"}


def sent(client: Client, text: str = FILE, headers: Any = None, **fields: Any) -> Any:
    form = {"file": SimpleUploadedFile("shop.csv", text.encode()), **fields}
    return client.post("/api/v1/imports/", form, content_type=MULTIPART_CONTENT, headers=headers or {})


def test_a_file_is_brought_mapped_tried_taken_in_corrected_and_undone(
    api: Callable[..., Client], marketer: User
) -> None:
    client = api(marketer)

    brought = sent(client, kind="orders", source="shop")
    address = brought["Location"]
    early = client.post(f"{address}start/")
    wrong = client.patch(address, {"columns": {"colour": "Order", "amount": "Totla"}, "currency": "EURO"})
    unknown = client.patch(address, {"columns": {"amount": "Totla"}})
    decided = client.patch(address, {"columns": COLUMNS, "currency": "EUR"})

    assert (brought.status_code, brought.json()["headings"]) == (201, ["Order", "Who", "When", "Total"])
    assert (brought.json()["status"], brought.json()["file"]) == ("draft", "shop.csv")
    assert early.status_code == 409
    assert "names the customer" in early.json()["errors"][0]["detail"]
    assert (wrong.status_code, wrong.json()["errors"][0]["attr"]) == (400, "currency")
    assert unknown.json()["errors"][0]["attr"] == "columns.amount"
    assert "There is no column “Totla”" in unknown.json()["errors"][0]["detail"]
    assert decided.json()["columns"]["customer"] == "Who"
    assert decided.json()["missing"] == []

    tried = client.post(f"{address}check/")
    work(Job.objects.get(pk=tried.json()["job"]))
    check = client.get(address).json()["check"]
    assert tried.status_code == 202
    assert (check["counts"]["added"], check["rows"]) == (1, 2)
    assert [(one["line"], one["column"]) for one in check["problems"]] == [(3, "Total")]
    assert not Order.objects.exists()

    started = client.post(f"{address}start/")
    work(Job.objects.get(pk=started.json()["job"]))
    done = client.get(address).json()
    problems = client.get(f"{address}problems/")
    again = client.post(f"{address}start/")
    assert (done["status"], done["counts"]["added"], done["counts"]["problems"]) == ("done", 1, 1)
    assert Order.objects.live().get().key == "A1"
    assert "A2,C-2,30/12/2025,oops" in problems.getvalue().decode()
    assert problems["Content-Disposition"] == f'attachment; filename="import-{done["id"]}-problems.csv"'
    assert client.get(f"{address}problems/?format=pdf").status_code == 400
    assert again.status_code == 409
    assert client.delete(address).status_code == 409

    undone = client.post(f"{address}undo/")
    work(Job.objects.get(pk=undone.json()["job"]))
    assert client.get(address).json()["status"] == "undone"
    assert not Order.objects.live().exists()
    assert client.get("/api/v1/imports/").json()["results"][0]["id"] == done["id"]
    actions = AuditEntry.objects.filter(action__startswith="import.").values_list("action", "door")
    assert {("import.brought", "api"), ("import.started", "api"), ("import.undo_started", "api")} <= {
        *actions
    }


def test_the_customers_that_an_undone_file_left_are_removed(
    api: Callable[..., Client], marketer: User, analyst: User
) -> None:
    run = imported(HEADER + "A1,7,2026-01-05,10,EUR\nA2,8,2026-01-06,20,EUR\n")
    address = f"/api/v1/imports/{run.pk}/customers-removal/"
    early, none = api(marketer).post(address), api(marketer).get(address).json()
    undone(run)

    left, unseen = api(marketer).get(address).json(), api(analyst).get(address)
    refused = api(analyst).post(address)
    asked = api(marketer).post(address)
    work(Job.objects.get(pk=asked.json()["job"]))

    assert (early.status_code, refused.status_code, asked.status_code) == (409, 403, 202)
    assert (none, left) == ({"number": 0, "is_capped": False}, {"number": 2, "is_capped": False})
    assert unseen.status_code == 403
    told = api(marketer).get(f"/api/v1/imports/{run.pk}/").json()
    assert told["counts"]["customers_removed"] == 2
    assert not Customer.objects.exists()


def test_a_kept_mapping_says_all_about_the_next_file(api: Callable[..., Client], marketer: User) -> None:
    client = api(marketer)
    address = sent(client, kind="orders", source="shop")["Location"]
    client.patch(address, {"columns": COLUMNS, "currency": "EUR"})
    kept = client.post(
        "/api/v1/import-mappings/", {"run": Import.objects.get().pk, "name": "Web shop", "is_shared": True}
    )

    following = sent(client, mapping=kept.json()["id"])
    other = sent(client, mapping=kept.json()["id"], kind="events")
    foreign = sent(client, mapping=kept.json()["id"] + 1)

    assert (kept.status_code, kept.json()["columns"]) == (201, {**COLUMNS, "customer": "Who"})
    assert following.json()["missing"] == []
    assert (following.json()["source"], following.json()["columns"]["amount"]) == ("shop", "Total")
    assert [answer.json()["errors"][0]["attr"] for answer in (other, foreign)] == ["mapping", "mapping"]
    assert Import.objects.count() == 2
    assert client.delete(f"/api/v1/import-mappings/{kept.json()['id']}/").status_code == 204
    assert not ImportMapping.objects.exists()
    assert client.delete(following["Location"]).status_code == 204
    assert Import.objects.count() == 1


def test_files_that_cannot_be_used_and_callers_who_may_not(
    api: Callable[..., Client], marketer: User, analyst: User
) -> None:
    client, once = api(marketer), {"Idempotency-Key": "one"}

    empty = sent(client, "", kind="orders", source="shop")
    nameless = sent(client)
    typo = sent(client, kind="ordres", source="shop", colour="red")
    first, second = (sent(client, kind="orders", source="shop", headers=once) for _try in range(2))
    changed = sent(client, FILE + "A3;C-3;29/12/2025;1,00\n", kind="orders", source="shop", headers=once)

    assert (empty.status_code, empty.json()["errors"][0]["attr"]) == (400, "file")
    assert {error["attr"] for error in nameless.json()["errors"]} == {"kind", "source"}
    assert {error["attr"] for error in typo.json()["errors"]} == {"kind", "colour"}
    assert first.json()["id"] == second.json()["id"]
    assert changed.status_code == 422
    assert client.post("/api/v1/imports/", {"kind": "orders"}).status_code == 415
    assert sent(api(analyst), kind="orders", source="shop").status_code == 403
    assert sent(api(marketer, scope="read"), kind="orders", source="shop").status_code == 403
    assert Import.objects.count() == 1
