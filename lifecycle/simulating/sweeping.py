"""Simulations are kept for a week."""

from datetime import datetime

from django.db import connection

from clm.base import clock
from lifecycle.models import Simulation

AT_A_TIME = 50_000
_TABLES = ("lifecycle_simulatedperiod", "lifecycle_simulatedmove")


def forget_old(as_of: datetime | None = None) -> int:
    """Delete those that are too old, the rows of large ones in pieces. Returns how many."""
    expired = list(Simulation.objects.expired(as_of or clock.now()).values_list("pk", flat=True))
    for table in _TABLES:
        while expired and _delete_some(table, expired):
            pass
    Simulation.objects.filter(pk__in=expired).delete()
    return len(expired)


def _delete_some(table: str, simulations: list[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM {table} WHERE ctid = ANY(ARRAY(
                SELECT ctid FROM {table} WHERE simulation_id = ANY(%s) LIMIT %s))
            """,  # noqa: S608
            [simulations, AT_A_TIME],
        )
        return int(cursor.rowcount)
