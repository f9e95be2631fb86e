"""What happened to a customer, kind by kind, for the timeline of their page."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from babel import Locale
from django.db.models import Case, F, QuerySet, When
from django.db.models.functions import Coalesce
from django.utils.translation import get_language, gettext_lazy, to_locale
from django.utils.translation import gettext as _

from clm.accounts.models import Team, User
from clm.base.facts import BEGINNING
from clm.base.money import written
from clm.base.timeline import Entry, Moments, Source, register
from customers.conditions.event_names import SAID, in_words
from customers.custom_fields.kinds import shown
from customers.custom_fields.known import named
from customers.importing import came
from customers.leads.history import ICONS, TITLES
from customers.models import (
    Company,
    Consent,
    Customer,
    Event,
    LeadState,
    LeadStep,
    Order,
    ProfileChange,
    Refund,
    SegmentMember,
    TicketState,
    TicketStep,
    Touch,
)
from customers.models.order import OrderStatus
from customers.tickets.history import ICONS as TICKET_ICONS
from customers.tickets.history import TITLES as TICKET_TITLES


def _newest(rows: QuerySet[Any], customer: Customer, before: datetime | None, most: int) -> Iterable[Any]:
    facts = rows.filter(customer=customer, superseded_at=None)
    if before is not None:
        facts = facts.filter(occurred_at__lt=before)
    return facts.order_by("-occurred_at", "-pk")[:most]


def _money(amount: Any, currency: str) -> str:
    return written(amount, currency, Locale.parse(to_locale(get_language() or "en")))


def _orders(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    return [
        order_entry(order)
        for order in _newest(Order.objects.select_related("channel"), customer, before, most)
    ]


def order_entry(order: Order) -> Entry:
    status = "" if order.status == OrderStatus.PAID else order.get_status_display()
    parts = [
        order.key if order.key.isprintable() and len(order.key) <= 40 else "",
        status,
        str(order.channel or ""),
    ]
    title = _("Ordered for %(amount)s") % {"amount": _money(order.net, order.currency)}
    return Entry(
        f"order-{order.pk}", order.occurred_at, title, "shopping-cart", " · ".join(filter(None, parts))
    )


def _refunds(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    return [
        Entry(
            f"refund-{refund.pk}",
            refund.occurred_at,
            _("Refunded %(amount)s") % {"amount": _money(refund.amount, refund.currency)},
            "undo-2",
            refund.reason,
        )
        for refund in _newest(Refund.objects.all(), customer, before, most)
    ]


def _events(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    return [
        Entry(
            f"event-{event.pk}",
            event.occurred_at,
            str(KNOWN_EVENTS.get(event.name, in_words(event.name))),
            "user-plus" if event.name == "customer.created" else "activity",
            " · ".join(f"{name}: {value}" for name, value in list(event.properties.items())[:6]),
            name=event.name if event.name in SAID else "",
        )
        for event in _newest(Event.objects.all(), customer, before, most)
    ]


KNOWN_EVENTS = {"customer.created": gettext_lazy("Added as a customer")}


def _touches(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    return [
        Entry(
            f"touch-{touch.pk}",
            touch.occurred_at,
            _("Came by %(channel)s") % {"channel": touch.channel},
            "mouse-pointer-click",
            touch.campaign,
        )
        for touch in _newest(Touch.objects.select_related("channel"), customer, before, most)
    ]


def _consents(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    given, withdrawn = _("Consent given: %(purpose)s"), _("Consent withdrawn: %(purpose)s")
    return [
        Entry(
            f"consent-{consent.pk}",
            consent.occurred_at,
            (given if consent.is_given else withdrawn) % {"purpose": consent.get_purpose_display()},
            "shield-check" if consent.is_given else "shield-off",
            consent.text_version,
        )
        for consent in _newest(Consent.objects.all(), customer, before, most)
    ]


def _leads(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    states = LeadState.objects.select_related("lead__customer")
    return [lead_entry(state) for state in _newest(states, customer, before, most)]


def lead_entry(state: LeadState) -> Entry:
    return Entry(
        f"lead-{state.pk}",
        state.occurred_at,
        str(TITLES[LeadStep(state.step)]),
        ICONS[LeadStep(state.step)],
        str(state.lead),
        f"/leads/{state.lead_id}/",
    )


def _tickets(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    states = TicketState.objects.select_related("ticket")
    return [ticket_entry(state) for state in _newest(states, customer, before, most)]


def ticket_entry(state: TicketState) -> Entry:
    step = TicketStep(state.step)
    return Entry(
        f"ticket-{state.pk}",
        state.occurred_at,
        str(TICKET_TITLES[step]),
        TICKET_ICONS[step],
        str(state.ticket),
        f"/tickets/{state.ticket_id}/",
        text=state.note,
    )


def _segments(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    """Entering and leaving. Those of private segments are told nobody: a timeline is for all who see the customer."""
    rows = _STAYS.filter(customer=customer).select_related("segment")
    if before is not None:
        rows = rows.filter(entered_at__lt=before)
    left = Case(When(left_at__lt=before, then="left_at"), default=None) if before else F("left_at")
    newest = rows.annotate(last=Coalesce(left, "entered_at")).order_by("-last", "-pk")[:most]
    entries = [entry for stay in newest for entry in _stay(stay) if before is None or entry.at < before]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:most]


def _stay(stay: SegmentMember) -> Iterable[Entry]:
    name, address = str(stay.segment), f"/segments/{stay.segment_id}/"
    if stay.left_at:
        yield Entry(f"segment-{stay.pk}-left", stay.left_at, _("Left a segment"), "layers", name, address)
    yield Entry(f"segment-{stay.pk}", stay.entered_at, _("Entered a segment"), "layers", name, address)


_STAYS = SegmentMember.objects.filter(segment__is_shared=True)


def _segment_moments(customer: Customer) -> Sequence[tuple[QuerySet[Any, Any], str]]:
    stays = _STAYS.filter(customer=customer)
    return [(stays, "entered_at"), (stays, "left_at")]


def _changes(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    """Values that hold since the beginning are no happenings."""
    dated = ProfileChange.objects.filter(occurred_at__gt=BEGINNING)
    changes = list(_newest(dated, customer, before, most))
    names = {(field, pk): name for field, pk, name in _named(changes)}
    return [
        Entry(
            f"change-{change.pk}",
            change.occurred_at,
            _("%(field)s changed") % {"field": field_label(change.field)},
            "pencil",
            _value_in_words(change, names),
        )
        for change in changes
    ]


def _value_in_words(change: ProfileChange, names: dict[tuple[str, Any], str]) -> str:
    definition = named(change.field)
    if definition and definition.is_sensitive:  # this is read by whoever sees the customer
        return ""
    if change.value in (None, ""):
        return "–"
    if definition:
        return shown(definition, change.value)[:200]
    return str(
        change.value
        if isinstance(change.value, list)
        else names.get((change.field, change.value), change.value)
    )[:200]


def _named(changes: Iterable[ProfileChange]) -> Iterable[tuple[str, int, str]]:
    """Ids of owners, teams and companies in words; a query only for a kind that occurs."""
    models: dict[str, Any] = {"owner": User, "team": Team, "company": Company}
    for field, model in models.items():
        ids = {change.value for change in changes if change.field == field and isinstance(change.value, int)}
        for one in model.objects.filter(pk__in=ids) if ids else ():
            yield field, one.pk, str(one)


def field_label(field: str) -> str:
    """The name of a profile field as people read it."""
    if field.startswith("fields."):
        definition = named(field)
        return definition.label if definition else field.removeprefix("fields.")
    label = str(Customer._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]


def _moments(facts: Any) -> Moments:
    """Superseded facts do not count, and are few."""
    return lambda customer: [(facts.live().filter(customer=customer), "occurred_at")]


_DATED = ProfileChange.objects.filter(occurred_at__gt=BEGINNING)
for source in (
    Source("orders", gettext_lazy("Orders"), _orders, _moments(Order.objects)),
    Source("refunds", gettext_lazy("Refunds"), _refunds, _moments(Refund.objects)),
    Source("events", gettext_lazy("Events"), _events, _moments(Event.objects)),
    Source("touches", gettext_lazy("Touches"), _touches, _moments(Touch.objects)),
    Source("consents", gettext_lazy("Consents"), _consents, _moments(Consent.objects)),
    Source("leads", gettext_lazy("Leads"), _leads, _moments(LeadState.objects)),
    Source("tickets", gettext_lazy("Tickets"), _tickets, _moments(TicketState.objects)),
    Source("segments", gettext_lazy("Segments"), _segments, _segment_moments),
    Source("changes", gettext_lazy("Changes"), _changes, _moments(_DATED)),
    Source("imports", gettext_lazy("Imports"), came.entries, came.moments),
):
    register("customer", source)
