"""Rules that give new leads to reps: made, changed, put in order, removed. Each is audited."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from customers.countries import country_choices
from customers.models import LeadAssignmentRule

COLUMNS = ("name", "team", "way", "countries", "is_active")


@transaction.atomic
def save_rule(rule: LeadAssignmentRule, values: Mapping[str, Any], *, by: User | None) -> LeadAssignmentRule:
    """Raises ValidationError (by field). A new rule comes last."""
    is_new = rule.pk is None
    if is_new:
        last = LeadAssignmentRule.objects.aggregate(last=Max("position"))["last"]
        rule.position = 0 if last is None else last + 1
    for name in COLUMNS:
        if name in values:
            setattr(rule, name, values[name])
    _refuse_countries(rule.countries)
    rule.full_clean()
    rule.save(
        update_fields=None if is_new else COLUMNS
    )  # whose turn it is, and its place, may have changed meanwhile
    if "channels" in values:
        rule.channels.set(values["channels"])
    told = {"team": rule.team_id, "way": rule.way, "countries": rule.countries, "active": rule.is_active}
    told["channels"] = sorted(rule.channels.values_list("slug", flat=True))
    AuditEntry.objects.record(
        "lead_assignment_rule.created" if is_new else "lead_assignment_rule.changed", rule, by=by, **told
    )
    return rule


@transaction.atomic
def put_first(rule: LeadAssignmentRule, *, by: User | None) -> None:
    """It decides before all others."""
    rules = list(LeadAssignmentRule.objects.select_for_update())
    ordered = [rule, *(one for one in rules if one.pk != rule.pk)]
    for position, one in enumerate(ordered):
        LeadAssignmentRule.objects.filter(pk=one.pk).update(position=position)
    AuditEntry.objects.record("lead_assignment_rule.put_first", rule, by=by)


@transaction.atomic
def remove_rule(rule: LeadAssignmentRule, *, by: User | None) -> None:
    AuditEntry.objects.record("lead_assignment_rule.removed", rule, by=by)
    rule.delete()


def _refuse_countries(countries: Any) -> None:
    known = {code for code, _name in country_choices()}
    unknown = [code for code in countries if code not in known]
    if unknown:
        raise ValidationError(
            {"countries": _("There is no country “%(code)s”.") % {"code": str(unknown[0])[:20]}}
        )
