"""What an erasure does to runs and suppressions."""

from typing import Any

from django.db.models import QuerySet

from campaigns.leaving import end_runs
from campaigns.models import Enrollment, MailServer, Outcome, Suppression, SuppressionReason, address_key
from campaigns.models.suppression import hashed
from clm.base.inventory import Person
from clm.base.recognising import rows_telling_of


def end_and_forget(rows: QuerySet[Any], person: Person) -> None:
    """Runs end, with what waits of them."""
    end_runs(Enrollment.objects.filter(customer__in=person.customers), Outcome.REMOVED, at=person.at)
    rows.update(reason="")


def keep_the_hash(rows: QuerySet[Any], person: Person) -> None:
    """Nobody writes to these addresses again, whoever brings them back; what is kept of them is a hash."""
    keys = {address_key(address) for address in person.addresses} - {""}
    rows.filter(address__in=keys).delete()
    Suppression.objects.filter(address__in=keys).delete()
    Suppression.objects.bulk_create(
        [Suppression(address=hashed(key), reason=SuppressionReason.ERASED) for key in sorted(keys)],
        ignore_conflicts=True,
    )


def forget_answer_of_server(person: Person) -> None:
    """While it takes no mail its last answer is shown; that may name whom the mail was for."""
    rows_telling_of(MailServer.objects.all(), "words", person).update(words="")
