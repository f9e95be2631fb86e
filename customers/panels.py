"""What a customer's page shows of who they are and what they bought; higher apps add their panels."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, F, Func, OuterRef, QuerySet, Subquery, TextField, When
from django.db.models import Value as Text
from django.db.models.functions import Cast, Coalesce, Concat
from django.http import HttpRequest
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability, may
from clm.accounts.views.signed_in import me
from clm.base import clock, keyset
from clm.base.panels import Panel, register
from clm.base.timeline import sources
from customers import timeline as _timeline  # noqa: F401  # registers the sources of the timeline
from customers import timeline_doings as _doings  # noqa: F401  # and what reps did
from customers.custom_fields.kinds import shown
from customers.custom_fields.known import definitions, in_use
from customers.merging import panel as _merging  # noqa: F401  # registers the panel of duplicates
from customers.models import (
    Consent,
    Customer,
    Identity,
    Lead,
    Order,
    OrderLine,
    PurchaseSummary,
    Segment,
    SegmentMember,
    Task,
    Ticket,
)
from customers.models.consent import Purpose
from customers.models.interaction import InteractionKind
from customers.privacy import panel as _privacy_panel  # noqa: F401  # registers the panel of privacy

ORDERS_SHOWN = 10
LINES_SHOWN = 12
LEADS_SHOWN = 5


@dataclass(frozen=True)
class Value:
    """Net of refunds, in the reporting currency. `average` is None before the first order that counts."""

    purchases: PurchaseSummary
    average: Decimal | None
    currency: str


def value_of(customer: Customer) -> Value:
    purchases = getattr(customer, "purchases", None) or PurchaseSummary(customer=customer)
    counted = purchases.orders - purchases.unconverted
    average = purchases.revenue / counted if counted > 0 else None
    return Value(purchases, average, Organisation.objects.current().currency)


def _value(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    return {"value": value_of(customer)}


def _who(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    identities = Identity.objects.live().filter(customer=customer).order_by("kind", "source", "value")
    known = definitions()
    return {
        "customer": customer,
        "identities": identities,
        "own": [
            (one.label, shown(one, customer.fields[one.key]))
            for one in in_use(me(request))
            if one.key in customer.fields
        ],
        "undefined": [(key, value) for key, value in customer.fields.items() if key not in known],
        "may_define": may(me(request), Capability.ADMINISTER),
    }


def _leads(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    leads = list(
        Lead.objects.filter(customer=customer)
        .select_related("owner")
        .order_by("-opened_at", "-pk")[: LEADS_SHOWN + 1]
    )
    may_open = may(me(request), Capability.EDIT_CUSTOMERS) and not customer.merged_into_id
    context = {"leads": leads[:LEADS_SHOWN], "has_more": len(leads) > LEADS_SHOWN, "may_open": may_open}
    return context | {"customer": customer, "today": localdate()}


def _consents(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The last entry for each purpose; purposes nobody was asked about are named as such."""
    ledger = Consent.objects.live().filter(customer=customer).order_by("purpose", "-occurred_at", "-pk")
    last = {consent.purpose: consent for consent in ledger.distinct("purpose")}
    return {"consents": [(label, last.get(purpose)) for purpose, label in Purpose.choices]}


def _segments(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """Those that the reader sees, whose members the customer is at present."""
    seen = Segment.objects.visible_to(me(request))
    periods = SegmentMember.objects.open().filter(customer=customer, segment__in=seen)
    return {"periods": periods.select_related("segment").order_by("segment__name")}


def _orders(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    orders = Order.objects.live().filter(customer=customer).with_kept().select_related("channel")
    orders = orders.annotate(lines=ArraySubquery(_lines_of_the_order()[: LINES_SHOWN + 1]))
    page = keyset.page(orders, sort="-occurred_at", cursor=request.GET.get("orders", ""), size=ORDERS_SHOWN)
    for order in page.rows:
        if len(order.lines) > LINES_SHOWN:
            order.lines[LINES_SHOWN:] = [_("and more")]
    return {"page": page, "is_first": not request.GET.get("orders")}


def _lines_of_the_order() -> QuerySet[Any]:
    """In words, as they stand on a receipt: "2 × Coffee"; the number is left out when it is one."""
    lines = OrderLine.objects.live().bought().filter(order=OuterRef("root")).order_by("root")
    quantity = Func("quantity", function="trim_scale", output_field=TextField())
    several = Concat(Cast(quantity, TextField()), Text(" × "), F("product__name"))
    told = Case(When(quantity=1, then=F("product__name")), default=several, output_field=TextField())
    return lines.annotate(told=told).values("told")


def _score(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    return {"customer_id": customer.pk}


def _grade(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    score = getattr(customer, "score", None)
    return {"grade": score.grade} if score else None


def _score_of_lead(request: HttpRequest, lead: Lead) -> dict[str, Any]:
    return {"customer_id": lead.customer_id}


def _history(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    return {"customer": customer, "sources": sources("customer").values(), "title": _("Timeline")}


def _composer(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Where notes, calls and meetings are written; nothing for those who only read."""
    if customer.merged_into_id or not may(me(request), Capability.EDIT_CUSTOMERS):
        return None
    return {"customer": customer, "kinds": InteractionKind.choices}


def _composer_of_lead(request: HttpRequest, lead: Lead) -> dict[str, Any]:
    may_write = may(me(request), Capability.EDIT_CUSTOMERS)
    return {"lead": lead, "customer": lead.customer, "kinds": InteractionKind.choices, "may_write": may_write}


def in_short(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """With what the header says, in the same query: `open_tasks`, `open_leads`, `open_tickets`, `may_market`
    (None: never asked).
    """
    tasks = Task.objects.open().filter(customer=OuterRef("pk"))
    leads = Lead.objects.open().filter(customer=OuterRef("pk"))
    tickets = Ticket.objects.open().filter(customer=OuterRef("pk"))
    asked = Consent.objects.live().filter(customer=OuterRef("pk"), purpose=Purpose.MARKETING)
    last = asked.order_by("-occurred_at", "-pk").values("is_given")[:1]
    return customers.annotate(
        open_tasks=_number(tasks),
        open_leads=_number(leads),
        open_tickets=_number(tickets),
        may_market=Subquery(last),
    )


def _number(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("customer").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def _short(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Only where the header was asked for: the page of a lead shows the customer's stage, and no more."""
    if not hasattr(customer, "open_tasks"):
        return None
    return {"customer": customer, "value": value_of(customer)}


register("customer", Panel("short", "customers/_short.html", _short, place="header", order=20))


def _tasks(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    may_edit = may(me(request), Capability.EDIT_CUSTOMERS) and not customer.merged_into_id
    tasks = Task.objects.filter(customer=customer)
    return {"customer": customer, "tasks": tasks.pressing(), "now": clock.now(), "may_edit": may_edit}


def _tasks_of_lead(request: HttpRequest, lead: Lead) -> dict[str, Any]:
    may_edit = may(me(request), Capability.EDIT_CUSTOMERS)
    tasks = Task.objects.filter(lead=lead)
    return {
        "lead": lead,
        "customer": lead.customer,
        "tasks": tasks.pressing(),
        "now": clock.now(),
        "may_edit": may_edit,
    }


register("customer", Panel("tasks", "tasks/_panel.html", _tasks, place="main", order=7))
register("lead", Panel("tasks", "tasks/_panel.html", _tasks_of_lead, place="main", order=5))
register("customer", Panel("value", "customers/_value.html", _value, place="top", order=10))
register(
    "customer", Panel("composer", "customers/interactions/_panel.html", _composer, place="main", order=5)
)
register(
    "lead",
    Panel(
        "composer", "customers/interactions/_panel_of_lead.html", _composer_of_lead, place="main", order=10
    ),
)
register("customer", Panel("leads", "leads/_panel.html", _leads, place="main", order=20))


def _tickets(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    return {"customer_id": customer.pk}


register("customer", Panel("tickets", "tickets/_panel.html", _tickets, place="main", order=25))
register("customer", Panel("orders", "customers/_orders.html", _orders, place="main", order=30))
register("customer", Panel("timeline", "customers/_timeline.html", _history, place="main", order=40))
register("customer", Panel("grade", "customers/scoring/_badge.html", _grade, place="header", order=30))
register("customer", Panel("score", "customers/scoring/_panel.html", _score, place="side", order=8))
register("lead", Panel("score", "customers/scoring/_panel.html", _score_of_lead, place="side", order=8))
register("customer", Panel("who", "customers/_who.html", _who, place="side", order=10))
register(
    "customer",
    Panel("segments", "customers/segments/_panel.html", _segments, place="side", order=35, is_late=True),
)
register(
    "customer", Panel("consents", "customers/_consents.html", _consents, place="side", order=20, is_late=True)
)
