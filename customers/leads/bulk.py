"""What can be done to many leads at once: each by the same verb as one by hand, and taken back by verbs, too."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clm.accounts import bulk
from clm.accounts.models import User
from clm.accounts.permissions import Capability
from clm.base.templatetags.formats import date_local, number
from customers.bulk_forms import AssignForm
from customers.leads import pursuing
from customers.leads.bulk_forms import LoseForm, MoveForm, NextActionForm
from customers.leads.listing import LeadListing
from customers.leads.moving import move
from customers.leads.pipelines import Pipelines
from customers.models import Lead, LeadStatus, PipelineStep
from customers.models.lead import LeadQuerySet
from customers.worked_on import Change, Kept, WorkedOn, instant, people, plain, told_assigned, whose

PAGE = "leads"
REACHED = ("contacted_at", "qualified_at")


def _rows(query: QueryDict, user: User) -> LeadQuerySet:
    listing = LeadListing(query, user)
    if not listing.filters.is_valid():
        raise bulk.Unreadable(listing.filters.misread)
    return listing.narrowed


def counted(leads: int) -> str:
    return ngettext("%(shown)s lead", "%(shown)s leads", leads) % {"shown": number(leads)}


def _kept(lead: Lead) -> dict[str, Any]:
    day = lead.next_action_on.isoformat() if lead.next_action_on else None
    told = {"owner": lead.owner_id, "team": lead.team_id, "status": lead.status, "place": lead.place_id}
    return told | plain(lead, *REACHED) | {"next_action": lead.next_action, "next_action_on": day}


def assign(lead: Lead, values: bulk.Values, by: User) -> Lead:
    return pursuing.assign(lead, by=by, **whose(lead, values))


def plan(lead: Lead, values: bulk.Values, by: User) -> Lead:
    pursuing.refuse_closed(lead)
    return pursuing.change(lead, by=by, values=_planned(values))


def _planned(values: Mapping[str, Any]) -> dict[str, Any]:
    day = values.get("next_action_on")
    return {
        "next_action": values["next_action"],
        "next_action_on": date.fromisoformat(day) if day else None,
    }


def move_on(lead: Lead, values: bulk.Values, by: User) -> Lead:
    pursuing.refuse_closed(lead)
    return lead if lead.status == values["status"] else move(lead, _step(lead, values["status"]), by=by)


def lose(lead: Lead, values: bulk.Values, by: User) -> Lead:
    return pursuing.lose(lead, by=by, reason=values["lost_reason"])


def _step(lead: Lead, status: str, place: int | None = None) -> PipelineStep:
    meaning = [one for one in Pipelines.read().of(lead.team_id).steps if one.status == status]
    return next((one for one in meaning if place and one.pk == place), meaning[0])


def _restore(lead: Lead, before: Kept, by: User) -> None:
    if (lead.status, lead.place_id) != (before["status"], before["place"]):
        reached = {name: instant(before.get(name)) for name in REACHED}
        lead = move(lead, _step(lead, before["status"], before["place"]), by=by, reached=reached)
    pursuing.change(lead, by=by, values=_planned(before) | people(before))


LEADS = WorkedOn(Lead, _kept, _restore)


def _told_planned(values: bulk.Values) -> str:
    day = values.get("next_action_on")
    shown = [values["next_action"], date_local(date.fromisoformat(day)) if day else ""]
    return ", ".join(part for part in shown if part)


bulk.register_page(
    bulk.BulkPage(
        PAGE,
        _("Leads"),
        "leads",
        rows=_rows,
        seen=lambda user: Lead.objects.visible_to(user),
        unknown=lambda query, user: LeadListing(query, user).filters.unknown,
        counted=counted,
        row_url=lambda pk: reverse("lead", args=[pk]),
    )
)
_ACTIONS: list[tuple[str, Any, str, Any, Change, Callable[[bulk.Values], str]]] = [
    ("assign", _("Assign"), "user-plus", AssignForm, assign, told_assigned),
    ("next", _("Next action"), "calendar-days", NextActionForm, plan, _told_planned),
    (
        "move",
        _("Move"),
        "arrow-right-left",
        MoveForm,
        move_on,
        lambda values: str(LeadStatus(values["status"]).label),
    ),
    ("lose", _("Close as lost"), "circle-x", LoseForm, lose, lambda values: str(values["lost_reason"])),
]
for order, (key, label, icon, form, change, told) in enumerate(_ACTIONS):
    bulk.register(
        bulk.Action(
            PAGE,
            key,
            label,
            icon,
            Capability.EDIT_CUSTOMERS,
            form,
            do=LEADS.doing(change),
            undo=LEADS.put_back,
            told=told,
            order=order,
            moves_out_of_sight=key == "assign",
        )
    )
