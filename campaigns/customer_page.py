"""What a customer's page and timeline show of campaigns and messages: what came, what did not, and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Enrollment, Message, MessageState
from clm.accounts.permissions import Capability, may
from clm.accounts.views.signed_in import me
from clm.base import panels, timeline
from clm.base.timeline import Entry
from customers.models import Customer

SHOWN = 5
ICONS = {MessageState.SENT: "mail", MessageState.FAILED: "circle-alert", MessageState.IN_DOUBT: "circle-help"}


def panel(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """The last runs and messages; nothing before there is one."""
    runs = list(_runs(customer).order_by("-entered_at")[:SHOWN])
    messages = list(_messages(customer).order_by("-queued_at")[:SHOWN])
    if not runs and not messages:
        return None
    return {"runs": runs, "messages": messages, "may_view": may(me(request), Capability.VIEW_CAMPAIGNS)}


def _runs(customer: Customer) -> Any:
    return Enrollment.objects.filter(customer=customer).select_related("campaign")


def _messages(customer: Customer) -> Any:
    return Message.objects.filter(customer=customer).select_related("campaign", "step__template")


def message_moments(customer: Customer) -> list[tuple[Any, str]]:
    rows = Message.objects.filter(customer=customer)
    return [(rows.annotate(at=Coalesce("sent_at", "settled_at", "handed_at", "queued_at")), "at")]


def run_moments(customer: Customer) -> list[tuple[Any, str]]:
    runs = Enrollment.objects.filter(customer=customer)
    return [(runs, "entered_at"), (runs, "finished_at")]


def message_entries(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    rows = _messages(customer).annotate(at=Coalesce("sent_at", "settled_at", "handed_at", "queued_at"))
    if before:
        rows = rows.filter(at__lt=before)
    return [_of_message(message) for message in rows.order_by("-at", "-pk")[:most]]


def _of_message(message: Any) -> Entry:
    what = message.step.template if message.step and message.step.template else message.get_kind_display()
    title = _("Message “%(what)s”: %(state)s") % {"what": what, "state": message.get_state_display()}
    reason = message.get_reason_display() if message.reason else ""
    detail = " · ".join(filter(None, [str(message.campaign or ""), reason, message.words[:200]]))
    return Entry(f"message-{message.pk}", message.at, title, ICONS.get(message.state, "mail-open"), detail)


def run_entries(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    found = [entry for run in _runs(customer) for entry in _of_run(run)]
    earlier = [entry for entry in found if before is None or entry.at < before]
    return sorted(earlier, key=lambda entry: entry.at, reverse=True)[:most]


def _of_run(run: Enrollment) -> list[Entry]:
    name = {"campaign": run.campaign}
    entries = [
        Entry(f"run-{run.pk}", run.entered_at, _("Entered the campaign “%(campaign)s”") % name, "log-in")
    ]
    if run.finished_at:
        detail = " · ".join(filter(None, [run.get_outcome_display(), run.reason]))
        title = _("Left the campaign “%(campaign)s”") % name
        entries.append(Entry(f"run-{run.pk}-end", run.finished_at, title, "log-out", detail))
    return entries


panels.register(
    "customer",
    panels.Panel("campaigns", "campaigns/_customer_panel.html", panel, place="side", order=25, is_late=True),
)
timeline.register(
    "customer", timeline.Source("messages", gettext_lazy("Messages"), message_entries, message_moments)
)
timeline.register(
    "customer", timeline.Source("campaigns", gettext_lazy("Campaigns"), run_entries, run_moments)
)
