"""The source of a lead is a touch of its customer: once, corrected with it, and seen by attribution."""

from datetime import timedelta
from decimal import Decimal

import pytest

from clm.base import clock
from customers.leads import pursuing
from customers.leads.converting import convert
from customers.leads.opening import open_lead
from customers.leads.opening_many import PastLead, open_many
from customers.models import Arrival, Channel, Customer, Lead, Touch
from tests.factories import CustomerFactory
from tests.metrics.world import World, parts

pytestmark = pytest.mark.django_db


def channel(slug: str) -> Channel:
    return Channel.objects.get_or_create(slug=slug, defaults={"name": slug.title()})[0]


def touches() -> list[tuple[int, str, bool]]:
    """(customer, channel, whether it is live), in order."""
    rows = Touch.objects.order_by("pk").select_related("channel")
    return [(row.customer_id, row.channel.slug, row.superseded_at is None) for row in rows]


def opened(by: object, customer: Customer, slug: str | None = "fair") -> Lead:
    return open_lead(by=by, values={"channel": channel(slug) if slug else None}, customer=customer)


def test_a_lead_is_a_touch_of_its_source_when_it_was_opened(marketer) -> None:
    customer = CustomerFactory()

    lead = opened(marketer, customer)
    pursuing.contact(lead, by=marketer, note="Called")

    assert touches() == [(customer.pk, "fair", True)]
    assert Touch.objects.get().occurred_at == lead.opened_at


def test_a_corrected_source_supersedes_the_touch(marketer) -> None:
    lead = opened(marketer, customer := CustomerFactory())
    before = clock.now()
    Arrival.objects.all().delete()

    pursuing.change(lead, by=marketer, values={"channel": channel("referral")})

    assert touches() == [(customer.pk, "fair", False), (customer.pk, "referral", True)]
    first, live = Touch.objects.order_by("pk")
    assert (live.root, live.occurred_at) == (first.pk, lead.opened_at)
    assert Touch.objects.known(before).get() == first
    assert lead.opened_at in set(Arrival.objects.values_list("since", flat=True))


def test_a_source_that_is_taken_out_and_put_back_stays_one_touch(marketer) -> None:
    lead = opened(marketer, customer := CustomerFactory())

    pursuing.change(lead, by=marketer, values={"channel": None})
    assert touches() == [(customer.pk, "fair", False)]
    pursuing.change(lead, by=marketer, values={"channel": channel("fair")})

    assert touches() == [(customer.pk, "fair", False), (customer.pk, "fair", True)]
    assert len(set(Touch.objects.values_list("root", flat=True))) == 1


def test_a_lead_without_a_source_touches_nothing(marketer) -> None:
    lead = opened(marketer, CustomerFactory(), None)
    pursuing.change(lead, by=marketer, values={"title": "Chairs"})

    assert touches() == []


def test_the_touch_follows_the_lead_to_whom_it_is_won_for(marketer) -> None:
    enquirer, customer = CustomerFactory(), CustomerFactory()
    lead = opened(marketer, enquirer)

    convert(lead, by=marketer, into=customer)

    assert touches() == [(enquirer.pk, "fair", False), (customer.pk, "fair", True)]


def test_past_leads_bring_their_touches(marketer) -> None:
    first, second = CustomerFactory(), CustomerFactory()
    at = clock.now() - timedelta(days=90)

    open_many([PastLead(first.pk, at, channel_id=channel("fair").pk), PastLead(second.pk, at)], by=marketer)

    assert touches() == [(first.pk, "fair", True)]
    assert Touch.objects.get().occurred_at == at


def test_acquisition_cost_sees_whom_sales_brought(marketer) -> None:
    world = World()
    customer = world.customer()
    world.spend("2025-03-01", "60", "fair")
    at = world.at("2025-03-02")
    open_many([PastLead(customer.pk, at, channel_id=world.channel("fair").pk)], by=marketer)
    world.order(customer, "2025-03-10")

    for model in ("first", "last"):
        answer = world.ask("cac", "2025-03-01", "2025-03-31", breakdown="channel", variant=model)
        assert parts(answer)["fair"] == Decimal(60), model
