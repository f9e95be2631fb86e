"""A random company with a little of every fact that conditions ask about, and the values they are asked with."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from campaigns.models import Campaign, Enrollment, Invitation, Message, Response, Step, Survey
from clm.accounts.models import Organisation
from clm.base.facts import BEGINNING, KeyedFact
from customers.conditions.first_seen import facts_known
from customers.models import (
    Channel,
    Consent,
    Customer,
    Event,
    IdealProfile,
    Lead,
    LeadState,
    Order,
    OrderLine,
    Product,
    ProfileChange,
    Refund,
    Scoring,
    Segment,
    SegmentMember,
    Ticket,
    TicketState,
)
from lifecycle.models import LifecycleModel, Stage, StagePeriod

ZONE = "Europe/Copenhagen"
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
WITHIN = [None, 1, 20, 60]
CAMPAIGN = 1
OWNERS = [1, 2]
OUTCOMES = ["completed", "goal"]
STAGES = ["first", "second", "third"]

PROPERTY_TESTS: list[dict[str, Any]] = [
    {"property": "score", "operator": "is", "value": 7},
    {"property": "score", "operator": "is_not", "value": "7"},
    {"property": "score", "operator": "is_one_of", "values": ["9", "high"]},
    {"property": "score", "operator": "at_least", "value": 7},
    {"property": "score", "operator": "at_most", "value": "8.5"},
    {"property": "score", "operator": "contains", "value": "H"},
    {"property": "score", "operator": "is_set"},
    {"property": "colour", "operator": "is_not_set"},
]
VALUES: dict[str, dict[str, list[Any]]] = {
    "field": {
        "field": ["country", "kind", "fields.plan"],
        "operator": ["is", "is_not", "contains", "is_set", "is_empty"],
        "value": ["DK", "gold", "o", "person", ""],
    },
    "first_seen": {"days": [0, 1, 30, 90]},
    "consent": {"purpose": ["marketing", "profiling"]},
    "random_bucket": {"first": [1, 40], "last": [1, 60, 100], "draw": ["", "mai"]},
    "event": {
        "names": [["page.viewed"], ["page.viewed", "nps.answered"], ["gone"]],
        "at_least": [1, 2, 3],
        "within_days": WITHIN,
        "properties": [
            None,
            *([one] for one in PROPERTY_TESTS),
            PROPERTY_TESTS[:2],
            PROPERTY_TESTS[3:5],
            PROPERTY_TESTS[5:],
        ],
        "property": [None, "score"],
        "is_value": [None, "7"],
        "at_least_value": [None, 8],
    },
    "purchase_days": {"at_least": [0, 1, 2, 3, 8], "at_most": [None, 0, 1, 3], "within_days": WITHIN},
    "purchased_within": {"days": [0, 10, 60]},
    "lapsed": {"days": [0, 10, 60]},
    "orders": {"at_least": [1, 2, 4], "within_days": WITHIN},
    "spent": {"at_least": ["0", "20", "75.5"], "within_days": WITHIN},
    "bought_product": {"sku": ["tea", "gone"], "within_days": WITHIN},
    "lead": {
        "status": [None, ["new", "qualified"], ["won"]],
        "owner": [None, *OWNERS],
        "source": ["", "fair", "gone"],
        "value_at_least": [None, "0", "50"],
        "opened_within_days": WITHIN,
    },
    "open_lead": {},
    "lead_qualified": {"within_days": WITHIN},
    "ticket": {
        "at_least": [1, 2],
        "type": [None, ["question"], ["problem", "complaint"]],
        "priority": [None, ["urgent"], ["low", "urgent"]],
        "status": [None, ["open"], ["waiting", "solved"]],
        "opened_within_days": WITHIN,
    },
    "in_segment": {"segment": ["hand", "buyers", "gone"]},
    "score": {
        "fit_at_least": [1, 50, 100],
        "interest_at_least": [None, 1, 5, 12],
        "grades": [None, ["A1", "B2"], ["A4", "B4", "D3"]],
    },
    "in_stage": {"model": ["model", "gone"], "stages": [["first"], STAGES[1:]], "for_days": [0, 1, 20]},
    "was_in_stage": {"model": ["model"], "stages": [["first"], STAGES[1:]], "within_days": WITHIN},
    "got_message": {"campaign": [str(CAMPAIGN)], "number": [None, 1, 2], "within_days": WITHIN},
    "in_campaign": {"campaign": [str(CAMPAIGN)]},
    "finished_campaign": {
        "campaign": [str(CAMPAIGN)],
        "outcome": [None, *OUTCOMES],
        "within_days": WITHIN,
    },
    "nps_score": {
        "at_least": [0, 7, 9],
        "at_most": [6, 8, 10],
        "within_days": WITHIN,
        "survey": [None, "nps", "other"],
    },
    "last_nps_score": {
        "at_least": [0, 7, 9],
        "at_most": [6, 8, 10],
        "within_days": WITHIN,
        "survey": [None, "nps", "other"],
    },
    "not_asked": {"within_days": WITHIN, "survey": [None, "nps", "other"]},
}


def world(chance: random.Random, people: int = 6) -> None:
    """Written past the verbs, with keys that lead nowhere: for a transaction that is never committed."""
    Organisation.objects.update_or_create(pk=1, defaults={"zone": ZONE})
    backdrop()
    for number in range(people):
        customer = Customer.objects.create(external_id=str(number), first_seen_at=NOW)
        for told in (_purchases, _events, _consents, _profile, _leads, _tickets, _stays, _campaign, _surveys):
            told(customer, chance)
    _see_first()


def backdrop() -> None:
    Product.objects.create(sku="tea", name="Tea")
    Channel.objects.create(slug="fair", name="Fair")
    Survey.objects.main()
    Survey.objects.create(slug="other", name="Other")
    Segment.objects.create(slug="hand", name="By hand", kind="static")
    buyers = {"condition": "orders", "parameters": {"at_least": 1}}
    Segment.objects.create(slug="buyers", name="Buyers", kind="dynamic", conditions=buyers)
    _scoring(buyers)
    model = LifecycleModel.objects.create(slug="model", labels={"en": "Model"})
    for position, slug in enumerate(STAGES):
        Stage.objects.create(model=model, slug=slug, labels={"en": slug}, kind="active", position=position)
    Campaign.objects.create(pk=CAMPAIGN, name="Welcome")
    for position, kind in enumerate(("message", "wait", "message")):
        wait = {"wait_amount": 1, "wait_unit": "days"} if kind == "wait" else {"template_id": 1}
        Step.objects.create(version_id=1, position=position, kind=kind, **wait)


def _scoring(buyers: dict[str, Any]) -> None:
    danish = {"condition": "field", "parameters": {"field": "country", "operator": "is", "value": "DK"}}
    tests = [{"weight": 3, "conditions": danish}, {"weight": 1, "conditions": buyers}]
    IdealProfile.objects.create(name="Danes", tests=tests)
    IdealProfile.objects.create(
        name="Buyers", tests=[{"weight": 5, "conditions": {"not": danish}}, *tests[1:]]
    )
    signals = [
        {"event": "page.viewed", "points": 9, "most": 2},
        {"event": "nps.answered", "points": -4, "most": 3, "property": "score", "is_value": "7"},
    ]
    Scoring.objects.update_or_create(pk=1, defaults={"signals": signals, "half_life_days": 10})


def moment(chance: random.Random, after: datetime | None = None) -> datetime:
    """Within 120 days, sometimes just where a local day begins."""
    at = (after or NOW - timedelta(days=120)) + timedelta(minutes=chance.randint(1, 60 * 24 * 60))
    return at.replace(hour=22, minute=0) if chance.random() < 0.15 and not after else at


def _fact(
    kind: Any,
    customer: Customer,
    chance: random.Random,
    *,
    changed: Callable[[], dict[str, Any]],
    **said: Any,
) -> Any:
    """A fact that was learned in time or late, and perhaps corrected or withdrawn. Returns its first version."""
    whose = {"customer": customer, "original_customer": customer}
    learned = said["occurred_at"] + timedelta(days=chance.choice([0, 0, 0, 15]))
    learned = max(learned, NOW - timedelta(days=150))
    corrected = learned + timedelta(days=chance.randint(1, 40)) if chance.random() < 0.25 else None
    first = kind.objects.create(**whose, **said, recorded_at=learned, superseded_at=corrected)
    if corrected and chance.random() < 0.7:
        again = {"first": first} if issubclass(kind, KeyedFact) else {}
        kind.objects.create(**whose, **(said | changed() | again), recorded_at=corrected)
    return first


def _keyed(customer: Customer, number: int) -> dict[str, Any]:
    return {"source": "t", "key": f"{customer.pk}-{number}"}


def _purchases(customer: Customer, chance: random.Random) -> None:
    tea = Product.objects.get()
    for number in range(chance.choice([0, 1, 2, 5])):
        said = _keyed(customer, number) | {"occurred_at": moment(chance), "currency": "EUR"}
        said |= {"gross": chance.randint(0, 40), "rate": chance.choice([Decimal(1), None])}
        said |= {"status": chance.choice(["paid", "paid", "paid", "cancelled"])}
        said |= {"is_test": chance.random() < 0.1}
        order = _fact(Order, customer, chance, changed=lambda: {"gross": chance.randint(0, 60)}, **said)
        if chance.random() < 0.5:
            line = _keyed(customer, number) | {
                "occurred_at": order.occurred_at,
                "order": order,
                "product": tea,
            }
            _fact(OrderLine, customer, chance, changed=lambda: {"amount": 2}, **line, amount=1)
        if chance.random() < 0.4:
            back = _keyed(customer, number) | {"currency": "EUR", "rate": 1, "order": order}
            back |= {"occurred_at": moment(chance, order.occurred_at), "amount": chance.randint(1, 40)}
            _fact(Refund, customer, chance, changed=lambda: {"amount": 1}, **back)


def _events(customer: Customer, chance: random.Random) -> None:
    for number in range(chance.randint(0, 4)):
        said = _keyed(customer, number) | {"occurred_at": moment(chance)}
        said |= {"name": chance.choice(["page.viewed", "nps.answered"])}
        scores: list[dict[str, Any]] = [{}, *({"score": one} for one in (7, "7.0", "9", "high", ""))]
        said["properties"] = chance.choice(scores) | chance.choice([{}, {"colour": 1}])
        _fact(Event, customer, chance, changed=lambda: {"name": "page.viewed"}, **said)


def _profile(customer: Customer, chance: random.Random) -> None:
    for field, value in (("country", "DK"), ("country", "SE"), ("fields.plan", "gold"), ("kind", "company")):
        if chance.random() < 0.5:
            at = BEGINNING if chance.random() < 0.3 else moment(chance)
            said = {"field": field, "value": value, "occurred_at": at}
            _fact(ProfileChange, customer, chance, changed=lambda: {"value": None}, **said)


def _consents(customer: Customer, chance: random.Random) -> None:
    for number in range(chance.randint(0, 3)):
        said = _keyed(customer, number) | {"purpose": chance.choice(["marketing", "profiling"])}
        said |= {"occurred_at": moment(chance), "is_given": chance.random() < 0.6}
        _fact(Consent, customer, chance, changed=lambda: {"is_given": False}, **said)


def _leads(customer: Customer, chance: random.Random) -> None:
    for _number in range(chance.choice([0, 1, 2])):
        at = moment(chance)
        lead = Lead.objects.create(customer=customer, original_customer=customer, opened_at=at)
        steps = [
            ("opened", "new"),
            ("contacted", "contacted"),
            ("qualified", "qualified"),
            ("proposed", "proposal"),
        ]
        for step, status in steps[: chance.randint(1, 4)]:
            said = {"lead": lead, "step": step, "status": status, "occurred_at": at}
            said |= {"owner_id": chance.choice([None, *OWNERS]), "value": chance.randint(0, 90), "rate": 1}
            said |= {"channel": chance.choice([None, Channel.objects.get()])}
            _fact(LeadState, customer, chance, changed=lambda: {"value": 60}, **said)
            at += timedelta(minutes=chance.randint(1, 30 * 24 * 60))


def _tickets(customer: Customer, chance: random.Random) -> None:
    for number in range(chance.choice([0, 1, 3])):
        at, named = moment(chance), {"source": "test", "key": f"{customer.pk}-{number}"}
        whose = {"customer": customer, "original_customer": customer}
        ticket = Ticket.objects.create(**whose, **named, subject="Where is it?", opened_at=at)
        steps = [("opened", "open"), ("answered", "waiting"), ("changed", "waiting"), ("solved", "solved")]
        for step, status in steps[: chance.randint(1, 4)]:
            said = {"ticket": ticket, "step": step, "status": status, "occurred_at": at}
            said |= {"type": chance.choice(["question", "problem", "complaint"])}
            said |= {"priority": chance.choice(["low", "urgent"])}
            _fact(TicketState, customer, chance, changed=lambda: {"status": "open"}, **said)
            at += timedelta(minutes=chance.randint(1, 30 * 24 * 60))


def _stays(customer: Customer, chance: random.Random) -> None:
    whose = {"customer": customer, "original_customer": customer}
    entered: datetime | None = moment(chance)
    stages = list(Stage.objects.all())
    while entered is not None and entered < NOW:
        left = entered + timedelta(days=chance.randint(1, 50)) if chance.random() < 0.7 else None
        stay = {"entered_at": entered, "left_at": left}
        learned = entered + timedelta(days=chance.choice([0, 0, 10]))
        StagePeriod.objects.create(**whose, **stay, model=stages[0].model, stage=chance.choice(stages), version_id=1,
                                   cause="initial", recorded_at=learned)  # fmt: skip
        SegmentMember.objects.create(**whose, **stay, segment=Segment.objects.get(slug="hand"))
        entered = left + timedelta(days=chance.choice([0, 5])) if left else None


def _campaign(customer: Customer, chance: random.Random) -> None:
    whose = {"customer": customer, "original_customer": customer, "campaign_id": CAMPAIGN}
    steps = list(Step.objects.filter(kind="message"))
    entered = moment(chance)
    for _number in range(chance.randint(0, 2)):
        ended = entered + timedelta(days=chance.randint(1, 20)) if chance.random() < 0.6 else None
        closed = (
            {"finished_at": ended, "outcome": chance.choice(OUTCOMES)} if ended else {"next_step_at": NOW}
        )
        run = Enrollment.objects.create(
            **whose, version_id=1, matched_at=entered, entered_at=entered, **closed
        )
        for step in steps:
            if chance.random() < 0.6:
                at = entered + timedelta(days=chance.randint(0, 10), minutes=7)
                sent = {"state": "sent", "sent_at": at, "handed_at": at, "settled_at": at}
                Message.objects.create(**whose, **sent, enrollment=run, step=step, expires_at=at,
                                       dedupe_key=f"{run.pk}-{step.pk}", message_id=f"{run.pk}-{step.pk}")  # fmt: skip
        if ended is None:
            return
        entered = ended + timedelta(hours=1)


def _surveys(customer: Customer, chance: random.Random) -> None:
    surveys = list(Survey.objects.all())
    for number in range(chance.randint(0, 3)):
        said = _keyed(customer, number) | {"survey": chance.choice(surveys), "occurred_at": moment(chance)}
        if chance.random() < 0.4:
            _fact(Invitation, customer, chance, changed=dict, **said)
        else:
            said["score"] = chance.randint(0, 10)
            _fact(Response, customer, chance, changed=lambda: {"score": chance.randint(0, 10)}, **said)


def _see_first() -> None:
    """As writing the facts would have: of those that hold now."""
    for facts in facts_known(NOW + timedelta(days=3650)):
        for customer, at in facts.values_list("customer_id", "occurred_at"):
            Customer.objects.filter(pk=customer, first_seen_at__gt=at).update(first_seen_at=at)
