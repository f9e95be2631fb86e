"""Rules that give new leads to reps: made, changed, put in order, removed. Each is audited."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from clm.base.conditions import InvalidCondition
from clm.base.conditions.storing import stored
from customers.countries import country_choices
from customers.models import LeadAssignmentRule
from customers.segments.nesting import check

COLUMNS = ("name", "team", "way", "countries", "conditions", "is_active")


class StaleRule(ValueError):
    """Somebody changed the rule since it was read; `current` is what it is now."""

    def __init__(self, current: LeadAssignmentRule) -> None:
        self.current = current
        super().__init__()


@transaction.atomic
def save_rule(
    rule: LeadAssignmentRule,
    values: Mapping[str, Any],
    *,
    by: User | None,
    expected: datetime | None = None,
) -> LeadAssignmentRule:
    """Raises ValidationError (by field), and StaleRule when it is not of `expected` any more. A new rule comes last."""
    is_new = rule.pk is None
    if not is_new:
        rule = LeadAssignmentRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
        if expected is not None and rule.changed_at != expected:
            raise StaleRule(rule)
        rule.changed_at = clock.now()
    if is_new:
        last = LeadAssignmentRule.objects.aggregate(last=Max("position"))["last"]
        rule.position = 0 if last is None else last + 1
    for name in COLUMNS:
        if name in values:
            setattr(rule, name, values[name])
    _refuse_countries(rule.countries)
    rule.conditions = _checked(rule.conditions)
    rule.full_clean()
    rule.save(
        update_fields=None if is_new else [*COLUMNS, "changed_at"]
    )  # whose turn it is, and its place, may have changed meanwhile
    if "channels" in values:
        rule.channels.set(values["channels"])
    told = {"team": rule.team_id, "way": rule.way, "countries": rule.countries, "active": rule.is_active}
    told["has_conditions"] = bool(rule.conditions)
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


def _checked(conditions: Any) -> dict[str, Any]:
    if not conditions:
        return {}
    try:
        return stored(check(conditions))
    except InvalidCondition as error:
        raise ValidationError({"conditions": str(error)}) from error


def _refuse_countries(countries: Any) -> None:
    known = {code for code, _name in country_choices()}
    unknown = [code for code in countries if code not in known]
    if unknown:
        raise ValidationError(
            {"countries": _("There is no country “%(code)s”.") % {"code": str(unknown[0])[:20]}}
        )
