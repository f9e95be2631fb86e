"""Who gets a new lead that nobody was named for: by the first rule that fits, one lead after the other."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from clm.accounts.models import AuditEntry, Organisation, Role, User
from clm.base import clock
from clm.base.conditions import Asked, InvalidCondition, parse
from clm.base.db import among
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
        fits = _fits(rule, customer.country, channel.pk if channel else None)
        if fits and _meant(rule, [customer.pk]) and (rep := _next(rule)):
            return Given(rep, rule)
    return None


@dataclass(frozen=True)
class Free:
    """A lead that nobody has: of whom, from which country, and by which channel it came."""

    customer: int
    country: str
    channel: int | None


def give_all(asked: Sequence[Free]) -> list[User | None]:
    """The same for many at once. All active rules stay locked."""
    active = LeadAssignmentRule.objects.filter(is_active=True)
    rules = list(active.select_for_update(of=("self",)).prefetch_related("channels"))
    if not rules:
        return [None] * len(asked)
    reps = {rule.pk: list(reps_of(rule)) for rule in rules}
    has = _open_leads(list({rep for those in reps.values() for rep in those}))
    meant = {rule.pk: _meant(rule, {one.customer for one in asked}) for rule in rules}
    given = [_given_by(rules, reps, has, meant, one) for one in asked]
    for rule in rules:
        rule.save(update_fields=["last_given_to"])
    return given


def _given_by(
    rules: list[LeadAssignmentRule],
    reps: Mapping[int, list[User]],
    has: Counter[int],
    meant: Mapping[int, set[int]],
    one: Free,
) -> User | None:
    for rule in rules:
        if reps[rule.pk] and one.customer in meant[rule.pk] and _fits(rule, one.country, one.channel):
            rule.last_given_to = _chosen(rule, reps[rule.pk], has)
            has[rule.last_given_to.pk] += 1
            return rule.last_given_to
    return None


def reps_of(rule: LeadAssignmentRule) -> QuerySet[User]:
    return User.objects.filter(team=rule.team_id, role=Role.REP, is_active=True).order_by("pk")


def _fits(rule: LeadAssignmentRule, country: str, channel: int | None) -> bool:
    if rule.countries and country not in rule.countries:
        return False
    channels = {one.pk for one in rule.channels.all()}
    return not channels or channel in channels


def _meant(rule: LeadAssignmentRule, customers: Collection[int]) -> set[int]:
    """Those for whom its conditions hold now; nobody, where they can't be read any more."""
    if not rule.conditions:
        return set(customers)
    try:
        tree = parse(rule.conditions)
    except InvalidCondition:
        return set()
    asked = Asked(Organisation.objects.current().zone, clock.now())
    holds = Customer.objects.filter(among("pk", list(customers))).filter(tree.to_q(asked))
    return set(holds.values_list("pk", flat=True))


def _next(rule: LeadAssignmentRule) -> User | None:
    locked = LeadAssignmentRule.objects.select_for_update().filter(pk=rule.pk, is_active=True).first()
    reps = (
        list(reps_of(locked)) if locked else []
    )  # somebody may have removed it, or switched it off, meanwhile
    if not locked or not reps:
        return None
    locked.last_given_to = _chosen(locked, reps, _open_leads(reps))
    locked.save(update_fields=["last_given_to"])
    return locked.last_given_to


def _chosen(rule: LeadAssignmentRule, reps: list[User], has: Counter[int]) -> User:
    if rule.way == AssignmentWay.LEAST_OPEN:
        return min(reps, key=lambda rep: (has[rep.pk], rep.pk))
    last = rule.last_given_to_id or 0
    return next((rep for rep in reps if rep.pk > last), reps[0])


def _open_leads(reps: list[User]) -> Counter[int]:
    counted = Lead.objects.open().filter(owner__in=reps).values_list("owner").annotate(number=Count("pk"))
    return Counter(dict(counted))
