"""Customers whom only undone imports knew: who they are, and removing them for good.

Empty is who was made by an undone import and of whom no table tells anything else: each table of the inventory counts,
but for what undone imports wrote and what CLM worked out by itself (see docs/decisions). One definition says it to the
page and, under the locks, to whoever removes.
"""

from collections.abc import Iterator, Sequence
from typing import cast

from django.db import OperationalError, transaction
from django.db.models import Count, Exists, F, ForeignKey, Model, OuterRef, Q
from psycopg import sql

from clm.accounts.jobs import Progress
from clm.accounts.models import AuditEntry, Job
from clm.base import deadline, erasing, keyset
from clm.base.db import among
from clm.base.facts import KeyedFact
from clm.base.inventory import EVERY_ROW, Table, rows_of, tables
from customers.models import Customer, Identity, Import, ImportedRow, Segment, SegmentMember
from customers.models.customer import CustomerQuerySet
from customers.models.import_run import ImportStatus

JOB_KIND = "import-removal"
REMOVED = "customers_removed"  # in the counts of an import
CHUNK = 5_000
PATIENCE_MS = 5_000
# Nobody was ever merged into them, so whom a row belonged to at first is whom it belongs to.
_ORIGINAL = ("original_customer_id",)


def empty_customers(run: Import) -> CustomerQuerySet:
    """Those whom the import made and nobody else ever touched."""
    made = Identity.objects.live().filter(customer=OuterRef("pk"), written_by=run)
    found = Customer.objects.filter(Exists(made), merged_into=None, erased_at=None, owner=None, team=None)
    for sign in (*_signs(), *_holds()):
        found = found.filter(~sign)
    return found


def left_by(run: Import) -> keyset.Count | None:
    """How many there are of an undone import; None when counting takes too long for a page."""
    if run.status != ImportStatus.UNDONE:
        return keyset.Count(0, is_capped=False)
    try:
        with deadline.within(PATIENCE_MS):
            return keyset.count(empty_customers(run))
    except OperationalError:
        return None


def _signs() -> Iterator[Exists]:
    """Rows that tell that somebody knows the customer."""
    for table in tables():
        if table.model is Customer or table.worked_out == EVERY_ROW:
            continue
        rows = table.model._default_manager.all()
        for harmless in _harmless(table):
            rows = rows.exclude(harmless)
        for path in table.path:
            yield Exists(rows.filter(**{path: OuterRef("pk")}))


def _harmless(table: Table) -> Iterator[Q]:
    if table.worked_out is not None:
        yield table.worked_out
    if issubclass(table.model, ImportedRow):
        undone = Q(written_by__in=Import.objects.filter(status=ImportStatus.UNDONE))
        yield undone if table.model is Identity else undone & Q(superseded_at__isnull=False)


def _holds() -> Iterator[Exists]:
    """Rows of others that rest on one of theirs: a later version of an order that was moved, or its refund."""
    for table in tables():
        if issubclass(table.model, ImportedRow) and issubclass(table.model, KeyedFact):
            for key in _keys_into(table.model):
                rows = key.model._default_manager.filter(**{f"{key.name}__customer": OuterRef("pk")})
                yield Exists(rows.exclude(customer=OuterRef("pk")))


def _keys_into(model: type[KeyedFact]) -> Iterator["ForeignKey[Model, Model]"]:
    yield cast("ForeignKey[Model, Model]", model._meta.get_field("first"))
    yield from erasing.relations_to(model)


def run_removal(job: Job) -> Iterator[Progress]:
    run = Import.objects.get(pk=job.parameters["import"])
    total = run.counts.get("customers_added", 0)
    done, after = job.done, job.cursor.get("after", 0)
    is_through = False
    try:
        for _name in erasing.index_big(_tables_touched()):
            yield Progress(done, total)
        while ids := _next(run, after):
            _remove_chunk(run, ids)
            done, after = done + len(ids), ids[-1]
            yield Progress(done, max(total, done), {"after": after})
        is_through = True
    finally:
        if is_through or not Job.objects.open().filter(pk=job.pk).exists():
            erasing.drop_big_indexes()
    removed = _finish(run, job)
    yield Progress(done, max(total, done), result={"removed": removed})


def _next(run: Import, after: int) -> list[int]:
    made = Identity.objects.live().filter(written_by=run, customer_id__gt=after)
    return list(made.order_by("customer_id").values_list("customer_id", flat=True).distinct()[:CHUNK])


@transaction.atomic
def _remove_chunk(run: Import, ids: Sequence[int]) -> None:
    """Of these customers the ones that are still empty once nobody can write of them. Segments first, as who fills them does."""
    erasing.be_patient()
    run.refresh_from_db(from_queryset=Import.objects.select_for_update(of=("self",)))
    Segment.objects.dynamic().lock()
    gone = list(empty_customers(run).filter(among("pk", _lock(ids))).values_list("pk", flat=True))
    if not gone:
        return
    _leave_segments(gone)
    erasing.erase(Customer, sql.SQL("id = ANY({})").format(sql.Literal(gone)), but=_ORIGINAL)
    for table in _without_key():
        rows = rows_of(table, gone)
        rows._raw_delete(rows.db)
    run.counts[REMOVED] = run.counts.get(REMOVED, 0) + len(gone)
    run.save(update_fields=["counts"])


def _lock(ids: Sequence[int]) -> list[int]:
    """In id order, so that not even a fact can be inserted."""
    rows = Customer.objects.filter(among("pk", ids)).order_by("pk").select_for_update(of=("self",))
    return list(rows.values_list("pk", flat=True))


def _leave_segments(gone: Sequence[int]) -> None:
    members = SegmentMember.objects.open().filter(among("customer_id", gone))
    for pk, left in members.values("segment").annotate(left=Count("pk")).values_list("segment", "left"):
        Segment.objects.filter(pk=pk).update(count=F("count") - left)


def _without_key() -> Iterator[Table]:
    """Tables that name customers and have no foreign key."""
    for table in tables():
        names = [column.attname for column in table.model._meta.concrete_fields if not column.is_relation]
        if "customer_id" in names:
            yield table


def _tables_touched() -> list[str]:
    return [table.model._meta.db_table for table in tables()]


@transaction.atomic
def _finish(run: Import, job: Job) -> int:
    run.refresh_from_db()
    removed: int = run.counts.get(REMOVED, 0) - job.parameters["removed_before"]
    if removed:
        AuditEntry.objects.record("import.customers_removed", run, by=job.owner, customers=removed)
    return removed
