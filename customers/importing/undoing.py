"""Take an import back: what it wrote is superseded, and what that had replaced is live again.

By chunks, each one transaction, safe to repeat: an undone row is no longer live. Versions that others wrote on top
of the import's stay. Customers whom only this import knew keep their place with nothing in it (see docs/decisions).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.db import transaction
from psycopg import sql

from clm.accounts.jobs import Progress
from clm.accounts.models import AuditEntry, Job, Organisation, User
from clm.base import clock
from clm.base.facts import KeyedFact
from customers import summaries
from customers.importing.undoing_things import undo_things
from customers.importing.written import written_models
from customers.intake import conversion, late_rates, statements
from customers.intake.facts import wake
from customers.intake.moved_orders import take_lines_along
from customers.intake.statements import fragment
from customers.models import Customer, Import, Order, OrderLine, ProfileChange
from customers.models.facts import CustomerFact
from customers.models.import_run import ImportStatus

CHUNK = 20_000
_TOUCHED_ORDERS: dict[type[KeyedFact], sql.Composed] = {
    Order: fragment("SELECT root FROM undo_row"),
    OrderLine: fragment(
        "SELECT l.order_id AS root FROM customers_orderline l JOIN undo_row u ON l.root = u.root"
    ),
}


def run_undo(job: Job) -> Iterator[Progress]:
    run = Import.objects.get(pk=job.parameters["import"])
    done, total = job.done, sum(run.counts.get(name, 0) for name in ("added", "amended"))
    for model in written_models():
        while count := _undo_chunk(run, model):
            done += count
            yield Progress(done=done, total=max(total, done))
    while count := _undo_profiles(run):
        done += count
        yield Progress(done=done, total=max(total, done))
    while count := undo_things(run, by=job.owner):
        done += count
        yield Progress(done=done, total=max(total, done))
    _ask_for_rates(run, job.owner)
    _finish(run, job.owner)
    yield Progress(done=done, total=done)


@transaction.atomic
def _undo_chunk(run: Import, model: type[KeyedFact]) -> int:
    """Returns how many rows were looked at; none are left when it is 0."""
    table, owned = model._meta.db_table, _is_owned(model)
    chosen = _choose(run, table)
    if owned:
        _lock_owners(table)
    at = clock.now()
    statements.run(
        "UPDATE {table} f SET superseded_at = %s FROM undo_row u WHERE f.id = u.id AND f.superseded_at IS NULL",
        [at],
        table=table,
    )
    _leave_to_others(table, at)
    _restore(run, model, at)
    if model is Order:
        late_rates.follow_orders(_TOUCHED_ORDERS[Order], at)
    if orders := _TOUCHED_ORDERS.get(model):
        take_lines_along(orders, at=at)
    if owned:
        _tell(table)
    return chosen


def _leave_to_others(table: str, at: datetime) -> None:
    """Rows that somebody amended while we were waiting for the locks."""
    statements.run(
        "DELETE FROM undo_row u USING {table} f WHERE f.id = u.id AND f.superseded_at <> %s",
        [at],
        table=table,
    )


def _choose(run: Import, table: str) -> int:
    """The next live rows of the import, with the version that each had replaced."""
    statements.run("DROP TABLE IF EXISTS undo_row")
    chosen = statements.run(
        "CREATE TEMP TABLE undo_row ON COMMIT DROP AS SELECT f.id, f.root, f.occurred_at FROM {table} f"
        " WHERE f.written_by_id = %s AND f.superseded_at IS NULL ORDER BY f.id LIMIT %s",
        [run.pk, CHUNK],
        table=table,
    )
    statements.run("ANALYZE undo_row")
    return chosen


def _lock_owners(table: str) -> None:
    """In id order. The ids are read first: a plan for both at once is bad where a table has just been filled."""
    owners = statements.rows(
        "SELECT DISTINCT f.customer_id FROM {table} f WHERE f.id = ANY(ARRAY(SELECT id FROM undo_row)) ORDER BY 1",
        table=table,
    )
    Customer.objects.filter(pk__in=[pk for (pk,) in owners]).lock()


def _restore(run: Import, model: type[KeyedFact], at: datetime) -> None:
    """What was live until the import's first version of the same thing."""
    columns = [
        str(field.column)
        for field in model._meta.concrete_fields
        if not field.primary_key
        and not field.generated
        and field.column not in ("first_id", "recorded_at", "superseded_at")
    ]
    statements.run(
        "INSERT INTO {table} (first_id, recorded_at, {columns}) SELECT p.root, %s, {values} FROM undo_row u"
        " JOIN LATERAL (SELECT min(m.recorded_at) AS began FROM {table} m"
        "   WHERE (m.id = u.root OR m.first_id = u.root) AND m.written_by_id = %s) AS mine ON true"
        " JOIN {table} p ON (p.id = u.root OR p.first_id = u.root) AND p.superseded_at = mine.began"
        "   AND p.written_by_id IS DISTINCT FROM %s",
        [at, run.pk, run.pk],
        table=model._meta.db_table,
        columns=columns,
        values=statements.each_of("p", columns),
    )


def _tell(table: str) -> None:
    touched = statements.rows(
        "SELECT f.customer_id, min(f.occurred_at) FROM {table} f JOIN undo_row u ON f.root = u.root GROUP BY 1 ORDER BY 1",
        table=table,
    )
    ids = [pk for pk, _since in touched]
    wake(dict(touched))
    see_first(ids)
    if table in ("customers_order", "customers_refund"):
        summaries.refresh(ids)


def _ask_for_rates(run: Import, by: User | None) -> None:
    """What came back has the rate of the time when it was replaced."""
    since: dict[str, date] = {}
    organisation = Organisation.objects.current()
    for model in late_rates.models():
        for currency, at in statements.rows(
            "SELECT p.currency, min(p.occurred_at) FROM {table} f JOIN {table} p ON p.root = f.root"
            " WHERE f.written_by_id = %s AND p.superseded_at IS NULL AND p.currency <> %s GROUP BY 1",
            [run.pk, organisation.currency],
            table=model._meta.db_table,
        ):
            day = at.astimezone(organisation.tz).date()
            since[currency] = min(day, since.get(currency, day))
    if since:
        conversion.ask_for_restored(since, by=by)


def see_first(customer_ids: Sequence[int]) -> None:
    """Work out anew when customers were first seen: their earliest live fact, at the latest when we made them."""
    owned = [model for model in written_models() if issubclass(model, CustomerFact)]
    tables = [model._meta.db_table for model in owned if model.can_be_first]
    earliest = statements.listed(
        fragment(
            "(SELECT min(f.occurred_at) FROM {table} f WHERE f.customer_id = c.id AND f.superseded_at IS NULL)",
            table=table,
        )
        for table in tables
    )
    statements.run(
        "UPDATE customers_customer c SET first_seen_at = least({earliest}, c.created_at) WHERE c.id = ANY(%s)",
        [list(customer_ids)],
        earliest=earliest,
    )


def _is_owned(model: type[KeyedFact]) -> bool:
    return any(field.column == "customer_id" for field in model._meta.concrete_fields)


@transaction.atomic
def _undo_profiles(run: Import) -> int:
    """Profile values of the import go, and each field shows its last value again."""
    changes = list(ProfileChange.objects.live().filter(written_by=run).order_by("pk")[:CHUNK])
    if not changes:
        return 0
    ids = {change.customer_id for change in changes}
    Customer.objects.filter(pk__in=ids).lock()
    ProfileChange.objects.filter(pk__in=[change.pk for change in changes]).supersede(at=clock.now())
    _show_last_values(ids, {change.field for change in changes})
    since: dict[int, datetime] = {}
    for change in changes:
        since[change.customer_id] = min(change.occurred_at, since.get(change.customer_id, change.occurred_at))
    statements.copy("customers_arrival", ("customer_id", "since"), since.items())
    return len(changes)


def _show_last_values(ids: set[int], fields: set[str]) -> None:
    """The cache on the customer follows the live changes; a field without any becomes empty."""
    from customers.importing.restoring import set_own_field, set_profile_field

    for name in sorted(fields):
        if name.startswith("fields."):
            set_own_field(list(ids), name)
        else:
            set_profile_field(list(ids), name)


@transaction.atomic
def _finish(run: Import, by: User | None) -> None:
    run.status, run.undone_at = ImportStatus.UNDONE, clock.now()
    run.save(update_fields=["status", "undone_at"])
    AuditEntry.objects.record("import.undone", run, by=by)
