"""Two customers who are one, by hand and by program: found, compared, merged, and separated again."""

import re
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from psycopg import errors

from clm.accounts.models import AuditEntry, Job
from customers import profiles
from customers.custom_fields.known import restamp
from customers.duplicates import finding
from customers.intake.taking import take_in
from customers.merging import comparing
from customers.merging import merge as merging
from customers.merging.merge import CannotMerge, merge, unmerge
from customers.models import Customer, CustomerMerge, CustomField, Identity, Order, Twins
from tests.api.conftest import api
from tests.factories import CompanyFactory, CustomerFactory, OrderFactory
from tests.lifecycle.shop import work_off

__all__ = ["api"]
ADA = {"name": "Ada Lovelace", "phone": "+4512345678", "country": "DK"}
MOST_QUERIES = 12


@pytest.fixture
def ada(db: None) -> Customer:
    return profiles.register(
        by=None, values=ADA | {"email": "ada@example.com"}, source="shop", external_id="C1"
    )


@pytest.fixture
def twin(db: None) -> Customer:
    return profiles.register(by=None, values=ADA | {"email": "ada@work.example", "language": "da"})


def queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as run:
        assert client.get(path).status_code == 200
    return len(run)


def test_side_by_side_one_chooses_and_merges_and_the_old_address_leads_on(sign_in, marketer, ada, twin):
    OrderFactory(customer=twin, key="A-1")
    client = sign_in(marketer)

    page = client.get(f"/customers/{ada.pk}/merge/{twin.pk}/").content.decode()
    done = client.post(f"/customers/{ada.pk}/merge/{twin.pk}/", {"choice-email": "loser"}, follow=True)

    assert "ada@work.example" in page
    assert "choice-email" in page
    assert "choice-phone" not in page
    ada.refresh_from_db()
    assert (ada.email, ada.language, ada.external_id) == ("ada@work.example", "da", "C1")
    assert done.redirect_chain == [(f"/customers/{ada.pk}/", 302)]
    assert client.get(f"/customers/{twin.pk}/").headers["Location"] == f"/customers/{ada.pk}/"
    assert Order.objects.get().customer == ada
    assert AuditEntry.objects.filter(action="customer.merged", actor=marketer, subject_id=ada.pk).exists()
    assert "Ada Lovelace" in client.get("/customers/merges/").content.decode()


def test_values_stand_side_by_side_in_words(ada, twin):
    CustomField.objects.create(
        key="likes", labels={"en": "Likes"}, kind="choices", choices=["press", "beans"]
    )
    restamp()
    twin.country, twin.fields = "SE", {"likes": ["press"]}

    told = {row.label: (row.winner, row.loser) for row in comparing.rows(ada, twin, {})}

    assert (told["Country"], told["Language"]) == (("Denmark", "Sweden"), ("", "Danish"))
    assert told["Likes"] == ("", "press")


def test_undoing_gives_both_back_what_they_had_but_what_was_changed_since_stays(sign_in, marketer, ada, twin):
    done = merge(twin, ada, by=marketer, choices={"email": "loser"})
    profiles.change(Customer.objects.get(pk=ada.pk), by=marketer, values={"language": "sv"})
    client = sign_in(marketer)

    client.post(f"/customers/merges/{done.pk}/undo/")
    again = client.post(f"/customers/merges/{done.pk}/undo/", follow=True).content.decode()

    ada.refresh_from_db()
    twin.refresh_from_db()
    assert (ada.email, ada.language, twin.email, twin.merged_into) == (
        "ada@example.com", "sv", "ada@work.example", None,
    )  # fmt: skip
    assert "separate again already" in again
    assert AuditEntry.objects.filter(action="customer.unmerged").count() == 1


def test_what_can_t_be_merged_is_refused_and_nothing_happens(marketer, ada, twin):
    other = CustomerFactory()
    merge(twin, ada, by=marketer)

    for loser, winner in ((ada, ada), (twin, other), (other, twin)):
        with pytest.raises(CannotMerge):
            merge(loser, winner, by=marketer)

    assert CustomerMerge.objects.count() == 1


def test_a_rep_merges_only_whom_they_see(sign_in, owner, stranger, ada, twin):
    Customer.objects.update(owner=owner)

    assert sign_in(stranger).get(f"/customers/{ada.pk}/merge/{twin.pk}/").status_code == 404
    assert sign_in(stranger).post(f"/customers/{ada.pk}/merge/{twin.pk}/").status_code == 404
    done = merge(twin, ada, by=owner)
    assert sign_in(stranger).post(f"/customers/merges/{done.pk}/undo/").status_code == 404
    assert "Ada" not in sign_in(stranger).get("/customers/merges/").content.decode()
    done.refresh_from_db()
    assert done.undone_at is None


def test_a_field_hidden_from_reps_is_hidden_where_they_merge(sign_in, api, owner, marketer, ada, twin):
    CustomField.objects.create(key="margin", labels={"en": "Margin"}, kind="text", is_sensitive=True)
    restamp()
    for customer, value in ((ada, "4711"), (twin, "4712")):
        Customer.objects.filter(pk=customer.pk).update(owner=owner, fields={"margin": value})

    seen = {
        who: sign_in(who).get(f"/customers/{ada.pk}/merge/{twin.pk}/").content.decode()
        for who in (owner, marketer)
    }
    merge(twin, ada, by=marketer, choices={"fields.margin": "loser"})

    assert ("4711" in seen[owner], "4711" in seen[marketer]) == (False, True)
    told = {
        who: api(who).get("/api/v1/customer-merges/").json()["results"][0]["profile"]
        for who in (owner, marketer)
    }
    assert ("fields.margin" in told[owner], "fields.margin" in told[marketer]) == (False, True)


def test_by_the_api(api, marketer, ada, twin):
    as_marketer = api(marketer)
    wrong = as_marketer.post(
        "/api/v1/customer-merges/", {"winner": ada.pk, "loser": twin.pk, "choices": {"no": "loser"}}
    )

    made = as_marketer.post("/api/v1/customer-merges/", {"winner": ada.pk, "loser": twin.pk})
    again = as_marketer.post("/api/v1/customer-merges/", {"winner": ada.pk, "loser": twin.pk})

    assert (wrong.status_code, made.status_code, again.status_code) == (400, 201, 409)
    moved = as_marketer.get(f"/api/v1/customers/{twin.pk}/")
    assert (moved.status_code, moved.json()["merged_into"]) == (301, ada.pk)
    undone = as_marketer.post(f"/api/v1/customer-merges/{made.json()['id']}/undoing/")
    assert (undone.status_code, undone.json()["undone_at"] is None) == (200, False)
    assert as_marketer.get(f"/api/v1/customers/{twin.pk}/").status_code == 200
    matches = as_marketer.get("/api/v1/customer-matches/?phone=%2B4512345678").json()["results"]
    assert {each["customer"] for each in matches} == {ada.pk, twin.pk}


def test_a_new_customer_who_looks_like_another_is_asked_about_first(sign_in, marketer, ada):
    client, given = sign_in(marketer), {"kind": "person", "name": "Ada Lovelace", "email": "new@example.com"}

    asked = client.post("/customers/new/", given)
    assert "You may know this customer already" in asked.content.decode()
    assert Customer.objects.count() == 1
    made = client.post("/customers/new/", given | {"is_new": "on"})

    assert made.status_code == 302
    assert Customer.objects.count() == 2


def test_the_search_finds_explains_and_remembers_what_is_not_the_same(
    sign_in, api, marketer, owner, ada, twin
):
    works = CompanyFactory(name="Engines")
    kim = CustomerFactory(name="Kim Larsen", email="kim@a.example", company=works)
    kym = CustomerFactory(name="Kym Larsen", email="kym@b.example", company=works)
    for _namesake in range(20):
        CustomerFactory(name="Anders Jensen", country="DK")
    client = sign_in(marketer)

    client.post("/customers/duplicates/search/")
    client.post("/customers/duplicates/search/")
    assert Job.objects.filter(kind=finding.JOB_KIND).count() == 1
    work_off()

    found = {(twins.one_id, twins.other_id): (twins.score, twins.likenesses) for twins in Twins.objects.all()}
    assert found == {
        (ada.pk, twin.pk): (83, ["name", "phone"]),
        (kim.pk, kym.pk): (pytest.approx(58, abs=8), ["similar_name"]),
    }
    page = client.get("/customers/duplicates/").content.decode()
    assert "the same phone number" in page
    assert "Kym Larsen" in page
    assert "Kym" not in sign_in(owner).get("/customers/duplicates/").content.decode()
    assert api(marketer).get("/api/v1/duplicates/").json()["results"][0]["score"] == 83

    twins = Twins.objects.get(one=kim)
    client.post(f"/customers/duplicates/{twins.pk}/dismissal/")
    merge(twin, ada, by=marketer)
    client.post("/customers/duplicates/search/")
    work_off()
    assert not Twins.objects.open().exists()
    assert Twins.objects.filter(dismissed_by=marketer).count() == 1


def test_the_pages_take_few_queries_whatever_the_rows(sign_in, marketer, ada, twin):
    client = sign_in(marketer)
    for number in range(8):
        one, other = sorted((CustomerFactory(), CustomerFactory()), key=lambda each: each.pk)
        Twins.objects.create(one=one, other=other, score=50 + number, likenesses=["name"])
        merge(CustomerFactory(), CustomerFactory(), by=marketer)
        OrderFactory(customer=twin)
    paths = [
        "/customers/duplicates/",
        "/customers/merges/",
        f"/customers/{ada.pk}/merge/",
        f"/customers/{ada.pk}/merge/?q=cust",
    ]

    asked = {path: queries(client, path) for path in [*paths, f"/customers/{ada.pk}/merge/{twin.pk}/"]}

    assert {path: number for path, number in asked.items() if number > MOST_QUERIES} == {}


def in_threads(*works: Any) -> list[Any]:
    told: list[Any] = []

    def run(work: Any) -> None:
        try:
            told.append(work())
        except Exception as error:  # noqa: BLE001
            told.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.mark.django_db(transaction=True)
def test_of_two_merges_at_once_one_is_done_and_the_other_refused():
    one, other = CustomerFactory(), CustomerFactory()

    told = in_threads(lambda: merge(one, other, by=None), lambda: merge(other, one, by=None))

    assert sorted(type(each).__name__ for each in told) == ["CannotMerge", "CustomerMerge"]
    assert CustomerMerge.objects.count() == Customer.objects.exclude(merged_into=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_import_that_waits_for_a_merge_writes_to_the_winner():
    loser = profiles.register(by=None, values={"name": "Ada"}, source="shop", external_id="C1")
    winner = profiles.register(by=None, values={"name": "Ada"})
    row = {
        "customer": "C1",
        "occurred_at": "2026-01-05T10:00:00Z",
        "amount": 7,
        "currency": "EUR",
        "key": "A-1",
    }

    with transaction.atomic():
        merge(loser, winner, by=None)
        told: list[Any] = []
        thread = Thread(
            target=lambda: told.extend(in_threads(lambda: take_in("orders", [(1, row)], source="shop")))
        )
        thread.start()
        thread.join(timeout=timedelta(seconds=0.7).total_seconds())
        assert told == []
    thread.join()

    assert told[0].added == 1
    assert Order.objects.get().customer == winner


def test_merged_customers_stand_under_duplicates_in_the_menu(sign_in, manager):
    page = sign_in(manager).get("/customers/merges/").content.decode()

    current = re.findall(r'class="nav-link" href="([^"]+)" aria-current="page"', page)
    assert current == ["/customers/duplicates/"]


def test_who_is_separate_again_is_named_by_what_their_page_shows(ada, twin, marketer):
    done = merge(twin, ada, by=marketer, choices={"email": "loser"})
    profiles.change(Customer.objects.get(pk=ada.pk), by=marketer, values={"email": "ada@new.example"})

    unmerge(done, by=marketer)

    named = Identity.objects.live().filter(kind="email").values_list("value", "customer")
    assert set(named) == {("ada@new.example", ada.pk), ("ada@work.example", twin.pk)}


def test_merges_that_cross_each_other_try_again(ada, twin, monkeypatch):
    asked = []

    def locked(loser: int, winner: int) -> Any:
        asked.append(loser)
        if len(asked) == 1:
            raise OperationalError("deadlock detected") from errors.DeadlockDetected()
        return both(loser, winner)

    both = merging._locked
    monkeypatch.setattr(merging, "_locked", locked)

    merge(twin, ada, by=None)

    assert Customer.objects.get(pk=twin.pk).merged_into == ada
    assert CustomerMerge.objects.count() == 1
