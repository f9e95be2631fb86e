"""Converting: candidates first, only empty fields filled, conflicts kept, once only, also when two press at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from clm.accounts.models import AuditEntry, User
from customers import profiles
from customers.leads import converting, pursuing
from customers.leads.converting import Conflict, convert, filling_of
from customers.leads.matching import candidates, matches
from customers.leads.opening import open_lead
from customers.leads.stepping import LeadRefused
from customers.models import Company, Customer, Identity, Lead, LeadState
from tests.factories import CustomerFactory

ENQUIRY = {
    "name": "Ada King",
    "email": "ada@example.com",
    "phone": "+45 12 34 56 78",
    "company": "Engines",
    "country": "DK",
}


@pytest.fixture
def ada(marketer) -> Customer:
    return profiles.register(by=marketer, values={"name": "Ada Lovelace", "email": "ada@example.com"})


@pytest.fixture
def lead(ada, manager) -> Lead:
    return open_lead(by=manager, person=ENQUIRY, values={"owner": manager})


@pytest.mark.django_db
def test_only_empty_fields_are_filled_and_both_values_of_a_conflict_are_kept(manager, ada, lead):
    won = convert(lead, by=manager)

    ada.refresh_from_db()
    assert (ada.name, ada.phone, ada.country, str(ada.company)) == (
        "Ada Lovelace",
        "+4512345678",
        "DK",
        "Engines",
    )
    assert ada.owner == manager
    assert won.conversion == {
        "filled": ["company", "country", "phone"],
        "conflicts": [{"field": "name", "kept": "Ada Lovelace", "given": "Ada King"}],
    }
    assert (won.status, won.outcome, won.converted_by, won.customer) == ("won", "won", manager, ada)
    assert LeadState.objects.filter(lead=lead).latest("occurred_at").status == "won"
    assert AuditEntry.objects.get(action="lead.converted").details["customer"] == ada.pk


@pytest.mark.django_db
def test_what_is_no_number_and_no_address_is_kept_and_stops_nobody(manager):
    bo = profiles.register(by=manager, values={"name": "Bo Lind"})
    typed = {"name": "Bo Lind", "phone": "ask the desk", "email": "bo at home"}
    lead = open_lead(by=manager, customer=bo, person=typed, values={})

    won = convert(lead, by=manager)

    bo.refresh_from_db()
    assert (bo.phone, bo.email) == ("", "")
    assert sorted((one["field"], one["kept"], one["given"]) for one in won.conversion["conflicts"]) == [
        ("email", "", "bo at home"),
        ("phone", "", "ask the desk"),
    ]


@pytest.mark.django_db
def test_a_number_is_read_as_one_of_the_customer_s_country(manager):
    bo = profiles.register(by=manager, values={"name": "Bo Lind", "country": "DK"})
    lead = open_lead(by=manager, customer=bo, person={"name": "Bo Lind", "phone": "12 34 56 78"}, values={})

    convert(lead, by=manager)

    assert Customer.objects.get().phone == "+4512345678"


@pytest.mark.django_db
def test_converting_twice_gives_the_same(manager, marketer, ada, lead):
    first = convert(lead, by=manager)

    second = convert(lead, by=marketer, into=CustomerFactory())

    assert (second.pk, second.customer, second.converted_by, second.closed_at, second.conversion) == (
        first.pk,
        ada,
        manager,
        first.closed_at,
        first.conversion,
    )
    assert AuditEntry.objects.filter(action="lead.converted").count() == 1
    assert LeadState.objects.filter(step="converted").count() == 1


@pytest.mark.django_db
def test_a_lost_lead_is_not_converted(manager, lead):
    pursuing.lose(lead, by=manager, reason="Too dear")

    with pytest.raises(LeadRefused):
        convert(lead, by=manager)

    assert Lead.objects.get().status == "lost"


@pytest.mark.django_db
def test_what_would_happen_is_told_before(manager, ada, lead):
    filling = filling_of(lead, ada)

    assert sorted(filling.filled) == ["company", "country", "phone"]
    assert filling.conflicts == [Conflict("name", "Ada Lovelace", "Ada King")]
    assert Lead.objects.get().status == "new"


@pytest.mark.django_db
def test_candidates_by_address_phone_and_name_with_company_the_surest_first(manager):
    engines = Company.objects.create(name="Engines")
    by_name = CustomerFactory(name="ada KING", company=engines)
    by_phone = profiles.register(by=None, values={"name": "Household", "phone": "+4512345678"})
    CustomerFactory(name="Ada King")  # the name alone is no reason
    lead = open_lead(by=manager, person=ENQUIRY, values={})
    by_email = profiles.register(by=None, values={"name": "A", "email": "a@example.com"})
    lead.enquiry["email"] = "a@example.com"

    found = candidates(lead, seen_by=manager)

    assert [(one.customer, one.by) for one in found] == [
        (by_email, "email"),
        (by_phone, "phone"),
        (by_name, "name_and_company"),
    ]


@pytest.mark.django_db
def test_candidates_are_of_those_one_may_see(owner, stranger):
    profiles.register(by=stranger, values={"name": "Ada King", "email": "ada@example.com"})

    assert matches(ENQUIRY, seen_by=owner) == []
    assert [one.by for one in matches(ENQUIRY, seen_by=stranger)] == ["email"]
    assert [one.by for one in matches({"name": "ada king"}, seen_by=stranger)] == ["name"]


@pytest.mark.django_db
def test_a_lead_and_its_history_follow_to_the_customer_it_turned_out_to_be(manager):
    old = CustomerFactory(name="Ada Lovelace")
    lead = open_lead(by=manager, person=ENQUIRY, values={})
    opened_on, known_at = lead.customer, LeadState.objects.get().recorded_at

    won = convert(lead, by=manager, into=old)

    old.refresh_from_db()
    assert (won.customer, won.original_customer) == (old, opened_on)
    live = LeadState.objects.live().order_by("occurred_at")
    assert [(state.step, state.customer) for state in live] == [("opened", old), ("converted", old)]
    assert [state.customer for state in LeadState.objects.known(known_at)] == [opened_on]
    assert (old.phone, str(old.company), old.email) == (
        "+4512345678",
        "Engines",
        "",
    )  # the address names another
    assert won.conversion["conflicts"] == [
        {"field": "name", "kept": "Ada Lovelace", "given": "Ada King"},
        {"field": "email", "kept": "", "given": "ada@example.com"},
    ]
    assert Identity.objects.live().get(value="ada@example.com").customer == opened_on


@pytest.mark.django_db(transaction=True)
def test_two_who_convert_at_once_get_the_same(manager, marketer, ada, lead):
    start = threading.Barrier(2)

    def press(by):
        try:
            start.wait(timeout=10)
            return convert(Lead.objects.get(pk=lead.pk), by=by)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as two:
        first, second = two.map(press, [manager, marketer])

    assert (first.closed_at, first.converted_by, first.conversion) == (
        second.closed_at,
        second.converted_by,
        second.conversion,
    )
    assert LeadState.objects.filter(step="converted").count() == 1
    assert AuditEntry.objects.filter(action="lead.converted").count() == 1
    assert Customer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_leads_for_one_new_person_at_once_make_one_customer(manager):
    start = threading.Barrier(4)

    def enquire(_number):
        try:
            start.wait(timeout=10)
            return open_lead(by=manager, person=ENQUIRY, values={}).customer_id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as four:
        whose = set(four.map(enquire, range(4)))

    assert Customer.objects.count() == len(whose) == 1
    assert Lead.objects.count() == 4


def test_an_address_that_somebody_gets_in_that_moment_is_refused_and_nothing_happens(
    marketer: User, monkeypatch: pytest.MonkeyPatch
):
    lead = open_lead(by=marketer, person={"name": "Ada Berg"}, values={"title": "Engines"})
    Lead.objects.filter(pk=lead.pk).update(enquiry={"email": "ada@example.com"})
    profiles.register(by=marketer, values={"name": "Somebody", "email": "ada@example.com"})

    with monkeypatch.context() as before:
        before.setattr(converting, "_may_name", lambda *_asked: True)
        with pytest.raises(LeadRefused, match="Another customer already has this value"):
            convert(lead, by=marketer)

    lead.refresh_from_db()
    assert (lead.status, lead.conversion) == ("new", None)
    assert convert(lead, by=marketer).status == "won"
