"""What can be done to many leads at once: each by the same verb as one by hand, and taken back by verbs, too."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clm.accounts import bulk
from clm.accounts.bulk.actions import Do
from clm.accounts.models import Team, User
from clm.accounts.permissions import Capability
from clm.base.db import among
from clm.base.templatetags.formats import date_local, number
from customers.bulk_forms import AssignForm
from customers.leads import pursuing
from customers.leads.bulk_forms import LoseForm, MoveForm, NextActionForm
from customers.leads.listing import LeadListing
from customers.leads.moving import move
from customers.leads.pipelines import Pipelines
from customers.models import Customer, Lead, LeadStatus, PipelineStep
from customers.models.lead import LeadQuerySet

PAGE = "leads"
REACHED = ("contacted_at", "qualified_at")
Change = Callable[[Lead, bulk.Values, User], Lead]


def _rows(query: QueryDict, user: User) -> LeadQuerySet:
    listing = LeadListing(query, user)
    if not listing.filters.is_valid():
        raise bulk.Unreadable
    return listing.narrowed


def counted(leads: int) -> str:
    return ngettext("%(shown)s lead", "%(shown)s leads", leads) % {"shown": number(leads)}


def _doing(change: Change) -> Do:
    def do(ids: Sequence[int], values: bulk.Values, by: User) -> bulk.Outcome:
        leads = _locked(ids)
        return bulk.one_by_one(lambda pk: _done(leads[pk], change, values, by), sorted(leads))

    return do


def _done(lead: Lead, change: Change, values: bulk.Values, by: User) -> dict[str, Any] | None:
    before = _kept(lead)
    changed = change(lead, values, by)
    if _kept(changed) == before:
        return None
    return before | {"changed_at": changed.changed_at.isoformat()}


def _locked(ids: Sequence[int]) -> dict[int, Lead]:
    """With their customers, in the order in which every verb locks."""
    leads = Lead.objects.filter(among("pk", ids))
    Customer.objects.filter(pk__in=leads.values("customer")).lock()
    return leads.select_related("owner", "team", "customer").in_bulk()


def _kept(lead: Lead) -> dict[str, Any]:
    day = lead.next_action_on.isoformat() if lead.next_action_on else None
    plain = {"owner": lead.owner_id, "team": lead.team_id, "status": lead.status, "place": lead.place_id}
    reached = {name: at.isoformat() if (at := getattr(lead, name)) else None for name in REACHED}
    return plain | reached | {"next_action": lead.next_action, "next_action_on": day}


def assign(lead: Lead, values: bulk.Values, by: User) -> Lead:
    """A new owner brings the own team, unless one is named."""
    owner = User.objects.filter(pk=values["owner"]).first() if "owner" in values else lead.owner
    team = Team.objects.filter(pk=values["team"]).first() if "team" in values else None
    keeps_team = "owner" not in values and "team" not in values
    return pursuing.assign(lead, by=by, owner=owner, team=lead.team if keeps_team else team)


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


def put_back(kept: Mapping[int, Any], values: bulk.Values, by: User) -> set[int]:
    """Those that nobody changed since."""
    leads = _locked(list(kept))
    same = [
        pk for pk, lead in leads.items() if lead.changed_at == datetime.fromisoformat(kept[pk]["changed_at"])
    ]
    outcome = bulk.one_by_one(lambda pk: _restored(leads[pk], kept[pk], by), sorted(same))
    return set(outcome.before)


def _restored(lead: Lead, before: Mapping[str, Any], by: User) -> bool:
    people = User.objects.filter(pk=before["owner"]).first(), Team.objects.filter(pk=before["team"]).first()
    if (lead.status, lead.place_id) != (before["status"], before["place"]):
        reached = {name: datetime.fromisoformat(at) if (at := before.get(name)) else None for name in REACHED}
        lead = move(lead, _step(lead, before["status"], before["place"]), by=by, reached=reached)
    pursuing.change(lead, by=by, values=_planned(before) | {"owner": people[0], "team": people[1]})
    return True


def _told_assigned(values: bulk.Values) -> str:
    models = {"owner": User, "team": Team}
    found = {name: models[name]._default_manager.filter(pk=pk).first() for name, pk in values.items()}
    return ", ".join(str(one or _t("Nobody")) for one in found.values())


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
        counted=counted,
        row_url=lambda pk: reverse("lead", args=[pk]),
    )
)
_ACTIONS: list[tuple[str, Any, str, Any, Change, Callable[[bulk.Values], str]]] = [
    ("assign", _("Assign"), "user-plus", AssignForm, assign, _told_assigned),
    ("next", _("Next action"), "calendar-plus", NextActionForm, plan, _told_planned),
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
            do=_doing(change),
            undo=put_back,
            told=told,
            order=order,
            moves_out_of_sight=key == "assign",
        )
    )
