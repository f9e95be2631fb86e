"""Exchange rates that come, or are corrected, after the rows they are for.

A live row has the rate that the table of rates has for its day: that of the day, else the last before it. Rows that
have another, or none, get a later version with it, and nothing else changed. The version before stays: asked as
known before, the row counts with what it had, or is left out and counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import LiteralString

from django.db import transaction
from psycopg import sql

from clm.accounts.models import AuditEntry, Organisation, User
from clm.base import clock
from clm.base.facts import KeyedFact
from customers import summaries
from customers.importing.written import written_models
from customers.intake import lookups, statements
from customers.intake.facts import wake
from customers.intake.statements import fragment
from customers.models import Customer, Refund

CHUNK = 5_000
# More than that has no column for its amount. Such a row keeps the rate it has; mostly none, and then it is counted.
MOST = 10**12 - 1
CHOSEN = "late_rate"
Since = Mapping[str, date]


def is_due(since: Since) -> bool:
    """Has any row another rate than the table, of these currencies and since these days? Without any: of any day."""
    return any(_ask("SELECT EXISTS ({due})", model, since) for model in models())


def count_due(since: Since) -> int:
    """Refunds of orders that are due themselves come on top."""
    return sum(_ask("SELECT count(*) FROM ({due}) AS due", model, since) for model in models())


def convert(since: Since, *, by: User | None) -> Iterator[int]:
    """By chunks of one transaction each; tells how many rows it looked at."""
    for model in models():
        after = 0
        while chunk := _convert_chunk(model, since, after, by=by):
            looked_at, after = chunk
            yield looked_at


def models() -> list[type[KeyedFact]]:
    """Those whose amounts are summed in the reporting currency; refunds take the rate of their order, so come last."""
    found = [model for model in written_models() if "rate" in (field.name for field in model._meta.fields)]
    return sorted(found, key=lambda model: model is Refund)


def _ask(question: LiteralString, model: type[KeyedFact], since: Since) -> int:
    ((answer,),) = statements.rows(question, _days(since), due=_due(model))
    return int(answer)


def follow_orders(changed: sql.Composed, at: datetime) -> None:
    """Refunds take the currency and rate of their orders' new versions. `changed` selects the roots of these orders.

    In the transaction that wrote them.
    """
    due = fragment(
        "SELECT f.id, f.root, r.currency, r.rate FROM {table} f {rated}"
        " WHERE f.order_id IN ({changed}) AND f.superseded_at IS NULL AND {differs}",
        table=Refund._meta.db_table,
        rated=_rated_by_order(),
        changed=changed,
        differs=_differs(Refund),
    )
    if _choose("{due}", due=due):
        _give_rates(Refund, at)


@transaction.atomic
def _convert_chunk(
    model: type[KeyedFact], since: Since, after: int, *, by: User | None
) -> tuple[int, int] | None:
    """How many rows it looked at, and the last one's id; None when none is left after `after`."""
    lookups.keep_rates_as_they_are()  # who puts one right now finds our rows with it, and asks for them again
    chosen = _choose(
        "SELECT * FROM ({due}) AS due WHERE id > %s ORDER BY id LIMIT %s",
        [*_days(since), after, CHUNK],
        due=_due(model),
    )
    if not chosen:
        return None
    ((last,),) = statements.rows("SELECT max(id) FROM {chosen}", chosen=CHOSEN)
    _give_rates(model)
    table = model._meta.db_table
    AuditEntry.objects.record("money.converted", by=by, rows=chosen, of=table, currencies=sorted(since))
    return chosen, last


def _choose(query: LiteralString, parameters: Sequence[object] = (), **names: sql.Composed) -> int:
    statements.run("DROP TABLE IF EXISTS {chosen}", chosen=CHOSEN)
    return statements.run(
        "CREATE TEMP TABLE {chosen} ON COMMIT DROP AS {query}",
        parameters,
        chosen=CHOSEN,
        query=fragment(query, **names),
    )


def _give_rates(model: type[KeyedFact], at: datetime | None = None) -> None:
    """To the chosen rows, whose owners are told."""
    table = model._meta.db_table
    owned = any(field.name == "customer" for field in model._meta.fields)
    if owned:
        _lock_owners(table)
    _write_versions(model, at or clock.now())
    if owned:
        _tell(table)


def _days(since: Since) -> list[object]:
    return [list(since), list(since.values())]


def _due(model: type[KeyedFact]) -> sql.Composed:
    """Takes currencies and days. Who waits for a rate takes it whatever day it is of."""
    table, zone = model._meta.db_table, statements.literal(Organisation.objects.current().zone)
    return fragment(
        "SELECT f.id, f.root, r.currency, r.rate FROM unnest(%s::text[], %s::date[]) AS s(currency, day)"
        " CROSS JOIN LATERAL (SELECT f.* FROM {table} f"
        "   WHERE f.superseded_at IS NULL AND f.rate IS NULL AND f.currency = s.currency"
        "   UNION ALL SELECT f.* FROM {dated}"
        "   AND f.superseded_at IS NULL AND f.rate IS NOT NULL AND f.currency = s.currency) f {rated}"
        " WHERE {differs}",
        table=table,
        dated=_of_orders_since(zone) if model is Refund else _since(table, zone),
        rated=_rated_by_order() if model is Refund else _rated_by_day(zone),
        differs=_differs(model),
    )


def _since(table: str, zone: sql.Composable) -> sql.Composed:
    return fragment(
        "{table} f WHERE f.occurred_at >= s.day::timestamp AT TIME ZONE {zone}", table=table, zone=zone
    )


def _of_orders_since(zone: sql.Composable) -> sql.Composed:
    return fragment(
        "customers_order o JOIN customers_refund f ON f.order_id = o.root"
        " WHERE o.superseded_at IS NULL AND o.occurred_at >= s.day::timestamp AT TIME ZONE {zone}",
        zone=zone,
    )


def _differs(model: type[KeyedFact]) -> sql.Composed:
    names = {field.name for field in model._meta.fields}
    return fragment(
        "(f.currency, f.rate) IS DISTINCT FROM (r.currency, r.rate)"
        " AND (r.rate IS NULL OR abs(f.{amount} * r.rate) < {most})",
        amount="net" if "net" in names else "amount",
        most=statements.literal(MOST),
    )


def _rated_by_order() -> sql.Composed:
    return fragment(
        "JOIN LATERAL (SELECT o.currency, o.rate FROM customers_order o"
        " WHERE o.root = f.order_id AND o.superseded_at IS NULL) r ON true"
    )


def _rated_by_day(zone: sql.Composable) -> sql.Composed:
    return fragment(
        "JOIN LATERAL (SELECT e.currency, e.rate FROM accounts_exchangerate e WHERE e.currency = f.currency"
        ' AND e."on" <= (f.occurred_at AT TIME ZONE {zone})::date ORDER BY e."on" DESC LIMIT 1) r ON true',
        zone=zone,
    )


def _lock_owners(table: str) -> None:
    """In id order."""
    owners = statements.rows(
        "SELECT DISTINCT f.customer_id FROM {table} f WHERE f.id = ANY(ARRAY(SELECT id FROM {chosen})) ORDER BY 1",
        table=table,
        chosen=CHOSEN,
    )
    Customer.objects.filter(pk__in=[pk for (pk,) in owners]).lock()


def _write_versions(model: type[KeyedFact], at: datetime) -> None:
    names = {"table": model._meta.db_table, "chosen": CHOSEN}
    statements.run(
        "UPDATE {table} f SET superseded_at = %s FROM {chosen} c WHERE f.id = c.id AND f.superseded_at IS NULL",
        [at],
        **names,
    )
    statements.run(  # amended by others while we were waiting for the locks
        "DELETE FROM {chosen} c USING {table} f WHERE f.id = c.id AND f.superseded_at <> %s", [at], **names
    )
    ours = {"id", "first_id", "recorded_at", "superseded_at", "currency", "rate"}
    columns = [str(field.column) for field in model._meta.concrete_fields if not field.generated]
    kept = [column for column in columns if column not in ours]
    statements.run(
        "INSERT INTO {table} (first_id, recorded_at, currency, rate, {kept})"
        " SELECT c.root, %s, c.currency, c.rate, {values}"
        " FROM {chosen} c JOIN {table} f ON f.id = c.id ORDER BY f.id",
        [at],
        **names,
        kept=kept,
        values=statements.each_of("f", kept),
    )


def _tell(table: str) -> None:
    touched = statements.rows(
        "SELECT f.customer_id, min(f.occurred_at) FROM {table} f JOIN {chosen} c ON f.first_id = c.root"
        " WHERE f.superseded_at IS NULL GROUP BY 1 ORDER BY 1",
        table=table,
        chosen=CHOSEN,
    )
    wake(dict(touched))
    summaries.refresh([pk for pk, _since in touched])
