"""Exchange rates that come after the rows they are for.

Each such row gets a later version with its rate, and nothing else changed. The version before stays: asked as known
before, the row is still left out of amounts and counted.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from clm.accounts.jobs import enqueue
from clm.accounts.models import AuditEntry, Organisation, User
from clm.base import clock
from clm.base.facts import KeyedFact
from customers import summaries
from customers.importing.written import written_models
from customers.intake import statements
from customers.intake.facts import wake
from customers.intake.statements import fragment
from customers.models import Customer, Order, Refund

JOB_KIND, CHUNK = "late-rates", 5_000
MOST = 10**12  # more than that has no column for its amount; it stays counted as not converted
CHOSEN = "late_rate"


def convert_soon(currencies: Collection[str], *, title: str, by: User | None) -> None:
    """In this transaction when few rows wait for a rate of these currencies, else by a job."""
    if count_waiting(currencies) <= CHUNK:
        convert_all(currencies, by=by)
    else:
        enqueue(JOB_KIND, title=title, owner=by, currencies=sorted(currencies))


def convert_all(currencies: Collection[str], *, by: User | None) -> int:
    converted = 0
    for model in models():
        while count := convert_chunk(model, currencies, by=by):
            converted += count
    return converted


def models() -> list[type[KeyedFact]]:
    """Those whose amounts are summed in the reporting currency; refunds take the rate of their order, so come last."""
    found = [model for model in written_models() if "rate" in (field.name for field in model._meta.fields)]
    return sorted(found, key=lambda model: model is Refund)


def count_waiting(currencies: Collection[str]) -> int:
    """Of live rows without a rate; some of them may stay so."""
    return sum(_count_waiting(model._meta.db_table, currencies) for model in models())


def _count_waiting(table: str, currencies: Collection[str]) -> int:
    ((waiting,),) = statements.rows(
        "SELECT count(*) FROM {table} WHERE superseded_at IS NULL AND rate IS NULL AND currency = ANY(%s)",
        [list(currencies)],
        table=table,
    )
    return int(waiting)


@transaction.atomic
def convert_chunk(model: type[KeyedFact], currencies: Collection[str], *, by: User | None) -> int:
    """Returns how many rows were looked at; none are left when it is 0."""
    zone, table = Organisation.objects.current().zone, model._meta.db_table
    chosen = _choose(model, currencies, zone)
    if not chosen:
        return 0
    owned = any(field.name == "customer" for field in model._meta.fields)
    if owned:
        _lock_owners(table)
    at = clock.now()
    _write_versions(model, at)
    if model is Order:
        _keep_lines()
    if owned:
        _tell(table)
    AuditEntry.objects.record("money.converted", by=by, rows=chosen, of=table, currencies=sorted(currencies))
    return chosen


def _choose(model: type[KeyedFact], currencies: Collection[str], zone: str) -> int:
    of_order = fragment(
        "JOIN customers_order r ON r.root = f.order_id AND r.superseded_at IS NULL AND r.rate IS NOT NULL"
    )
    of_day = fragment(
        "JOIN LATERAL (SELECT e.rate FROM accounts_exchangerate e WHERE e.currency = f.currency"
        ' AND e."on" <= (f.occurred_at AT TIME ZONE {zone})::date ORDER BY e."on" DESC LIMIT 1) r ON true',
        zone=statements.literal(zone),
    )
    names = {field.name for field in model._meta.fields}
    statements.run("DROP TABLE IF EXISTS {chosen}", chosen=CHOSEN)
    return statements.run(
        "CREATE TEMP TABLE {chosen} ON COMMIT DROP AS SELECT f.id, f.root, r.rate FROM {table} f {rated}"
        " WHERE f.superseded_at IS NULL AND f.rate IS NULL AND f.currency = ANY(%s) "
        " AND abs(f.{amount} * r.rate) < %s ORDER BY f.id LIMIT %s",
        [list(currencies), MOST, CHUNK],
        amount="net" if "net" in names else "amount",
        chosen=CHOSEN,
        table=model._meta.db_table,
        rated=of_order if model is Refund else of_day,
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
    ours = {"id", "first_id", "recorded_at", "superseded_at", "rate"}
    columns = [str(field.column) for field in model._meta.concrete_fields if not field.generated]
    kept = [column for column in columns if column not in ours]
    statements.run(
        "INSERT INTO {table} (first_id, recorded_at, rate, {kept}) SELECT c.root, %s, c.rate, {values}"
        " FROM {chosen} c JOIN {table} f ON f.id = c.id ORDER BY f.id",
        [at],
        **names,
        kept=kept,
        values=statements.each_of("f", kept),
    )


def _keep_lines() -> None:
    """Lines belong to one version of an order."""
    statements.run(
        "INSERT INTO customers_orderline (order_id, product_id, quantity, amount)"
        " SELECT o.id, l.product_id, l.quantity, l.amount FROM {chosen} c JOIN customers_orderline l ON l.order_id = c.id"
        " JOIN customers_order o ON o.first_id = c.root AND o.superseded_at IS NULL ORDER BY l.id",
        chosen=CHOSEN,
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
