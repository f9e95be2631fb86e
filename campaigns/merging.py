"""What two customers who become one mean for runs, messages and suppressions; and that nothing starts because of it."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Value

from campaigns.leaving import end_runs
from campaigns.models import Enrollment, Message, Outcome, Reason, Suppression, SuppressionReason
from campaigns.models.message import WAITING, MessageState
from campaigns.models.suppression import address_key
from campaigns.suppressing import lift, suppress
from clm.base.inventory import Pair
from customers.merging.rows import changed, move, move_back, remember, remembered
from customers.models import Customer, CustomerMerge, Identity
from customers.models.identity import IdentityKind

# How long after a merge, or its undoing, the passes may still find what came of it.
AFTERMATH = timedelta(minutes=15)
# A person's own wish, not a fault of one address: it holds for whatever address is written to.
WISHES = (SuppressionReason.COMPLAINED, SuppressionReason.ASKED, SuppressionReason.PERSON)


class OneRun:
    """The winner goes on with the loser's runs. Of two runs through one campaign the one further on stays."""

    def merge(self, model: type[Model], pair: Pair) -> None:
        here = {_place(run): run for run in _active(pair.winner)}
        twice = [(run, here[_place(run)]) for run in _active(pair.loser) if _place(run) in here]
        behind = [min(both, key=lambda run: (run.position, -run.entered_at.timestamp())) for both in twice]
        ids = [run.pk for run in behind]
        remember(pair, model, [(run.pk, {"next_step_at": _text(run.next_step_at)}) for run in behind])
        unhanded = Message.objects.filter(enrollment__in=ids, state__in=[*WAITING, MessageState.CLAIMED])
        before = list(unhanded.values_list("pk", "state", "reason"))
        remember(pair, Message, [(pk, {"state": state, "reason": reason}) for pk, state, reason in before])
        end_runs(Enrollment.objects.filter(pk__in=ids), Outcome.MERGED, at=pair.at)
        move(model, pair)

    def unmerge(self, model: type[Model], pair: Pair) -> None:
        move_back(model, pair)
        merged_at = CustomerMerge.objects.get(pk=pair.number).recorded_at
        for pk, before in changed(pair, model).items():
            ended = Enrollment.objects.filter(pk=pk, outcome=Outcome.MERGED, finished_at=merged_at)
            going = Enrollment.objects.active().filter(
                customer=OuterRef("customer"), campaign=OuterRef("campaign"), key=OuterRef("key")
            )
            again = {"finished_at": None, "outcome": "", "reason": "", "next_step_at": before["next_step_at"]}
            ended.filter(~Exists(going)).update(**again)
        for pk, before in changed(pair, Message).items():
            cancelled = Message.objects.filter(pk=pk, reason=Reason.MERGED, settled_at=merged_at)
            cancelled.filter(enrollment__finished_at=None).update(settled_at=None, **_waiting(before))


class StrictestSuppression:
    """Who did not want to be written to at one address is not written to at the other."""

    def merge(self, model: type[Model], pair: Pair) -> None:
        address = address_key(Customer.objects.values_list("email", flat=True).get(pk=pair.winner))
        emails = Identity.objects.live().filter(
            kind=IdentityKind.EMAIL, customer__in=[pair.winner, pair.loser]
        )
        known = [*emails.values_list("value", flat=True), *_emails(pair)]
        barred = {row.address: row for row in Suppression.objects.barring(known)}
        wish = next((row for row in barred.values() if row.reason in WISHES), None)
        if address and wish and address not in barred:
            made = suppress(address, by=None, reason=SuppressionReason(wish.reason))
            remember(pair, model, [(made.pk, None)])

    def unmerge(self, model: type[Model], pair: Pair) -> None:
        """Unless somebody asked for the same since."""
        for suppression in Suppression.objects.live().unasked().filter(pk__in=list(remembered(pair, model))):
            lift(suppression, by=None)


def came_of_a_merge(stays: QuerySet[Any]) -> Q:
    """Over stays in stages or segments: the customer is there because two were merged, or separated again."""
    own = {column.name for column in stays.model._meta.concrete_fields}
    merged = CustomerMerge.objects.filter(winner=OuterRef("customer"))
    undone = CustomerMerge.objects.filter(Q(winner=OuterRef("customer")) | Q(loser=OuterRef("customer")))
    if "recorded_at" in own:  # it is told as of when it became true
        return Q(Exists(_found_after(merged, "recorded_at"))) | Q(Exists(_found_after(undone, "undone_at")))
    return Q(Exists(_entered_after(merged, "recorded_at"))) | Q(Exists(_entered_after(undone, "undone_at")))


def _found_after(merges: QuerySet[CustomerMerge], moment: str) -> QuerySet[CustomerMerge]:
    since = {f"{moment}__gte": OuterRef("entered_at"), f"{moment}__lte": OuterRef("recorded_at")}
    return (
        merges.filter(**since)
        .annotate(over_at=F(moment) + Value(AFTERMATH))
        .filter(over_at__gte=OuterRef("recorded_at"))
    )


def _entered_after(merges: QuerySet[CustomerMerge], moment: str) -> QuerySet[CustomerMerge]:
    since = {f"{moment}__lte": OuterRef("entered_at")}
    return (
        merges.filter(**since)
        .annotate(over_at=F(moment) + Value(AFTERMATH))
        .filter(over_at__gte=OuterRef("entered_at"))
    )


def _active(customer: int) -> list[Enrollment]:
    return list(Enrollment.objects.active().filter(customer=customer).order_by("pk"))


def _place(run: Enrollment) -> tuple[int, str]:
    return run.campaign_id, run.key


def _text(instant: Any) -> str:
    return str(instant.isoformat())


def _waiting(before: dict[str, str]) -> dict[str, str]:
    is_claimed = before["state"] == MessageState.CLAIMED
    return {"state": MessageState.QUEUED, "reason": ""} if is_claimed else before


def _emails(pair: Pair) -> list[str]:
    rows = Customer.objects.filter(pk__in=[pair.winner, pair.loser])
    return list(rows.values_list("email", flat=True))
