"""Two customers that are one: the verb, and taking it back.

Facts become the winner's and keep whom they were written of; what is worked out from facts is worked out anew. How
each table is treated stands in the inventory. Nothing that comes of a merge starts a campaign.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock, inventory
from clm.base.facts import BEGINNING
from clm.base.inventory import Pair
from clm.base.patience import patiently
from customers import summaries
from customers.merging import choices as chosen
from customers.merging.choices import Choices
from customers.merging.rows import merge_rows, remember, remembered, unmerge_rows
from customers.models import Arrival, Customer, CustomerMerge, Identity, ProfileChange
from customers.models.identity import IdentityKind


class CannotMerge(ValueError):
    """The message says why, and what to do."""


def merge(
    loser: Customer, winner: Customer, *, by: User | None, choices: Choices | None = None
) -> CustomerMerge:
    """`loser` turned out to be `winner`, who stays. `choices` says whose value a field keeps ("winner", "loser").

    Locks both in id order; merges that cross each other try again. Raises CannotMerge, and ValidationError for a
    choice there isn't.
    """
    return patiently(lambda: _merge(loser, winner, by, choices or {}))


def _merge(loser: Customer, winner: Customer, by: User | None, choices: Choices) -> CustomerMerge:
    first, second = _locked(loser.pk, winner.pk)
    loser, winner = (first, second) if first.pk == loser.pk else (second, first)
    taken = chosen.taken_from(winner, loser, choices)
    at = clock.now()
    done = CustomerMerge.objects.create(loser=loser, winner=winner, recorded_at=at, merged_by=by)
    pair = Pair(done.pk, loser.pk, winner.pk, at)
    _take_over(winner, loser, taken, done)
    for table in inventory.tables():
        merge_rows(table, pair)
    remember(pair, ProfileChange, [(pk, None) for pk in chosen.write_changes(winner, taken, at=at)])
    _lead_to(winner, losers=Q(pk=loser.pk) | Q(merged_into=loser.pk), at=at)
    summaries.refresh([winner.pk])
    first_values = any(before in ("", None) for before, _after in taken.values())
    Arrival.objects.note([winner.pk], since=BEGINNING if first_values else loser.first_seen_at)
    AuditEntry.objects.record("customer.merged", winner, by=by, loser=loser.pk, fields=sorted(taken))
    return done


def unmerge(done: CustomerMerge, *, by: User | None) -> Customer:
    """They are two again, each with what it had. Facts that came since stay with the winner, except new versions of
    the loser's and what comes from a system that knows only the loser. Raises CannotMerge. Returns the former loser.
    """
    return patiently(lambda: _unmerge(done, by))


def _unmerge(done: CustomerMerge, by: User | None) -> Customer:
    done = CustomerMerge.objects.select_related("winner").get(pk=done.pk)
    Customer.objects.filter(pk__in=[done.loser_id, done.winner_id, done.winner.merged_into_id or 0]).lock()
    done = CustomerMerge.objects.select_for_update(of=("self",)).get(pk=done.pk)
    if done.winner.erased_at:
        raise CannotMerge(_("This customer was erased; nobody can tell any more whose data it was."))
    if done.undone_at:
        raise CannotMerge(_("These customers are separate again already."))
    loser, own = (
        Customer.objects.get(pk=done.loser_id),
        Customer.objects.select_related("merged_into").get(pk=done.winner_id),
    )
    winner = own.merged_into or own
    at = done.undone_at = clock.now()
    done.save(update_fields=["undone_at"])
    since = min(loser.first_seen_at, winner.first_seen_at)
    pair = Pair(done.pk, loser.pk, winner.pk, at)
    for table in inventory.tables():
        unmerge_rows(table, pair)
    for keeper in {winner.pk: winner, own.pk: own}.values():
        _give_back(keeper, done, pair)
    loser.merged_into = None
    chosen.put(loser, [], at=at)
    _lead_to(loser, losers=Q(pk__in=_merged_into(loser)), at=at)
    _name_again(loser, own, at=at)
    summaries.refresh([loser.pk, winner.pk])
    Arrival.objects.note([loser.pk, winner.pk], since=since)
    AuditEntry.objects.record("customer.unmerged", winner, by=by, loser=loser.pk)
    return loser


def _locked(loser: int, winner: int) -> list[Customer]:
    if loser == winner:
        raise CannotMerge(_("Choose two different customers."))
    Customer.objects.filter(pk__in=[loser, winner]).lock()
    both = list(Customer.objects.filter(pk__in=[loser, winner]))
    if len(both) < 2 or any(one.merged_into_id for one in both):
        raise CannotMerge(_("One of them was merged into another customer meanwhile. Open it anew."))
    if any(one.erased_at for one in both):
        raise CannotMerge(_("This customer was erased; nobody can tell any more whose data it was."))
    return both


def _take_over(
    winner: Customer, loser: Customer, taken: Mapping[str, tuple[object, object]], done: CustomerMerge
) -> None:
    before, after = winner.first_seen_at, min(winner.first_seen_at, loser.first_seen_at)
    winner.first_seen_at = after
    done.profile = {field: list(both) for field, both in taken.items()}
    done.profile["first_seen_at"] = [before.isoformat(), after.isoformat()]
    done.save(update_fields=["profile"])
    chosen.put(winner, ((field, value) for field, (_before, value) in taken.items()), at=done.recorded_at)


def _give_back(winner: Customer, done: CustomerMerge, pair: Pair) -> None:
    """To the winner, and to whoever has its facts by now."""
    values = chosen.restored(winner, done.profile)
    written = ProfileChange.objects.filter(pk__in=list(remembered(pair, ProfileChange)))
    written.filter(customer=winner, field__in=values).supersede(at=pair.at)
    before, after = (datetime.fromisoformat(text) for text in done.profile["first_seen_at"])
    if winner.first_seen_at == after:
        winner.first_seen_at = before
    chosen.put(winner, values.items(), at=pair.at)


def _name_again(*customers: Customer, at: datetime) -> None:
    """What they are shown with names them, also when it went from the other's page meanwhile; others keep theirs."""
    for one in customers:
        for kind, value in ((IdentityKind.EMAIL, one.email), (IdentityKind.PHONE, one.phone)):
            if value and not Identity.objects.live().filter(kind=kind, source="", value=value).exists():
                Identity.objects.create(
                    customer_id=one.merged_into_id or one.pk,
                    original_customer=one,
                    kind=kind,
                    value=value,
                    recorded_at=at,
                )


def _lead_to(winner: Customer, *, losers: Q, at: datetime) -> None:
    """Old addresses lead straight to who has the facts, however often it was merged on."""
    Customer.objects.filter(losers).update(merged_into=winner, changed_at=at)


def _merged_into(customer: Customer) -> set[int]:
    """All whose merges led to this one, step by step."""
    found: set[int] = set()
    step = {customer.pk}
    while step:
        into = CustomerMerge.objects.standing().filter(winner__in=step)
        step = set(into.values_list("loser", flat=True)) - found
        found |= step
    return found
