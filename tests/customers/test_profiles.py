"""The verbs behind the forms and the API."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from clm.accounts.models import AuditEntry, Organisation
from clm.base.facts import BEGINNING
from customers import profiles, registering
from customers.models import Arrival, Customer, Event, Identity, ProfileChange


@pytest.mark.django_db
def test_registering_writes_row_identities_facts_event_arrival_and_audit(
    marketer, django_assert_max_num_queries
):
    values = {"name": "Ada", "email": "Ada@Example.com", "phone": "+4512345678", "fields": {"tier": "gold"}}
    Organisation.objects.current()

    with django_assert_max_num_queries(
        4
    ):  # the company's fields, the transaction's two, and one that writes it all
        customer = profiles.register(by=marketer, values=values, source="shop", external_id="C-1")

    stored = Customer.objects.get()
    assert {field.attname: getattr(customer, field.attname) for field in Customer._meta.concrete_fields} == {
        field.attname: getattr(stored, field.attname) for field in Customer._meta.concrete_fields
    }
    assert set(Identity.objects.live().values_list("kind", "source", "value")) == {
        ("email", "", "ada@example.com"),
        ("phone", "", "+4512345678"),
        ("external", "shop", "C-1"),
    }
    assert ProfileChange.objects.get(field="fields.tier").value == "gold"
    assert set(ProfileChange.objects.values_list("occurred_at", flat=True)) == {BEGINNING}
    assert Event.objects.get().customer == customer
    assert set(Arrival.objects.values_list("customer_id", flat=True)) == {customer.pk}
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_type, entry.subject_id) == (
        "customer.created",
        "customers.customer",
        customer.pk,
    )
    assert (entry.subject_label, entry.actor, entry.details["fields"][:2]) == (
        "Ada",
        marketer,
        ["company", "country"],
    )


@pytest.mark.django_db
def test_a_refused_registration_leaves_nothing(marketer):
    profiles.register(by=marketer, values={"name": "Ada", "email": "ada@example.com"})
    before = [
        model.objects.count() for model in (Customer, Identity, ProfileChange, Event, AuditEntry, Arrival)
    ]

    with pytest.raises(profiles.IdentityTaken) as refusal:
        profiles.register(by=marketer, values={"name": "Other", "email": "ADA@example.com"})

    assert refusal.value.field == "email"
    assert [
        model.objects.count() for model in (Customer, Identity, ProfileChange, Event, AuditEntry, Arrival)
    ] == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values",
    [{"email": "a@b"}, {"name": "a\x00"}, {"name": "half \ud800"}, {"fields": {"x": "a\x00"}}, {"fields": {"x\ud800": 1}}, {"fields": {"x": ["a", {"b": "\ud800"}]}}, {"country": "DKK"}, {"zone": "Mars"}, {"name": "x" * 201}, {"nonsense": 1}],
)  # fmt: skip
def test_values_that_can_not_be_are_named(marketer, values):
    with pytest.raises(ValidationError) as refusal:
        profiles.register(by=marketer, values={"name": "Ada"} | values)

    assert list(refusal.value.message_dict) == list(values)
    assert not Customer.objects.exists()


@pytest.mark.django_db
def test_a_change_is_a_fact_from_now_on_and_a_first_value_has_always_held(marketer):
    customer = profiles.register(by=marketer, values={"name": "Ada", "country": "GB"})

    changed = profiles.change(customer, by=marketer, values={"country": "DK", "language": "da"})

    facts = {(fact.field, fact.value): fact.occurred_at for fact in ProfileChange.objects.all()}
    assert facts[("country", "GB")] == facts[("language", "da")] == BEGINNING
    assert facts[("country", "DK")] == changed.changed_at


@pytest.mark.django_db
def test_saving_what_is_there_already_changes_nothing(marketer):
    customer = profiles.register(by=marketer, values={"name": "Ada", "country": "GB"})
    facts = ProfileChange.objects.count()

    same = profiles.change(customer, by=marketer, values={"name": "Ada", "country": "GB"})

    assert same.changed_at == customer.changed_at
    assert ProfileChange.objects.count() == facts
    assert not AuditEntry.objects.filter(action="customer.changed").exists()


@pytest.mark.django_db
def test_a_stale_change_is_told_with_what_is_there_now(marketer):
    customer = profiles.register(by=marketer, values={"name": "Ada"})
    profiles.change(customer, by=marketer, values={"name": "Ada King"})

    with pytest.raises(profiles.StaleProfile) as refusal:
        profiles.change(
            customer,
            by=marketer,
            values={"name": "Mine"},
            expected=customer.changed_at - timedelta(seconds=1),
        )

    assert refusal.value.current.name == "Ada King"


@pytest.mark.django_db
def test_an_address_that_was_given_up_is_free(marketer):
    first = profiles.register(by=marketer, values={"name": "First", "email": "ada@example.com"})
    profiles.change(first, by=marketer, values={"email": "new@example.com"})

    second = profiles.register(by=marketer, values={"name": "Second", "email": "ada@example.com"})

    assert Identity.objects.live().get(value="ada@example.com").customer == second
    assert Identity.objects.filter(value="ada@example.com").count() == 2


@pytest.mark.django_db(transaction=True)
def test_racing_registrations_of_one_address_make_one_customer(marketer):
    def attempt(number: int) -> bool:
        try:
            profiles.register(by=marketer, values={"name": f"Ada {number}", "email": "ada@example.com"})
        except profiles.IdentityTaken:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(attempt, range(8)))

    assert (sum(made), Customer.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_racing_clicks_on_one_form_make_one_customer(marketer):
    def click(_number: int) -> int:
        try:
            values = {"name": "Ada"}
            return registering.register_once("one-token", by=marketer, values=values, company="Engines").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(click, range(8)))

    assert made == set(Customer.objects.values_list("pk", flat=True))
    assert len(made) == 1


@pytest.mark.django_db
def test_the_shown_name_follows_first_and_last_name_unless_it_was_chosen(marketer):
    built = profiles.register(by=marketer, values={"first_name": "Ada", "last_name": "Byron"})
    chosen = profiles.register(
        by=marketer, values={"first_name": "Ada", "last_name": "Byron", "name": "The Countess"}
    )

    names = [
        profiles.change(one, by=marketer, values={"last_name": "King", "name": one.name}).name
        for one in (built, chosen)
    ]

    assert names == ["Ada King", "The Countess"]


@pytest.mark.django_db
def test_letters_beyond_ascii_are_fine_on_both_sides_of_the_at_sign(marketer):
    assert profiles.register(by=marketer, values={"email": "Ü@exämple.dk"}).email == "ü@xn--exmple-cua.dk"


@pytest.mark.django_db
def test_a_phone_number_is_read_in_the_country_given_with_it(marketer):
    customer = profiles.register(
        by=marketer, values={"name": "Søren", "phone": "12 34 56 78", "country": "DK"}
    )

    assert customer.phone == "+4512345678"
