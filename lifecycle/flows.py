"""How customers really went between the stages of a model: the moves of the last twelve months."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import connection

from clm.accounts.models import User
from customers.models import Customer
from lifecycle.models import LifecycleModel, StagePeriod

LOOKED_BACK = timedelta(days=365)
KEPT_SECONDS = 600
Flows = Mapping[tuple[str, str], int]


def flows_of(model: LifecycleModel, *, until: datetime, seen_by: User) -> Flows:
    """By slugs of the stage left and the stage entered. For those who see everybody kept for ten minutes."""
    if seen_by.is_restricted:
        return _count(model, until - LOOKED_BACK, until, seen_by)
    key = f"lifecycle-flows:{connection.settings_dict['NAME']}:{model.pk}"
    kept: Flows | None = cache.get(key)
    if kept is None:
        kept = _count(model, until - LOOKED_BACK, until, seen_by)
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def _count(model: LifecycleModel, since: datetime, until: datetime, seen_by: User) -> Flows:
    entered = StagePeriod.objects.live().filter(model=model, entered_at__gte=since, entered_at__lt=until)
    if seen_by.is_restricted:
        entered = entered.filter(customer__in=Customer.objects.visible_to(seen_by).values("pk"))
    rows = entered.order_by().values_list("customer_id", "entered_at", "stage_id")
    sql, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT a.slug, b.slug, count(*) FROM ({sql}) AS n (customer, at, stage)
            JOIN lifecycle_stageperiod p ON p.customer_id = n.customer AND p.model_id = %s AND p.left_at = n.at
                 AND p.superseded_at IS NULL AND p.stage_id <> n.stage
            JOIN lifecycle_stage a ON a.id = p.stage_id JOIN lifecycle_stage b ON b.id = n.stage
            GROUP BY 1, 2
            """,  # noqa: S608  # compiled by the ORM; values travel as parameters
            [*parameters, model.pk],
        )
        return {(left, went): count for left, went, count in cursor.fetchall()}
