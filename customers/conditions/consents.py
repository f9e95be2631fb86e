from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.conditions import Asked, Condition, Evidence, FactRef, offer, parameter
from customers.fact_addresses import fact_address
from customers.models import Consent
from customers.models.consent import Purpose


@offer
@dataclass(frozen=True)
class GaveConsent(Condition):
    """What was said last for a purpose is a yes. Who was never asked has not said so."""

    name = "consent"
    label = gettext_lazy("Has given consent")
    family = gettext_lazy("Consent")
    purpose: str = parameter(gettext_lazy("purpose"), choices=lambda: Purpose.values)

    @classmethod
    def offers(cls, name: str, given: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
        return Purpose.choices if name == "purpose" else ()

    def _entries(self, known_at: datetime | None) -> QuerySet[Consent]:
        return Consent.objects.known(known_at).filter(purpose=self.purpose)

    def to_q(self, asked: Asked) -> Q:
        said = self._entries(asked.known_at).before(asked.bound()).filter(customer_id=asked.whose())  # type: ignore[attr-defined]
        last = said.order_by("-occurred_at", "-pk").values("is_given")[:1]
        return Q(Coalesce(Subquery(last), Value(False)))

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        return [self._entries(known_at).values_list("customer_id", "occurred_at")]

    def sentence(self) -> str:
        return _("has given consent: %(purpose)s") % {"purpose": Purpose(self.purpose).label}

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        said = self._entries(asked.known_at).before(asked.instant).filter(customer_id=customer.pk)  # type: ignore[attr-defined]
        rows = list(said.order_by("-occurred_at", "-pk")[:10])
        if not rows:
            have = _("never said anything about it")
        else:
            have = _("said yes last") if rows[0].is_given else _("said no last")
        words = {True: _("Consent given"), False: _("Consent withdrawn")}
        told = [
            FactRef(
                words[row.is_given],
                row.occurred_at,
                fact_address(row.customer_id, f"consent-{row.pk}", row.occurred_at),
            )
            for row in rows
        ]
        return Evidence(have, "" if holds else self.sentence(), told)
