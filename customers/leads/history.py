"""What was done with a lead, in words: each step with what it changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.templatetags.formats import date_local, money
from customers.models import Lead, LeadState, LeadStep

TITLES: dict[str, Promise] = {
    LeadStep.OPENED: gettext_lazy("Lead opened"),
    LeadStep.CHANGED: gettext_lazy("Lead changed"),
    LeadStep.ASSIGNED: gettext_lazy("Lead assigned"),
    LeadStep.CONTACTED: gettext_lazy("Customer contacted"),
    LeadStep.QUALIFIED: gettext_lazy("Lead qualified"),
    LeadStep.PROPOSED: gettext_lazy("Proposal made"),
    LeadStep.LOST: gettext_lazy("Lead lost"),
    LeadStep.REOPENED: gettext_lazy("Lead opened again"),
    LeadStep.CONVERTED: gettext_lazy("Lead won"),
    LeadStep.MOVED: gettext_lazy("Lead moved"),
}
ICONS = {
    LeadStep.OPENED: "target",
    LeadStep.CHANGED: "pencil",
    LeadStep.ASSIGNED: "user-check",
    LeadStep.CONTACTED: "phone",
    LeadStep.QUALIFIED: "badge-check",
    LeadStep.PROPOSED: "file-text",
    LeadStep.LOST: "circle-x",
    LeadStep.REOPENED: "undo-2",
    LeadStep.CONVERTED: "handshake",
    LeadStep.MOVED: "arrow-right-left",
}


MOST = 50


@dataclass(frozen=True)
class Done:
    """`changes`: (label, before, after), in words."""

    at: datetime
    title: str | Promise
    icon: str
    who: str
    note: str
    changes: list[tuple[str, str, str]]


def history_of(lead: Lead, *, most: int | None = None) -> list[Done]:
    """The latest first, at most MOST unless told otherwise. One query."""
    states = (
        LeadState.objects.live()
        .filter(lead=lead)
        .select_related("owner", "team", "channel", "actor", "place")
    )
    latest = list(states.order_by("-occurred_at", "-pk")[: (most or MOST) + 1])
    before: list[LeadState | None] = [*latest[1:], None]
    told = [_told(state, last) for state, last in zip(latest, before, strict=False)]
    return told[: most or MOST]


def _told(state: LeadState, before: LeadState | None) -> Done:
    who = str(state.actor) if state.actor_id and state.actor else ""
    title = TITLES[LeadStep(state.step)]
    changes = list(_changes(state, before)) if before else list(_opened(state))
    return Done(state.occurred_at, title, ICONS[LeadStep(state.step)], who, state.note, changes)


def _opened(state: LeadState) -> Iterator[tuple[str, str, str]]:
    if state.owner_id:
        yield _label("owner"), "–", _shown(state.owner)
    yield from _next(state, None)


def _changes(state: LeadState, before: LeadState) -> Iterator[tuple[str, str, str]]:
    if _where(state) != _where(before):
        yield str(_("Step")), _where(before), _where(state)
    for name in ("owner", "team", "channel"):
        if getattr(state, f"{name}_id") != getattr(before, f"{name}_id"):
            yield _label(name), _shown(getattr(before, name)), _shown(getattr(state, name))
    if (state.value, state.currency) != (before.value, before.currency):
        yield _label("value"), _amount(before), _amount(state)
    yield from _next(state, before)
    if state.expected_close_on != before.expected_close_on:
        yield _label("expected_close_on"), _shown(before.expected_close_on), _shown(state.expected_close_on)


def _where(state: LeadState) -> str:
    """By the name of the step, when it was put in one."""
    named = state.place if state.place and state.place.status == state.status else None
    return str(named or state.get_status_display())


def _next(state: LeadState, before: LeadState | None) -> Iterator[tuple[str, str, str]]:
    was, now = (_action(before) if before else "–"), _action(state)
    if was != now:
        yield _label("next_action"), was, now


def _action(state: LeadState) -> str:
    if not state.next_action_on:
        return state.next_action or "–"
    if not state.next_action:
        return _shown(state.next_action_on)
    return _("%(action)s, %(day)s") % {"action": state.next_action, "day": _shown(state.next_action_on)}


def _amount(state: LeadState) -> str:
    return money(state.value, state.currency)


def _label(name: str) -> str:
    label = str(Lead._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return date_local(value) if isinstance(value, date) else str(value)
