"""Leads from opening to the end: each step changes one thing, is remembered as a fact, and audited."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from clm.accounts.models import AuditEntry, ExchangeRate, Organisation, User
from customers import profiles
from customers.leads import pursuing
from customers.leads.opening import open_lead, open_once
from customers.leads.opening_many import PastLead, open_many
from customers.leads.pursuing import Next
from customers.leads.stepping import LeadRefused, StaleLead
from customers.models import Arrival, Channel, Customer, Lead, LeadState, LeadStatus, LeadStep
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

ADA = {"name": "Ada Lovelace", "email": "Ada@Example.com", "company": "Engines"}


@pytest.fixture
def lead(owner: User) -> Lead:
    return open_lead(by=owner, customer=CustomerFactory(owner=owner), values={"title": "New office"})


def states(lead: Lead) -> list[tuple[str, str]]:
    rows = LeadState.objects.live().filter(lead=lead).order_by("occurred_at")
    return list(rows.values_list("step", "status"))


def test_a_lead_on_somebody_new_registers_one_customer(owner):
    lead = open_lead(by=owner, person=ADA, values={"value": Decimal(500)})

    customer = Customer.objects.get()
    assert (customer.name, customer.email, customer.company.name) == (
        "Ada Lovelace",
        "ada@example.com",
        "Engines",
    )
    assert (lead.customer, lead.original_customer, lead.status) == (customer, customer, "new")
    assert (lead.owner, lead.team, lead.enquiry) == (owner, owner.team, ADA)
    assert (lead.value, lead.currency, lead.rate) == (500, "EUR", 1)
    assert states(lead) == [("opened", "new")]
    assert Arrival.objects.filter(customer=customer, since=lead.opened_at).exists()
    assert AuditEntry.objects.get(action="lead.opened").details == {"customer": customer.pk}


def test_a_lead_for_a_known_address_is_on_the_customer_who_has_it(owner):
    ada = profiles.register(by=owner, values={"name": "Ada", "email": "ada@example.com"})

    lead = open_lead(by=owner, person=ADA, values={})

    assert lead.customer == ada
    assert Customer.objects.count() == 1
    assert Customer.objects.get().name == "Ada"


def test_an_address_of_somebody_one_may_not_see_is_refused(owner, stranger):
    profiles.register(by=stranger, values={"email": "ada@example.com"})

    with pytest.raises(profiles.IdentityTaken):
        open_lead(by=owner, person=ADA, values={})

    assert Lead.objects.count() == 0


def test_a_lead_of_nobody_is_refused(owner):
    with pytest.raises(ValidationError, match="Give at least a name"):
        open_lead(by=owner, person={"country": "DK"}, values={"title": "x"})

    assert (Lead.objects.count(), Customer.objects.count()) == (0, 0)


def test_pressing_the_button_twice_opens_one(owner):
    customer = CustomerFactory()

    def make() -> Lead:
        return open_lead(by=owner, customer=customer, values={})

    first = open_once("t", by=owner, asked={"title": "a"}, make=make)
    second = open_once("t", by=owner, asked={"title": "a"}, make=make)
    other = open_once("t", by=owner, asked={"title": "b"}, make=make)

    assert first == second != other
    assert Lead.objects.count() == 2


def test_the_way_of_a_lead(owner, lead):
    pursuing.contact(lead, by=owner, note="Called", then=Next("Send prices", date(2030, 1, 2)))
    pursuing.qualify(lead, by=owner)
    pursuing.propose(lead, by=owner)
    pursuing.lose(lead, by=owner, reason="Too dear")
    pursuing.reopen(lead, by=owner, then=Next("Call again", date(2030, 2, 1)))

    lead.refresh_from_db()
    assert states(lead) == [
        ("opened", "new"),
        ("contacted", "contacted"),
        ("qualified", "qualified"),
        ("proposed", "proposal"),
        ("lost", "lost"),
        ("reopened", "proposal"),
    ]
    assert (lead.status, lead.lost_reason, lead.closed_at) == ("proposal", "", None)
    assert (lead.next_action, lead.next_action_on) == ("Call again", date(2030, 2, 1))
    second, lost = LeadState.objects.get(step="contacted"), LeadState.objects.get(step="lost")
    assert (second.note, second.next_action, second.actor) == ("Called", "Send prices", owner)
    assert (lost.note, lost.next_action_on) == ("Too dear", None)
    actions = (
        AuditEntry.objects.filter(action__startswith="lead.").order_by("pk").values_list("action", flat=True)
    )
    assert list(actions) == [f"lead.{step}" for step, _status in states(lead)]


@pytest.mark.parametrize("verb", [None, pursuing.contact, pursuing.qualify, pursuing.propose])
def test_what_was_lost_goes_on_where_it_was(owner, lead, verb):
    before = verb(lead, by=owner).status if verb else "new"
    pursuing.lose(lead, by=owner, reason="Too dear")
    pursuing.change(lead, by=owner, values={"value": 5})

    assert pursuing.reopen(lead, by=owner).status == before


def test_what_is_over_is_not_pursued(owner, lead):
    pursuing.lose(lead, by=owner, reason="Too dear")
    before = states(lead)

    for verb in (pursuing.contact, pursuing.qualify, pursuing.propose):
        with pytest.raises(LeadRefused, match=r"The lead is lost\. Open it again first\."):
            verb(lead, by=owner)

    assert states(lead) == before


def test_a_lead_is_lost_for_a_reason(owner, lead):
    with pytest.raises(ValidationError) as refused:
        pursuing.lose(lead, by=owner, reason="  ")

    assert refused.value.message_dict == {"lost_reason": ["Say why it was lost."]}
    assert Lead.objects.get().status == LeadStatus.NEW


def test_an_edit_that_came_too_late_is_told(owner, lead):
    read = lead.changed_at
    pursuing.change(lead, by=owner, values={"title": "Bigger office"}, expected=read)

    with pytest.raises(StaleLead) as stale:
        pursuing.change(lead, by=owner, values={"title": "Small office"}, expected=read)

    assert stale.value.current.title == "Bigger office"
    assert Lead.objects.get().title == "Bigger office"


def test_a_title_is_no_state_but_a_value_is(owner, lead):
    pursuing.change(lead, by=owner, values={"title": "Bigger office"})
    pursuing.change(lead, by=owner, values={"value": Decimal(100), "currency": "DKK"})

    assert states(lead) == [("opened", "new"), ("changed", "new")]
    assert Lead.objects.get().value_reporting is None  # there is no rate


def test_a_value_is_converted_with_the_rate_of_the_day(owner, lead):
    ExchangeRate.objects.create(currency="DKK", on=date(2020, 1, 1), rate=Decimal("0.13"))

    pursuing.change(lead, by=owner, values={"value": Decimal(100), "currency": "DKK"})

    assert Lead.objects.get().value_reporting == 13


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"value": Decimal(-1)}, "value"),
        ({"value": Decimal(10**12)}, "value"),
        ({"value": Decimal(1), "currency": "XXX"}, "currency"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"status": "won"}, "status"),
    ],
)
def test_what_can_not_be_is_refused_at_its_field(owner, lead, values, field):
    with pytest.raises(ValidationError) as refused:
        pursuing.change(lead, by=owner, values=values)

    assert field in refused.value.message_dict
    assert LeadState.objects.count() == 1


def test_giving_a_lead_away(owner, stranger, lead):
    pursuing.assign(lead, by=owner, owner=stranger)

    lead.refresh_from_db()
    assert (lead.owner, lead.team) == (stranger, stranger.team)
    assert states(lead) == [("opened", "new"), ("assigned", "new")]


def test_a_new_owner_brings_the_own_team_unless_one_is_named(owner, stranger, manager, lead):
    away = pursuing.change(lead, by=manager, values={"owner": stranger})
    back = pursuing.change(lead, by=manager, values={"owner": owner, "team": stranger.team})
    nobody = pursuing.change(lead, by=manager, values={"owner": None})

    assert [(one.owner, one.team) for one in (away, back, nobody)] == [
        (stranger, stranger.team),
        (owner, stranger.team),
        (None, stranger.team),
    ]


def test_overdue_leads(owner, lead):
    pursuing.change(lead, by=owner, values={"next_action_on": date(2026, 3, 1)})

    assert list(Lead.objects.overdue(date(2026, 3, 2))) == [lead]
    assert list(Lead.objects.overdue(date(2026, 3, 1))) == []


def test_a_rep_sees_the_customers_of_the_own_leads(owner, teammate, stranger, manager):
    customer = CustomerFactory(owner=stranger, team=stranger.team)
    stranger.sees = teammate.sees = owner.sees = "own"
    open_lead(by=owner, customer=customer, values={})
    own = Lead.objects.get()

    assert Customer.objects.visible_to(owner).get() == customer
    assert Customer.objects.visible_to(teammate).count() == 0
    assert [Lead.objects.visible_to(one).count() for one in (owner, teammate, stranger, manager)] == [
        1,
        0,
        1,
        1,
    ]
    pursuing.assign(own, by=owner, owner=None, team=stranger.team)
    assert Customer.objects.visible_to(owner).count() == 0


def test_a_rep_who_sees_the_team_sees_the_leads_of_the_team(owner, teammate, stranger):
    customer = CustomerFactory(owner=stranger, team=stranger.team)

    open_lead(by=owner, customer=customer, values={})

    assert Lead.objects.visible_to(teammate).count() == 1
    assert Customer.objects.visible_to(teammate).get() == customer


def test_many_leads_with_their_past(owner, marketer):
    Organisation.objects.current()
    fair = Channel.objects.create(slug="fair", name="Fair")
    customers = CustomerFactory.create_batch(2, first_seen_at=datetime(2025, 6, 1, tzinfo=UTC))
    opened = datetime(2025, 3, 1, 9, tzinfo=UTC)
    won = [(LeadStep.QUALIFIED, opened + timedelta(days=1)), (LeadStep.CONVERTED, opened + timedelta(days=9))]
    pasts = [
        PastLead(customers[0].pk, opened, won, owner_id=owner.pk, channel_id=fair.pk, value=Decimal(100)),
        PastLead(
            customers[1].pk, opened, [(LeadStep.LOST, opened + timedelta(days=2))], lost_reason="No need"
        ),
    ]

    number = open_many(pasts, by=marketer)

    first, second = Lead.objects.order_by("pk")
    assert number == 2
    assert (first.status, first.closed_at, first.value_reporting) == ("won", opened + timedelta(days=9), 100)
    assert (second.status, second.lost_reason) == ("lost", "No need")
    assert states(first) == [("opened", "new"), ("qualified", "qualified"), ("converted", "won")]
    assert set(Customer.objects.values_list("first_seen_at", flat=True)) == {opened}
    assert Arrival.objects.filter(since=opened).count() == 2
    assert AuditEntry.objects.get(action="leads.opened").details == {"count": 2}


@pytest.mark.parametrize("sees", ["own", "team", "all"])
def test_each_way_of_asking_gives_a_rep_the_same_customers_and_leads(
    owner, stranger, north, south, sees
) -> None:
    owner.sees = sees
    owner.save()
    for number, (whose, team) in enumerate(
        [(owner, None), (None, north), (stranger, south), (None, None)] * 2
    ):
        customer = CustomerFactory(owner=whose, team=team)
        if number < 4:
            open_lead(by=None, values={}, customer=customer)
    sold = CustomerFactory(owner=stranger)
    open_lead(by=None, values={"owner": owner}, customer=sold)
    open_lead(by=None, values={"owner": stranger}, customer=sold)

    seen = set(Customer.objects.visible_to(owner))
    leads = set(Lead.objects.filter(customer__in=seen))

    assert (len(seen), len(leads)) == {"own": (3, 3), "team": (5, 4), "all": (9, 6)}[sees]
    assert set(Customer.objects.visible_one_by_one(owner)) == seen
    assert set(Lead.objects.visible_to(owner)) == set(Lead.objects.counted_for(owner)) == leads
    assert Lead.objects.counted_for(owner).count() == len(leads)
