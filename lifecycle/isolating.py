"""One customer whom the rules can't be applied to must not hold up the others: found by halving, parked with the error.

When many fail it is the rules that are at fault, not the customers: then nobody stays parked, and the error is raised.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from django.db import InterfaceError, OperationalError, transaction

from clm.base.facts import BEGINNING
from customers.models import Arrival, Customer
from lifecycle.models import LifecycleModel, Parking
from lifecycle.parking import ERROR
from lifecycle.troubles import tell_failing, tell_parked
from lifecycle.walking.writing import Written

MOST_POISONED = 10
LONGEST_ERROR = 400
log = structlog.get_logger()
Work = Callable[[Sequence[int], Sequence[LifecycleModel]], Written]


class AtWorkElsewhere(Exception):
    """Another pass works on changed customers at this moment."""


# Not a customer's fault: whoever called tries again later.
PASSING = (OperationalError, InterfaceError, AtWorkElsewhere)


@dataclass
class Isolation:
    """Of one pass over many sets. `parked` are the customers whom it parked."""

    parked: dict[int, list[int]] = field(default_factory=dict)

    def run(self, ids: Sequence[int], work: Work, models: Sequence[LifecycleModel]) -> Written:
        """Work on all, else on ever smaller halves; who fails alone is parked in the models that fail."""
        try:
            with transaction.atomic():
                return work(ids, models)
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a rule raises about a customer's facts
            if len(ids) > 1:
                half = len(ids) // 2
                return self.run(ids[:half], work, models) + self.run(ids[half:], work, models)
            failing = {model: probed for model in models if (probed := _probe(ids[0], work, model))}
            self._park(ids[0], failing or dict.fromkeys(models, error))
            with transaction.atomic():
                return work(ids, [model for model in models if failing and model not in failing])

    def _park(self, customer: int, failing: dict[LifecycleModel, Exception]) -> None:
        if len(self.parked) >= MOST_POISONED:
            self._give_up(next(iter(failing.values())))
        with transaction.atomic():
            Customer.objects.filter(pk=customer).lock()
            for model, error in failing.items():
                log.warning("lifecycle.customer_parked", customer=customer, model=model.slug, exc_info=error)
                parking, _made = Parking.objects.get_or_create(
                    customer_id=customer,
                    model=model,
                    released_at=None,
                    defaults={"reason": f"{ERROR} {type(error).__name__}: {error}"[:LONGEST_ERROR]},
                )
                self.parked.setdefault(customer, []).append(parking.pk)
        tell_parked()

    def _give_up(self, error: Exception) -> None:
        """Too many failed: take back what this pass parked, and raise the error."""
        with transaction.atomic():
            Parking.objects.filter(
                pk__in=[pk for parkings in self.parked.values() for pk in parkings]
            ).delete()
            Arrival.objects.note(sorted(self.parked), since=BEGINNING)
        tell_parked()
        tell_failing(error)
        raise error


class _Undone(Exception):
    """Nothing went wrong, and nothing is to be kept."""


def _probe(customer: int, work: Work, model: LifecycleModel) -> Exception | None:
    """What goes wrong with this customer in one model. Changes nothing."""
    try:
        with transaction.atomic():
            work([customer], [model])
            raise _Undone
    except _Undone:
        return None
    except PASSING:
        raise
    except Exception as error:  # noqa: BLE001  # it is told, and keeps nobody else from being worked on
        return error
