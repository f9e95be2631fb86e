"""How the demo's teams pursue leads, who gets new ones, and what the shop's file looks like."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import Team
from clm.demo.models import Made
from clm.demo.staff import CONTINENT, NORDIC, TEAMS, marketer
from customers.leads.pipeline_editing import Expectations, StepDraft, save_pipeline
from customers.leads.rule_editing import save_rule
from customers.models import ImportMapping, LeadAssignmentRule, LeadPipeline, LeadStatus

OFFICES = {"condition": "field", "parameters": {"field": "company", "operator": "is_set"}}


@transaction.atomic
def furnish() -> None:
    """What is there already stays."""
    teams = {name: Team.objects.get(name=name) for name in (NORDIC, CONTINENT)}
    _make_pipeline(teams[NORDIC])
    for values in _rules(teams):
        if not LeadAssignmentRule.objects.filter(name=values["name"]).exists():
            Made.objects.note(LeadAssignmentRule, [save_rule(LeadAssignmentRule(), values, by=marketer()).pk])
    mapping, is_new = ImportMapping.objects.get_or_create(
        owner=None, kind="orders", name=_("Orders of the web shop"), defaults=_shop_file()
    )
    Made.objects.note(ImportMapping, [mapping.pk] if is_new else [])


def _make_pipeline(team: Team) -> None:
    if LeadPipeline.objects.filter(team=team).exists():
        return
    steps = [
        StepDraft("", LeadStatus.NEW),
        StepDraft(_("Called"), LeadStatus.CONTACTED),
        StepDraft(_("Samples sent"), LeadStatus.CONTACTED),
        StepDraft(_("Tasting booked"), LeadStatus.QUALIFIED),
        StepDraft("", LeadStatus.PROPOSAL),
        StepDraft("", LeadStatus.WON),
        StepDraft("", LeadStatus.LOST),
    ]
    expected = Expectations(respond_within_hours=24, demands_next_action=True)
    Made.objects.note(LeadPipeline, [save_pipeline(team, steps, expected, by=marketer()).pk])


def _rules(teams: dict[str, Team]) -> list[dict[str, Any]]:
    at_home = {team: [country for country, name in TEAMS.items() if name == team] for team in teams}
    return [
        {
            "name": _("Offices in the north"),
            "team": teams[NORDIC],
            "way": "round_robin",
            "countries": at_home[NORDIC],
            "conditions": OFFICES,
        },
        {
            "name": _("The continent, to whoever has time"),
            "team": teams[CONTINENT],
            "way": "least_open",
            "countries": at_home[CONTINENT],
        },
    ]


def _shop_file() -> dict[str, Any]:
    fields = {"key": "order_no", "customer": "customer_no", "email": "email", "occurred_at": "ordered", "amount": "total", "currency": "currency"}  # fmt: skip
    return {"source": "shop", "fields": fields, "options": {"date_format": "iso", "decimal_mark": "."}}
