"""Consents of two customers that become one: who said no to either stays with no, also after they are two again."""

from django.db.models import Model

from clm.base.inventory import Pair
from customers.merging.rows import move, move_back
from customers.models import Consent, CustomerMerge

SOURCE = "merge"


class StrictestConsent:
    """The ledgers become one, by their times; where the last word of one was no, no is said again at the merge."""

    def merge(self, model: type[Model], pair: Pair) -> None:
        refused = {
            purpose
            for owner in (pair.loser, pair.winner)
            for purpose, given in last_words(owner).items()
            if not given
        }
        move(model, pair)
        left = [purpose for purpose, given in last_words(pair.winner).items() if given and purpose in refused]
        Consent.objects.bulk_create(
            Consent(
                customer_id=pair.winner,
                original_customer_id=pair.winner,
                source=SOURCE,
                key=f"{pair.number}:{purpose}",
                purpose=purpose,
                is_given=False,
                occurred_at=pair.at,
                recorded_at=pair.at,
                proof={"merge": pair.number},
            )
            for purpose in left
        )

    def unmerge(self, model: type[Model], pair: Pair) -> None:
        said = Consent.objects.filter(source=SOURCE, key__startswith=f"{pair.number}:")
        said.supersede(at=pair.at)
        refused = refusals_since(pair)
        move_back(model, pair)
        given = [purpose for purpose, is_given in last_words(pair.loser).items() if is_given]
        Consent.objects.bulk_create(
            Consent(
                customer_id=pair.loser,
                original_customer_id=pair.loser,
                source=SOURCE,
                key=f"undone:{pair.number}:{purpose}",
                purpose=purpose,
                is_given=False,
                occurred_at=refused[purpose].occurred_at,
                recorded_at=pair.at,
                proof={"merge": pair.number, "consent": refused[purpose].pk},
            )
            for purpose in given
            if purpose in refused
        )


def refusals_since(pair: Pair) -> dict[str, Consent]:
    """What they said no to while they were one, as their last word: nobody can tell which of the two meant it."""
    merged_at = CustomerMerge.objects.values_list("recorded_at", flat=True).get(pk=pair.number)
    return {
        last.purpose: last
        for last in Consent.objects.filter(customer=pair.winner).last_words()
        if not last.is_given and last.recorded_at >= merged_at and last.source != SOURCE
    }


def last_words(customer: int) -> dict[str, bool]:
    """The last word on each purpose that there is one for."""
    return {last.purpose: last.is_given for last in Consent.objects.filter(customer=customer).last_words()}
