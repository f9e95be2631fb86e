"""Who may be scored: a person who withdrew from scores and predictions has none, from that moment on."""

from typing import Any

from django.db.models import BooleanField, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from clm.base.conditions import Asked
from customers.models import Consent
from customers.models.consent import Purpose


def may_be_scored(asked: Asked) -> Q:
    """Nobody asked, or the last answer before the instant was yes."""
    answers = Consent.objects.known(asked.known_at).filter(
        purpose=Purpose.PROFILING, customer_id=asked.whose()
    )
    last = answers.before(asked.bound()).order_by("-occurred_at", "-pk").values("is_given")[:1]
    agreed = Coalesce(Subquery(last), Value(True), output_field=BooleanField())
    return Q(Exact(agreed, Value(True)))


def changes_of_mind(*, known_at: Any) -> QuerySet[Any, Any]:
    return (
        Consent.objects.known(known_at)
        .filter(purpose=Purpose.PROFILING)
        .values_list("customer_id", "occurred_at")
    )
