"""Who gets a new lead that nobody was named for: by the first rule that fits, one lead after the other."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from clm.accounts.models import AuditEntry, Role, User
from customers.models import Channel, Customer, Lead, LeadAssignmentRule
from customers.models.lead_rule import AssignmentWay


@dataclass(frozen=True)
class Given:
    rep: User
    rule: LeadAssignmentRule

    def record(self, lead: Lead, *, by: User | None) -> None:
        rule = {"rule": self.rule.pk, "rule_name": self.rule.name}
        AuditEntry.objects.record("lead.assigned", lead, by=by, owner=self.rep.pk, **rule)


def give(customer: Customer, channel: Channel | None) -> Given | None:
    """The rep whose turn it is; None when no rule fits, or its team has nobody who sells.

    Call in the transaction that writes the lead, with the customer locked: the rule stays locked until its end, so
    that two leads at once go to two reps.
    """
    rules = LeadAssignmentRule.objects.filter(is_active=True).prefetch_related("channels")
    for rule in rules:
        if _fits(rule, customer, channel) and (rep := _next(rule)):
            return Given(rep, rule)
    return None


def reps_of(rule: LeadAssignmentRule) -> QuerySet[User]:
    return User.objects.filter(team=rule.team_id, role=Role.REP, is_active=True).order_by("pk")


def _fits(rule: LeadAssignmentRule, customer: Customer, channel: Channel | None) -> bool:
    if rule.countries and customer.country not in rule.countries:
        return False
    channels = {one.pk for one in rule.channels.all()}
    return not channels or (channel is not None and channel.pk in channels)


def _next(rule: LeadAssignmentRule) -> User | None:
    locked = LeadAssignmentRule.objects.select_for_update().filter(pk=rule.pk, is_active=True).first()
    reps = (
        list(reps_of(locked)) if locked else []
    )  # somebody may have removed it, or switched it off, meanwhile
    if not locked or not reps:
        return None
    chosen = _with_fewest(reps) if locked.way == AssignmentWay.LEAST_OPEN else _in_turn(reps, locked)
    locked.last_given_to = chosen
    locked.save(update_fields=["last_given_to"])
    return chosen


def _in_turn(reps: list[User], rule: LeadAssignmentRule) -> User:
    last = rule.last_given_to_id or 0
    return next((rep for rep in reps if rep.pk > last), reps[0])


def _with_fewest(reps: list[User]) -> User:
    counted = Lead.objects.open().filter(owner__in=reps).values("owner").annotate(number=Count("pk"))
    has = {row["owner"]: row["number"] for row in counted}
    return min(reps, key=lambda rep: (has.get(rep.pk, 0), rep.pk))
