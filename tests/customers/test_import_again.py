"""What is left out comes back as a file to correct, mappings are kept for the next one, and a check tells the truth."""

import pytest
from django.test import Client
from django.urls import reverse

from clm.accounts.models import User
from customers.importing.bringing import bring
from customers.importing.keeping import keep_mapping, offered, use_mapping
from customers.importing.running import check
from customers.importing.setup import setup_of
from customers.importing.starting import map_columns, start
from customers.models import Customer, Import, ImportMapping
from tests.customers.imports import brought, imported, work

pytestmark = pytest.mark.django_db
MESSY = (
    "No,Mail,Full name,Land\n"
    "1,ann@example.com,Ann,DK\n"
    "2,not an address,Bo,SE\n"
    "3,cy@example.com,Cy,Nowhere\n"
    "1,ann@example.com,Ann Ek,DK\n"
    '4,"dee@example.com",=cmd(),NL,extra\n'
)


def draft(content: str, **options: str) -> Import:
    run = brought(content, "customers")
    mapping = {"customer": 0, "email": 1, "name": 2, "country": 3}
    map_columns(run, mapping=mapping, source="crm", options=options, by=None)
    return run


@pytest.mark.parametrize(
    "options", [{}, {"mode": "create"}, {"mode": "update", "match": "email"}, {"match": "customer"}]
)
def test_a_check_tells_exactly_what_the_import_then_does(options: dict[str, str]) -> None:
    imported("id,email,name\n1,ann@example.com,Ann\n3,cy@example.com,Cy\n", "customers", "crm")
    run = draft(MESSY, **options)

    told = check(run)
    before = Customer.objects.count()
    work(start(run, by=None))
    run.refresh_from_db()

    assert told.counts == run.counts
    assert Customer.objects.count() - before == told.counts["customers_added"]
    assert [(one["line"], one["reason"]) for one in told.problems] == list(
        run.problems.values_list("line", "reason")
    )


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_rows_that_were_left_out_are_corrected_and_brought_again(
    client: Client, marketer: User, format: str
) -> None:
    client.force_login(marketer)
    run = draft(MESSY)
    work(start(run, by=None))

    answer = client.get(reverse("import-problems", args=[run.pk]), {"format": format})
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    if format == "csv":
        lines = content.decode("utf-8-sig").splitlines()
        assert lines[0] == "Problem in line,Problem in column,Problem,No,Mail,Full name,Land"
        assert lines[1].startswith("3,Mail,")
        assert lines[1].endswith(",2,not an address,Bo,SE")
        assert lines[3].endswith(",4,dee@example.com,'=cmd(),NL,extra")
        content = content.replace(b"not an address", b"bo@example.com").replace(b",extra", b"")
    again = bring([content], file_name=f"problems.{format}", kind="customers", source="crm", by=None)
    mapping = {"customer": 3, "email": 4, "name": 5, "country": 6}
    map_columns(again, mapping=mapping, source="crm", options={}, by=None)

    assert check(again).counts["added"] == (2 if format == "csv" else 0)
    assert check(again).counts["problems"] == (1 if format == "csv" else 3)


def test_a_mapping_is_kept_and_offered_to_whom_it_concerns(marketer: User, manager: User) -> None:
    run = draft(MESSY, mode="update")
    keep_mapping(run, name=" Old  CRM ", is_shared=False, by=marketer)
    keep_mapping(draft(MESSY), name="Shop", is_shared=True, by=marketer)
    other = brought("Land,MAIL,full  name,no,Phone\nDK,ann@example.com,Ann,1,\n", "customers")

    mine, theirs = offered(setup_of(other), to=marketer), offered(setup_of(other), to=manager)
    use_mapping(other, mine[0], by=marketer)

    assert [str(one) for one in mine] == ["Old CRM", "Shop"]
    assert [str(one) for one in theirs] == ["Shop"]
    assert other.mapping == {"customer": 3, "email": 1, "name": 2, "country": 0}
    assert (other.source, other.options["mode"]) == ("crm", "update")
    assert offered(setup_of(brought("No,Land\n1,DK\n", "customers")), to=marketer) == []
    assert offered(setup_of(brought(MESSY, "companies")), to=marketer) == []


def test_the_pages_keep_use_and_forget_a_mapping(client: Client, marketer: User, manager: User) -> None:
    client.force_login(marketer)
    run = draft(MESSY)
    client.post(reverse("import-mapping-keep", args=[run.pk]), {"name": "Mine"})
    kept = ImportMapping.objects.get()
    new = brought(MESSY, "customers")

    page = client.get(reverse("import", args=[new.pk])).content.decode()
    client.post(reverse("import-mapping-use", args=[new.pk, kept.pk]))
    new.refresh_from_db()
    nameless = client.post(reverse("import-mapping-keep", args=[run.pk]), {"name": " "}, follow=True)
    client.force_login(manager)
    foreign = client.post(reverse("import-mapping-delete", args=[kept.pk]))
    client.force_login(marketer)
    listed = client.get(reverse("imports")).content.decode()
    client.post(reverse("import-mapping-delete", args=[kept.pk]))

    assert "Files like this one" in page
    assert new.mapping == {"customer": 0, "email": 1, "name": 2, "country": 3}
    assert "Give the mapping a name." in nameless.content.decode()
    assert foreign.status_code == 404
    assert "only you" in listed
    assert not ImportMapping.objects.exists()


def test_a_key_to_find_by_needs_its_column() -> None:
    run = brought("No,Full name\n1,Ann\n", "customers")
    map_columns(run, mapping={"customer": 0, "name": 1}, source="crm", options={"match": "email"}, by=None)

    with pytest.raises(Exception, match="Choose the column of “E-mail”"):
        start(run, by=None)

    assert run.job is None


def test_rows_refused_because_of_what_is_known_keep_their_cells() -> None:
    imported("id,email,name\n1,ann@example.com,Ann\n", "customers", "crm")

    for mode, line in (("update", ["3", "cy@example.com", "Cy", "SE"]), ("create", ["1", "", "Ann", "DK"])):
        run = draft(f"No,Mail,Full name,Land\n{','.join(line)}\n", mode=mode, match="customer")
        work(start(run, by=None))

        assert list(run.problems.values_list("line", "cells")) == [(2, line)]


def test_a_lead_lost_without_a_reason_keeps_its_cells_and_names_the_files_column() -> None:
    run = brought("Nr,Mail,What,State,Reason\nL-1,ann@example.com,Oven,lost,\n", "leads", "crm")
    mapping = {"key": 0, "email": 1, "title": 2, "status": 3, "lost_reason": 4}
    map_columns(run, mapping=mapping, source="crm", options={}, by=None)
    work(start(run, by=None))

    assert list(run.problems.values_list("column", "cells")) == [
        ("Reason", ["L-1", "ann@example.com", "Oven", "lost", ""])
    ]
