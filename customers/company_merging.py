"""Two companies that are one, and companies that nobody works at any more.

A merge can't be undone: the other company's row goes. What it was called leads to the one that stays, so that the next
file or form that names it does not make it again.
"""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from clm.base.uses import uses
from customers.companies import FIELDS, has_people_unseen
from customers.company_views import lead_on
from customers.models import Arrival, Company, Customer, ExternalKey, ProfileChange, Thing, Ticket
from customers.once_called import IDS, NAMES, key_of_name

WINNER, LOSER = "winner", "loser"
PORTION = 5_000


class CompanyKept(ValueError):
    """It can't be merged or deleted; the text says why."""


@transaction.atomic
def merge(
    loser: Company, winner: Company, *, by: User | None, choices: Mapping[str, str] | None = None
) -> int:
    """The loser's people become the winner's; by field `choices` says whose value stays ("winner", unless empty there).

    Returns how many people moved. Locks them and both companies. Raises CompanyKept.
    """
    if loser.pk == winner.pk:
        raise CompanyKept(_("Choose two different companies."))
    people, (loser, winner) = _locked_with_people(loser.pk, winner.pk)
    _refuse_unseen([loser, winner], by)
    _refuse_asked_for(loser)
    names = {key_of_name(one.name) for one in (loser, winner)}
    taken = {name: getattr(loser, name) for name in FIELDS if _is_taken(name, loser, winner, choices or {})}
    told = {"loser": loser.pk, "loser_name": loser.name, "people": len(people), "taken": sorted(taken)}
    told |= {"views": lead_on(loser, winner)}
    for name, value in taken.items():
        setattr(winner, name, value)
    winner.changed_at = clock.now()
    winner.save(update_fields=[*taken, "changed_at"])
    _move(people, loser, winner)
    _call_both(loser, winner, names)
    AuditEntry.objects.record("company.merged", winner, by=by, **told)
    loser.delete()
    return len(people)


@transaction.atomic
def delete(company: Company, *, by: User | None) -> None:
    """Of one that has no people. Raises CompanyKept."""
    (company,) = _locked(company.pk)
    if Customer.objects.filter(company=company).exists():
        raise CompanyKept(
            _("This company has people. Merge it into another, or give them another company first.")
        )
    _refuse_asked_for(company)
    ExternalKey.objects.filter(thing=Thing.COMPANY, thing_id=company.pk).delete()
    AuditEntry.objects.record("company.deleted", company, by=by)
    company.delete()


def open_fields(loser: Company, winner: Company) -> list[str]:
    """Those of which both have another value: somebody must choose."""
    both = ((name, getattr(loser, name), getattr(winner, name)) for name in FIELDS)
    return [name for name, theirs, own in both if theirs and own and theirs != own]


def _is_taken(name: str, loser: Company, winner: Company, choices: Mapping[str, str]) -> bool:
    if name in open_fields(loser, winner):
        return choices.get(name) == LOSER
    return bool(getattr(loser, name)) and not getattr(winner, name)


def _locked(*ids: int) -> list[Company]:
    """Nobody can be given one of them meanwhile."""
    found = {one.pk: one for one in Company.objects.filter(pk__in=ids).order_by("pk").select_for_update()}
    if len(found) < len(ids):
        raise CompanyKept(_("One of them is gone: merged into another, or deleted. Open it anew."))
    return [found[pk] for pk in ids]


def _locked_with_people(loser: int, winner: int) -> tuple[list[int], list[Company]]:
    """Customers are locked before companies, as everywhere; again when somebody came to the loser in between."""
    while True:
        before = transaction.savepoint()
        people = Customer.objects.filter(company=loser).lock()
        both = _locked(loser, winner)
        if set(people) == set(Customer.objects.filter(company=loser).values_list("pk", flat=True)):
            transaction.savepoint_commit(before)
            return people, both
        transaction.savepoint_rollback(before)


def _refuse_unseen(companies: Iterable[Company], by: User | None) -> None:
    if has_people_unseen(companies, by):
        raise CompanyKept(_("Some of its people are not yours. Ask a manager to merge these companies."))


def _refuse_asked_for(company: Company) -> None:
    """Conditions hold its id, and as of the past nobody can be asked for under another."""
    if found := uses("company").get(str(company.pk)):
        raise CompanyKept(
            _("Conditions ask for “%(company)s”: %(uses)s. Take it out of them first.")
            % {"company": company, "uses": ", ".join(str(use.label) for use in found)}
        )


def _move(people: list[int], loser: Company, winner: Company) -> None:
    """Each with a fact of it, as if by hand."""
    at = clock.now()
    Customer.objects.filter(company=loser).update(company=winner, changed_at=at)
    Ticket.objects.filter(company=loser).update(company=winner)
    ProfileChange.objects.bulk_create(
        (
            ProfileChange(
                customer_id=pk, original_customer_id=pk, field="company", value=winner.pk, occurred_at=at
            )
            for pk in people
        ),
        batch_size=PORTION,
    )
    if people:
        Arrival.objects.note(people, since=at)


def _call_both(loser: Company, winner: Company, names: set[str]) -> None:
    """Ids of other systems, the name that was given up and the old address lead to the winner."""
    ExternalKey.objects.filter(thing=Thing.COMPANY, thing_id=loser.pk).update(thing_id=winner.pk)
    given_up = names - {key_of_name(winner.name)}
    rows = [(IDS, str(loser.pk)), *((NAMES, name) for name in given_up)]
    ExternalKey.objects.bulk_create(
        [
            ExternalKey(thing=Thing.COMPANY, source=source, key=key, thing_id=winner.pk)
            for source, key in rows
        ],
        update_conflicts=True,
        update_fields=["thing_id"],
        unique_fields=["thing", "source", "key"],
    )
