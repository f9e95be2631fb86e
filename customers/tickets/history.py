"""What was done with a ticket, in words: each step with what it changed."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from customers.leads.history import MOST, Done
from customers.models import Ticket, TicketState, TicketStep

TITLES: dict[str, Promise] = {
    TicketStep.OPENED: gettext_lazy("Ticket opened"),
    TicketStep.ANSWERED: gettext_lazy("Customer answered"),
    TicketStep.CHANGED: gettext_lazy("Ticket changed"),
    TicketStep.SOLVED: gettext_lazy("Ticket solved"),
    TicketStep.CLOSED: gettext_lazy("Ticket closed"),
    TicketStep.REOPENED: gettext_lazy("Ticket opened again"),
    TicketStep.MERGED: gettext_lazy("Ticket merged into another"),
    TicketStep.JOINED: gettext_lazy("Another ticket was merged into it"),
}
ICONS = {
    TicketStep.OPENED: "life-buoy",
    TicketStep.ANSWERED: "message-square-reply",
    TicketStep.CHANGED: "pencil",
    TicketStep.SOLVED: "circle-check",
    TicketStep.CLOSED: "archive",
    TicketStep.REOPENED: "undo-2",
    TicketStep.MERGED: "git-merge",
    TicketStep.JOINED: "git-merge",
}


def history_of(ticket: Ticket, *, most: int | None = None) -> list[Done]:
    """The latest first, at most MOST unless told otherwise. One query."""
    states = TicketState.objects.live().filter(ticket=ticket).select_related("owner", "team", "actor")
    latest = list(states.order_by("-occurred_at", "-pk")[: (most or MOST) + 1])
    before: list[TicketState | None] = [*latest[1:], None]
    told = [_told(state, last) for state, last in zip(latest, before, strict=False)]
    return told[: most or MOST]


def _told(state: TicketState, before: TicketState | None) -> Done:
    who = str(state.actor) if state.actor_id and state.actor else ""
    step = TicketStep(state.step)
    changes = list(_changes(state, before)) if before else []
    return Done(state.occurred_at, TITLES[step], ICONS[step], who, state.note, changes)


def _changes(state: TicketState, before: TicketState) -> Iterator[tuple[str, str, str]]:
    for name in ("status", "type", "priority"):
        if getattr(state, name) != getattr(before, name):
            was, now = (str(getattr(one, f"get_{name}_display")()) for one in (before, state))
            yield _label(name), was, now
    for name in ("owner", "team"):
        if getattr(state, f"{name}_id") != getattr(before, f"{name}_id"):
            yield _label(name), _shown(getattr(before, name)), _shown(getattr(state, name))


def _label(name: str) -> str:
    label = str(Ticket._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]


def _shown(value: object) -> str:
    return "–" if value is None else str(value)
