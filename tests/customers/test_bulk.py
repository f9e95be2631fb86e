"""Many customers changed at once, from the bar of the list and through the API."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from clm.accounts import bulk
from clm.accounts.bulk import doing
from clm.accounts.jobs import drive
from clm.accounts.models import AuditEntry, BulkChange, BulkRow, Job, Role
from clm.accounts.models.bulk_change import KEPT_FOR
from clm.accounts.roles import change_role
from clm.accounts.tasks import forget_bulk_rows
from clm.base import clock, inventory
from customers import profiles
from customers.bulk_actions import CUSTOMERS
from customers.models import Customer, ProfileChange, Segment, SegmentMember
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def ticked(*customers: Customer) -> list[int]:
    return [one.pk for one in customers]


@pytest.fixture
def three(owner) -> list[Customer]:
    return [
        CustomerFactory(name="Ada", country="DK"),
        CustomerFactory(name="Bob", country="DK", owner=owner),
        CustomerFactory(name="Cleo", country="SE"),
    ]


def test_ticked_customers_get_an_owner_by_the_verb_of_the_form(sign_in, marketer, owner, three):
    ada, bob, _cleo = three

    answer = sign_in(marketer).post(
        "/bulk/customers/assign/",
        {"pk": ticked(ada, bob), "query": "country=DK", "owner": owner.pk, "team": ""},
        follow=True,
    )

    assert answer.redirect_chain == [("/customers/?country=DK", 302)]
    assert "Changed: 1 customer." in answer.content.decode()
    change = BulkChange.objects.get()
    assert (change.chosen, change.changed, change.unchanged, change.refused) == (2, 1, 1, 0)
    assert set(Customer.objects.filter(owner=owner)) == {ada, bob}
    assert ProfileChange.objects.get(customer=ada, field="owner").value == owner.pk
    assert AuditEntry.objects.filter(action="customer.changed", subject_id=ada.pk, actor=marketer).exists()
    assert AuditEntry.objects.get(action="bulk.started").details == {
        "page": "customers",
        "done": "assign",
        "rows": 2,
    }


def test_it_is_undone_for_those_whom_nobody_changed_since(sign_in, marketer, owner, stranger, three):
    _ada, _bob, cleo = three
    client = sign_in(marketer)
    client.post("/bulk/customers/assign/", {"pk": ticked(*three), "owner": owner.pk})
    profiles.change(cleo, by=marketer, values={"owner": stranger})
    change = BulkChange.objects.get()

    answer = client.post(f"/bulk/changes/{change.pk}/undo/", follow=True)

    change.refresh_from_db()
    assert (change.restored, change.left) == (1, 1)
    assert "Changed since, so left as they are" in answer.content.decode()
    assert list(Customer.objects.order_by("name").values_list("owner", flat=True)) == [
        None,
        owner.pk,
        stranger.pk,
    ]
    again = client.post(f"/bulk/changes/{change.pk}/undo/", follow=True)
    assert "It was undone already." in again.content.decode()
    assert Customer.objects.get(pk=cleo.pk).owner == stranger


def test_what_one_may_not_see_is_not_changed_whatever_ids_are_sent(sign_in, owner, three):
    _ada, _bob, _cleo = three
    bob_s = {"pk": ticked(*three), "field": "country", "value": "NO"}

    sign_in(owner).post("/bulk/customers/field/", bob_s)

    assert list(Customer.objects.order_by("name").values_list("country", flat=True)) == ["DK", "NO", "SE"]
    assert BulkChange.objects.get().chosen == 1


def test_all_that_match_are_asked_for_again_when_their_number_changed(sign_in, marketer, owner, three):
    client = sign_in(marketer)
    told = client.get("/bulk/customers/matching/?country=DK").content.decode()
    asked = {"all": "1", "query": "country=DK", "count": "2", "owner": owner.pk}
    CustomerFactory(country="DK")

    refused = client.post("/bulk/customers/assign/", asked)
    done_before = BulkChange.objects.count()
    done = client.post("/bulk/customers/assign/", asked | {"count": "3"})

    assert 'name="count" value="2"' in told
    assert (refused.status_code, done_before) == (409, 0)
    assert "2 customers matched when you looked, 3 customers match now." in refused.content.decode()
    assert done.status_code == 302
    assert Customer.objects.filter(owner=owner).count() == 3


def test_many_are_changed_by_a_job_that_goes_on_where_it_stopped(
    sign_in, marketer, owner, three, monkeypatch
):
    monkeypatch.setattr(doing, "AT_ONCE", 1)
    monkeypatch.setattr(doing, "PORTION", 1)
    client = sign_in(marketer)
    answer = client.post(
        "/bulk/customers/assign/", {"all": "1", "query": "sort=name", "count": "3", "owner": owner.pk}
    )
    change, job = BulkChange.objects.get(), Job.objects.get()
    assert answer.headers["Location"] == f"/bulk/changes/{change.pk}/"
    assert client.get(f"/bulk/changes/{change.pk}/").status_code == 200

    more = drive(job, seconds=0)
    drive(Job.objects.get())

    change.refresh_from_db()
    assert more
    assert (change.changed, change.unchanged, change.refused) == (2, 1, 0)
    assert Job.objects.get().result == {"changed": 2, "unchanged": 1, "refused": 0}
    assert "bulk-result" in client.get(f"/bulk/changes/{change.pk}/").content.decode()


def test_a_customer_that_refuses_is_told_with_the_reason(sign_in, marketer, three):
    ada, _bob, cleo = three
    Customer.objects.filter(pk=ada.pk).update(zone="Mars/Olympus")

    answer = sign_in(marketer).post(
        "/bulk/customers/field/", {"pk": ticked(ada, cleo), "field": "language", "value": "da"}, follow=True
    )

    page = answer.content.decode()
    assert answer.redirect_chain[0][0].startswith("/bulk/changes/")
    assert "Ada" in page
    assert "Cleo" not in page
    assert Customer.objects.get(pk=cleo.pk).language == "da"
    assert BulkRow.objects.refused().get().subject == ada.pk


def test_what_went_to_somebody_else_meanwhile_is_not_changed_back(sign_in, owner, stranger, three):
    Customer.objects.update(owner=owner, language="")
    client = sign_in(owner)
    client.post("/bulk/customers/field/", {"pk": ticked(*three), "field": "language", "value": "da"})
    Customer.objects.filter(pk=three[0].pk).update(owner=stranger, team=stranger.team)

    client.post(f"/bulk/changes/{BulkChange.objects.get().pk}/undo/")

    assert [Customer.objects.get(pk=one.pk).language for one in three] == ["da", "", ""]
    assert (BulkChange.objects.get().restored, BulkChange.objects.get().left) == (2, 1)


def test_who_may_not_change_customers_is_offered_no_action(sign_in, administrator, analyst, three):
    change_role(Role.ANALYST, ["edit_segments", "export"], by=administrator)

    page = sign_in(analyst).get("/customers/").content.decode()

    assert "/bulk/customers/segment/" not in page


def test_they_are_added_to_a_new_segment_and_taken_out_again(sign_in, marketer, three):
    client = sign_in(marketer)
    client.post("/bulk/customers/segment/", {"pk": ticked(*three[:2]), "segment": "", "name": "Fair"})
    segment = Segment.objects.get(name="Fair")
    inside = SegmentMember.objects.open().filter(segment=segment).count()

    client.post(f"/bulk/changes/{BulkChange.objects.get().pk}/undo/")

    assert (inside, segment.kind) == (2, "static")
    assert SegmentMember.objects.open().filter(segment=segment).count() == 0


def test_ticked_rows_alone_are_taken_out_as_a_file(sign_in, marketer, three):
    ada, _bob, cleo = three
    answer = sign_in(marketer).get("/customers/export/", {"query": "country=DK", "pk": ticked(ada, cleo)})

    lines = b"".join(answer.streaming_content).decode()
    assert ("Ada" in lines, "Bob" in lines, "Cleo" in lines) == (True, False, True)


def test_nothing_ticked_leads_back_and_says_so(sign_in, marketer):
    answer = sign_in(marketer).get("/bulk/customers/assign/?query=", follow=True)

    assert "Nothing is chosen." in answer.content.decode()


def test_a_rep_may_not_fill_segments_and_an_analyst_ticks_only_to_export(sign_in, owner, analyst, three):
    refused = sign_in(owner).post("/bulk/customers/segment/", {"pk": ticked(three[1]), "name": "X"})
    page = sign_in(analyst).get("/customers/").content.decode()

    assert (refused.status_code, Segment.objects.count()) == (403, 0)
    assert "/customers/export/" in page
    assert "/bulk/customers/assign/" not in page


def test_somebody_who_may_not_do_it_any_more_does_not_get_it_done(marketer, owner, three, monkeypatch):
    monkeypatch.setattr(doing, "AT_ONCE", 1)
    from clm.accounts.bulk.actions import action_of

    bulk.begin(
        action_of("customers", "assign"),
        bulk.Chosen(CUSTOMERS, "", None),
        by=marketer,
        values={"owner": owner.pk},
    )
    marketer.role = "analyst"
    marketer.save()

    drive(Job.objects.get())

    assert Job.objects.get().status == "failed"
    assert Customer.objects.filter(owner=owner).count() == 1


def test_what_undoes_it_is_forgotten_after_a_week(sign_in, marketer, owner, three):
    client = sign_in(marketer)
    client.post("/bulk/customers/assign/", {"pk": ticked(*three), "owner": owner.pk})
    change = BulkChange.objects.get()
    BulkChange.objects.update(created_at=clock.now() - KEPT_FOR - timedelta(hours=1))

    forget_bulk_rows()

    assert BulkRow.objects.count() == 0
    page = client.post(f"/bulk/changes/{change.pk}/undo/", follow=True).content.decode()
    assert "more than seven days ago" in page


def test_a_selection_is_read_whatever_is_sent():
    read = bulk.Chosen.read(CUSTOMERS, QueryDict("pk=3&pk=x&pk=3&pk=99999999999999999999&pk=1"))

    assert read.ids == (1, 3)


def test_an_erasure_forgets_what_would_undo_it(sign_in, marketer, owner, three):
    ada, _bob, cleo = three
    sign_in(marketer).post(
        "/bulk/customers/assign/", {"pk": ticked(*three), "owner": owner.pk, "query": "q=ada"}
    )

    for remove in inventory.traces():
        remove(inventory.Person((ada.pk,), (), clock.now()))

    assert list(BulkRow.objects.values_list("subject", flat=True)) == [cleo.pk]
    assert BulkChange.objects.get().query == ""
