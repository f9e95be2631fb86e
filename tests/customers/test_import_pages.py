"""From a file in the browser to facts, and back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import get_language, override

from clm.accounts.jobs import drive
from clm.accounts.models import Organisation, User
from customers.importing import bringing, problems
from customers.models import Import, ImportMapping, Order
from tests.api.conftest import api

__all__ = ["api"]

SignIn = Callable[[User], Client]
ORDERS = b"order_id,customer_id,email,date,total\nA1,7,ann@example.com,2026-01-05,12.50\nA2,8,bo@example.com,2026-01-06,7\n"


def bring(client: Client, content: bytes = ORDERS, kind: str = "orders", name: str = "orders.csv") -> Import:
    file = SimpleUploadedFile(name, content)
    answer = client.post(reverse("import-new"), {"kind": kind, "source": "shop", "file": file})
    assert answer.status_code == 302, answer.context["form"].errors
    return Import.objects.latest("pk")


def decide(client: Client, run: Import, then: str, **changes: str) -> None:
    page = client.get(reverse("import", args=[run.pk]))
    form = page.context["decisions"]
    data = {field.name: field.value() or "" for field in form} | {"currency": "EUR", "then": then} | changes
    answer = client.post(reverse("import-mapping", args=[run.pk]), data)
    assert answer.status_code == 302, answer.context["decisions"].errors
    run.refresh_from_db()


def work(run: Import) -> None:
    assert run.job is not None
    assert drive(run.job) is False
    run.refresh_from_db()


def test_a_file_is_read_mapped_checked_and_taken_in(sign_in: SignIn, marketer: User) -> None:
    client = sign_in(marketer)

    run = bring(client)
    page = client.get(reverse("import", args=[run.pk]))
    decide(client, run, "check")
    work(run)
    checked = client.get(reverse("import", args=[run.pk]))
    started = client.post(reverse("import-start", args=[run.pk]), follow=True)
    run.refresh_from_db()
    work(run)
    result = client.get(reverse("import", args=[run.pk]))

    assert run.mapping == {"key": 0, "customer": 1, "email": 2, "occurred_at": 3, "amount": 4}
    assert "ann@example.com" in page.content.decode()
    assert checked.context["page"].checked["counts"]["added"] == 2
    assert "Import now" in checked.content.decode()
    assert "hx-get" in started.content.decode()
    assert run.counts["added"] == 2
    assert run.counts["customers_added"] == 2
    assert "Undo this import" in result.content.decode()
    assert Order.objects.live().count() == 2


def test_the_check_writes_nothing(sign_in: SignIn, marketer: User) -> None:
    client = sign_in(marketer)
    run = bring(client)

    decide(client, run, "check")
    work(run)

    assert Order.objects.count() == 0


def test_an_import_is_undone_from_its_page(sign_in: SignIn, marketer: User) -> None:
    client = sign_in(marketer)
    run = bring(client)
    decide(client, run, "start")
    work(run)

    client.post(reverse("import-undo", args=[run.pk]))
    run.refresh_from_db()
    work(run)

    assert run.status == "undone"
    assert Order.objects.live().count() == 0
    assert client.get(reverse("imports")).content.decode().count("Undone") == 1


def test_problems_are_listed_and_downloaded_without_formulas(sign_in: SignIn, marketer: User) -> None:
    client = sign_in(marketer)
    run = bring(
        client, b"order_id,customer_id,date,total\nA1,7,2026-01-05,12.50\n=cmd(),8,2026-01-06,seven\n"
    )
    decide(client, run, "start")
    work(run)

    page = client.get(reverse("import", args=[run.pk])).content.decode()
    answer = client.get(reverse("import-problems", args=[run.pk]))

    assert "is not a number" in page
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Problem in line,Problem in column,Problem,order_id")
    assert lines[1].startswith("3,total,")
    assert "'=cmd()" in lines[1]


def test_ambiguous_dates_have_to_be_chosen(sign_in: SignIn, marketer: User) -> None:
    client = sign_in(marketer)
    run = bring(client, b"order_id,customer_id,date,total\nA1,7,01/02/2026,12.50\n")

    decide(client, run, "start")

    page = client.get(reverse("import", args=[run.pk]))
    assert run.status == "draft"
    assert "Choose how dates are written" in page.content.decode()
    decide(client, run, "start", date_format="month_first")
    work(run)
    assert Order.objects.get().occurred_at.strftime("%Y-%m-%d") == "2026-01-02"


def test_letters_that_are_not_utf8_have_to_be_confirmed(sign_in: SignIn, marketer: User) -> None:
    client = sign_in(marketer)
    run = bring(client, "name;email\nSøren;s@example.com\n".encode("windows-1252"), kind="customers")

    page = client.get(reverse("import", args=[run.pk])).content.decode()
    decide(client, run, "start")

    assert "Søren" in page
    assert run.status == "draft"
    decide(client, run, "start", encoding_confirmed="on")
    assert run.status == "running"


def test_a_file_can_be_read_differently(sign_in: SignIn, marketer: User) -> None:
    client = sign_in(marketer)
    run = bring(client)

    client.post(reverse("import-reading", args=[run.pk]), {"encoding": "utf-8", "separator": "semicolon"})

    run.refresh_from_db()
    page = client.get(reverse("import", args=[run.pk]))
    assert run.separator == "semicolon"
    assert page.context["page"].setup.columns == ["Column 1"]


def test_a_draft_is_discarded_with_its_file(
    sign_in: SignIn, marketer: User, django_capture_on_commit_callbacks: Callable
) -> None:
    client = sign_in(marketer)
    run = bring(client)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("import-discard", args=[run.pk]))

    assert not Import.objects.exists()


def test_a_started_import_is_not_discarded(sign_in: SignIn, marketer: User) -> None:
    client = sign_in(marketer)
    run = bring(client)
    decide(client, run, "start")

    client.post(reverse("import-discard", args=[run.pk]))

    assert Import.objects.get() == run


@pytest.mark.parametrize("name", ["imports", "import-new"])
def test_a_rep_does_not_import(name: str, sign_in: SignIn, owner: User) -> None:
    assert sign_in(owner).get(reverse(name)).status_code == 403


def test_own_columns_are_kept_under_their_names(sign_in: SignIn, marketer: User) -> None:
    client = sign_in(marketer)
    run = bring(client, b"id,name,shoe size\n1,Ann,38\n", kind="customers")

    decide(client, run, "start", **{"column-2": "own"})
    work(run)

    from customers.models import Customer

    assert Customer.objects.get().fields == {"shoe size": "38"}


def test_a_nul_in_a_heading_takes_nobody_by_surprise(sign_in: SignIn, marketer: User) -> None:
    client = sign_in(marketer)
    run = bring(client, b"id,name,shoe\x00size\n1,Ann,38\n", kind="customers")

    decide(client, run, "start", **{"column-2": "own"})
    work(run)

    assert run.status == "done"


def test_the_wrong_encoding_is_refused_with_the_way_out(sign_in: SignIn, marketer: User) -> None:
    client = sign_in(marketer)
    run = bring(client)

    answer = client.post(
        reverse("import-reading", args=[run.pk]), {"encoding": "utf-16", "separator": "comma"}, follow=True
    )

    assert answer.status_code == 200
    assert "Choose another encoding" in answer.content.decode()


def test_the_header_of_the_problems_is_in_the_readers_language(
    sign_in: SignIn, marketer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.filter(pk=marketer.pk).update(language="da")
    client = sign_in(marketer)
    run = bring(client)
    monkeypatch.setattr(problems, "_", lambda text: f"{text} {get_language()}")

    answer = client.get(reverse("import-problems", args=[run.pk]))
    with override("en"):  # a server streams when the request is over
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

    assert lines[0] == "Problem in line da,Problem in column da,Problem da"


def test_files_that_tell_costs_are_for_those_who_may_see_costs(
    sign_in: SignIn, manager: User, marketer: User, api: Any
) -> None:
    spend = b"id,date,channel,amount,currency\nS1,2026-01-05,Search,4711,EUR\n"
    brought = bring(sign_in(manager), spend, kind="spend", name="secret-spend.csv")
    Organisation.objects.update(role_changes={"marketer": {"given": [], "taken": ["view_costs"]}})
    client = sign_in(marketer)
    file = SimpleUploadedFile("mine.csv", spend)

    list_, page = client.get(reverse("imports")), client.get(reverse("import", args=[brought.pk]))
    offered = client.get(reverse("import-new")).context["form"].fields["kind"].choices
    refused = client.post(reverse("import-new"), {"kind": "spend", "source": "shop", "file": file})
    answers = [
        api(marketer).get(f"/api/v1/imports/{brought.pk}/{part}").status_code for part in ("", "problems/")
    ]

    assert "secret-spend.csv" not in list_.content.decode()
    assert (page.status_code, answers) == (404, [404, 404])
    assert "spend" not in dict(offered)
    assert refused.status_code == 422
    assert api(marketer).get("/api/v1/imports/").json()["results"] == []
    with pytest.raises(PermissionDenied):
        bringing.bring([spend], file_name="x", kind="spend", source="shop", by=marketer)
    assert Import.objects.get() == brought


def test_mappings_of_files_that_tell_costs_are_for_those_who_may_see_costs(
    sign_in: SignIn, manager: User, marketer: User, api: Any
) -> None:
    spend, orders = (
        ImportMapping.objects.create(name=f"Our {kind}", kind=kind, source="shop", fields={}, owner=manager)
        for kind in ("spend", "orders")
    )
    client, program = sign_in(marketer), api(marketer)
    run = bring(client)
    Organisation.objects.update(role_changes={"marketer": {"given": [], "taken": ["view_costs"]}})

    page = client.get(reverse("imports"))
    told = program.get("/api/v1/import-mappings/").json()["results"]
    refused = [
        client.post(reverse("import-mapping-use", args=[run.pk, spend.pk])).status_code,
        client.post(reverse("import-mapping-delete", args=[spend.pk])).status_code,
        program.delete(f"/api/v1/import-mappings/{spend.pk}/").status_code,
    ]
    unknown = program.patch(f"/api/v1/imports/{run.pk}/", {"use": spend.pk})

    assert [kept for _kind, kept in page.context["mappings"]] == [orders]
    assert [kept["name"] for kept in told] == ["Our orders"]
    assert refused == [404, 404, 404]
    assert (unknown.status_code, unknown.json()["errors"][0]["attr"]) == (400, "use")
    assert set(ImportMapping.objects.all()) == {spend, orders}
    assert [kept["name"] for kept in api(manager).get("/api/v1/import-mappings/").json()["results"]] == [
        "Our orders",
        "Our spend",
    ]
