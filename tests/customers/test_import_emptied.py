"""Customers whom only an undone import knew can be removed; whoever has anything else stays."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse

from clm.accounts.models import AuditEntry, User
from clm.base import clock, erasing
from clm.base.inventory import EVERY_ROW, Table, tables
from customers import interactions, profiles, tasks_doing
from customers.importing import emptied
from customers.importing.starting import CannotImport, remove_customers, undo
from customers.intake.taking import take_in
from customers.leads.opening import open_lead
from customers.merging.merge import merge, unmerge
from customers.models import Customer, Identity, Import, Order, Refund, Segment
from customers.models.segment import SegmentKind
from customers.privacy import exporting
from customers.segments import computing, filling, keeping
from lifecycle.admission import MoveSet, admit
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import CurrentStage, Stage, StagePeriod
from lifecycle.presets import install
from metrics import folding
from metrics.models import Purchase
from tests.customers.imports import HEADER, imported, undone, work

pytestmark = pytest.mark.django_db
DAY = "2026-02-01T00:00:00Z"
TWO = HEADER + "A1,7,2026-01-05,10,EUR\nA2,8,2026-01-06,20,EUR\n"


def removed(run: Import, by: User | None = None) -> int:
    job = remove_customers(run, by=by)
    work(job)
    return int(job.result["removed"])


def ids() -> list[str]:
    return list(Customer.objects.order_by("external_id").values_list("external_id", flat=True))


def known(key: str) -> Customer:
    return Customer.objects.get(external_id=key)


def took(kind: str, source: str = "shop", **row: object) -> None:
    assert take_in(kind, [(1, row)], source=source).problems == []


def rows_naming(pks: set[int]) -> dict[str, int]:
    """By table, how many rows hold one of these ids in a column that is a customer's."""
    found = {}
    for model in (model for model in apps.get_models() if model._meta.managed):
        for column in model._meta.concrete_fields:
            if column.related_model is Customer or column.attname.endswith("customer_id"):
                number = model._base_manager.filter(**{f"{column.attname}__in": pks}).count()
                found[f"{model._meta.label}.{column.attname}"] = number
    return {name: number for name, number in found.items() if number}


def test_whom_only_the_undone_import_knew_goes_and_a_corrected_file_makes_them_anew(manager: User) -> None:
    imported(HEADER + "B1,known,2026-01-05,10,EUR\n")
    wrong = undone(imported(TWO + "B2,known,2026-01-07,5,EUR\n"))
    before = {known("7").pk, known("8").pk}

    assert emptied.left_by(wrong) == emptied.keyset.Count(2, is_capped=False)
    assert removed(wrong, by=manager) == 2

    wrong.refresh_from_db()
    assert (ids(), wrong.counts["customers_removed"]) == (["known"], 2)
    assert rows_naming(before) == {}
    entry = AuditEntry.objects.get(action="import.customers_removed")
    assert (entry.actor, entry.details) == (manager, {"customers": 2})
    assert (removed(wrong), ids()) == (0, ["known"])
    assert AuditEntry.objects.filter(action="import.customers_removed").count() == 1
    imported(TWO)
    assert ids() == ["7", "8", "known"]
    assert known("7").pk not in before
    assert Order.objects.live().count() == 3


def test_nothing_that_was_worked_out_keeps_anybody() -> None:
    """Stages, segments, scores, roll-ups and queues go with them; the counts of segments follow."""
    install("swedish-six", by=None)
    segment = Segment.objects.create(
        name="All", slug="all", kind=SegmentKind.DYNAMIC, conditions=_everybody()
    )
    imported(HEADER + "B1,known,2026-01-05,10,EUR\n")
    wrong = imported(TWO)
    evaluate_changed()
    computing.refresh(segment)
    folding.fold()
    before = {known("7").pk, known("8").pk}
    segment.refresh_from_db()
    assert (segment.count, CurrentStage.objects.count()) == (3, 3)
    assert Purchase.objects.count() == 3
    undone(wrong)
    evaluate_changed()
    computing.refresh(segment)

    assert removed(wrong) == 2

    segment.refresh_from_db()
    assert (segment.count, segment.members().count()) == (1, 1)
    assert rows_naming(before) == {}
    assert StagePeriod.objects.live().filter(left_at=None).count() == 1
    folding.fold()
    assert Purchase.objects.count() == 1


def _everybody() -> dict[str, Any]:
    return {"all": [{"condition": "first_seen", "parameters": {"days": 0}}]}


def _merged_and_separated(customer: Customer, by: User) -> None:
    unmerge(merge(customer, profiles.register(by=by, values={"name": "Other"}), by=by), by=by)


def _by_hand(customer: Customer, by: User) -> None:
    segment = keeping.create(by=by, name="Hand", kind=SegmentKind.STATIC)
    filling.add(segment, Customer.objects.filter(pk=customer.pk), by=by)


def _moved(customer: Customer, by: User) -> None:
    stage = Stage.objects.filter(model=install("swedish-six", by=None), slug="engagement").get()
    evaluate_changed()
    admit(MoveSet([customer.pk], stage), source="person", actor=by)


TOUCHES: dict[str, Callable[[Customer, User], object]] = {
    "named": lambda one, by: profiles.change(one, by=by, values={"name": "Ann"}),
    "named-and-back": lambda one, by: [profiles.change(one, by=by, values={"name": n}) for n in ("A", "")],
    "owned": lambda one, by: profiles.change(one, by=by, values={"owner": by}),
    "noted": lambda one, by: interactions.note(one, by=by, text="Called"),
    "task": lambda one, by: tasks_doing.plan(one, by=by, values={"title": "Call"}),
    "lead": lambda one, by: open_lead(by=by, customer=one, values={"title": "Upsell"}),
    "asked": lambda one, by: exporting.ask(one, by=by),
    "merged": _merged_and_separated,
    "segment": _by_hand,
    "moved": _moved,
    "event": lambda one, by: took(
        "events", key="e", customer=one.external_id, name="page.viewed", occurred_at=DAY
    ),
    "other-file": lambda one, by: imported(HEADER + f"Z1,{one.external_id},2026-01-05,10,EUR\n"),
    "other-id": lambda one, by: imported(
        f"id,email\n{one.external_id},known@example.com\n", kind="customers"
    ),
}


def test_whom_anybody_else_touched_stays(manager: User) -> None:
    lines = "".join(f"{name},{name},2026-01-05,10,EUR\n" for name in ("nobody", *TOUCHES))
    wrong = undone(imported(HEADER + lines))
    for name, touch in TOUCHES.items():
        touch(known(name), manager)

    assert emptied.left_by(wrong) == emptied.keyset.Count(1, is_capped=False)
    assert removed(wrong, by=manager) == 1

    assert {*TOUCHES} - {*ids()} == set()
    assert "nobody" not in ids()


def _raw(table: Table, customer: int) -> models.Model:
    """A row that tells of the customer, with as little as the table takes; what it refers to need not be there."""
    given: dict[str, Any] = dict.fromkeys(table.path, customer)
    if table.model._meta.model_name == "twins":
        given = {"one_id": customer, "other_id": customer + 1, "dismissed_at": clock.now()}
    names = {column.name: column for column in table.model._meta.concrete_fields}
    special = {
        "cause": "person",
        "source": "api",
        "released_at": clock.now(),
        "original_customer": customer,
        "finished_at": clock.now(),
    }
    for name, column in names.items():
        if column.primary_key or column.generated or column.attname in given or column.has_db_default():
            continue
        if name in special and name != "original_customer":
            given[name] = special[name]
        elif name == "original_customer":
            given["original_customer_id"] = customer
        elif not column.null and not column.has_default():
            given[column.attname] = _least(column)
    return table.model(**given)


def _least(column: Any) -> Any:
    if isinstance(column, models.DateTimeField):
        return clock.now()
    if isinstance(column, ArrayField):
        return []
    if isinstance(column, models.DateField):
        return clock.now().date()
    if isinstance(column, models.ForeignKey):
        least: Any = column.related_model._base_manager.order_by("pk").values_list("pk", flat=True).first()
        return least or 0
    return "x" if isinstance(column, models.CharField | models.TextField) else 0


def _drop_checks(model: type[models.Model]) -> None:
    names = [one.name for one in model._meta.constraints if isinstance(one, models.CheckConstraint)]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for name in names:
            cursor.execute(f'ALTER TABLE {model._meta.db_table} DROP CONSTRAINT "{name}"')


def _keeping() -> Iterator[Table]:
    for table in tables():
        if table.model is not Customer and table.worked_out != EVERY_ROW and "__" not in table.path[0]:
            yield table


def test_a_row_in_any_table_of_the_inventory_keeps_the_customer() -> None:
    """Also in one that is added later: what is not said to be worked out is a sign of somebody."""
    install("swedish-six", by=None)
    Segment.objects.create(name="Hand", slug="hand", kind=SegmentKind.STATIC)
    wrong = undone(imported(HEADER + "A1,7,2026-01-05,10,EUR\n"))
    pk, without = known("7").pk, []

    for table in _keeping():
        with transaction.atomic():
            _drop_checks(table.model)
            table.model._base_manager.bulk_create([_raw(table, pk)])
            if emptied.empty_customers(wrong).exists():
                without.append(table.model._meta.label)
            transaction.set_rollback(True)

    assert without == []
    assert emptied.empty_customers(wrong).exists()


def test_whose_rows_others_rest_on_stays() -> None:
    """The order was moved to somebody else since, and keeps its first version."""
    wrong = imported(HEADER + "A1,7,2026-01-05,10,EUR\nA2,9,2026-01-05,10,EUR\n")
    imported(HEADER + "A1,8,2026-01-05,10,EUR\n")
    took("refunds", order="A1", key="R", amount="4", occurred_at=DAY)
    undone(wrong)

    assert removed(wrong) == 1

    assert ids() == ["7", "8"]
    assert Refund.objects.live().get().order_id == Order.objects.live().get().root


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("customers", "id,name,email,country,since\n1,Ann,ann@example.com,DK,2025-01-01\n"),
        ("events", "customer_id,event,date\n1,page.viewed,2026-01-05\n"),
        ("leads", "id,customer,title,opened,channel\nL1,1,Pool,2026-01-05,search\n"),
    ],
)
def test_each_kind_of_file_leaves_customers_who_can_go(kind: str, file: str) -> None:
    wrong = imported(file, kind=kind)
    assert Customer.objects.count() == 1
    undone(wrong)

    assert removed(wrong) == 1

    assert (Customer.objects.count(), Identity.objects.count()) == (0, 0)


def test_whom_two_undone_imports_knew_goes_with_the_one_that_made_them() -> None:
    first, second = imported(TWO), imported(HEADER + "C1,7,2026-01-09,10,EUR\n")
    undone(first)
    assert removed(first) == 1
    undone(second)

    assert removed(second) == 0
    assert removed(first) == 1

    assert ids() == []


def test_an_import_that_stands_keeps_its_customers() -> None:
    run = imported(TWO)

    with pytest.raises(CannotImport, match="Undo the import first"):
        remove_customers(run, by=None)
    undo(run, by=None)
    with pytest.raises(CannotImport, match="Undo the import first"):
        remove_customers(run, by=None)

    assert ids() == ["7", "8"]


def test_who_is_touched_between_the_look_and_the_lock_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = undone(imported(TWO))
    lock = emptied._lock

    def late(ids: Any) -> list[int]:
        took("events", key="e", customer="7", name="page.viewed", occurred_at=DAY)
        return lock(ids)

    monkeypatch.setattr(emptied, "_lock", late)

    assert removed(wrong) == 1
    assert ids() == ["7"]


def test_it_goes_on_where_it_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emptied, "CHUNK", 1)
    wrong = undone(imported(TWO))
    job = remove_customers(wrong, by=None)
    steps = emptied.run_removal(job)
    progress = next(steps)
    steps.close()
    assert ids() == ["8"]
    job.cursor = progress.cursor or {}
    job.save(update_fields=["cursor"])

    work(job)

    assert (ids(), job.result) == ([], {"removed": 2})


def test_the_page_says_how_many_are_left_and_removes_them(
    sign_in: Callable[[User], Client], marketer: User
) -> None:
    client, wrong = sign_in(marketer), undone(imported(TWO))

    page = client.get(reverse("import", args=[wrong.pk])).content.decode()
    left = client.get(reverse("import-left", args=[wrong.pk]), headers={"HX-Request": "true"})
    client.post(reverse("import-customers-removal", args=[wrong.pk]))
    wrong.refresh_from_db()
    work(wrong.job)
    after = client.get(reverse("import-left", args=[wrong.pk])).content.decode()

    assert reverse("import-left", args=[wrong.pk]) in page
    assert "2 customers were known from this file alone" in left.content.decode()
    assert "<html" not in left.content.decode()
    assert "Customers removed" in after
    assert "Remove them" not in after


def test_counting_that_takes_too_long_still_offers_it(
    sign_in: Callable[[User], Client], marketer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, wrong = sign_in(marketer), undone(imported(TWO))
    monkeypatch.setattr(emptied, "PATIENCE_MS", 1)
    monkeypatch.setattr(emptied, "empty_customers", lambda run: _slow())

    page = client.get(reverse("import-left", args=[wrong.pk])).content.decode()

    assert "Some customers may have been known from this file alone" in page
    assert "Remove them" in page


def _slow() -> models.QuerySet[Customer]:
    return Customer.objects.extra(where=["pg_sleep(0.2) IS NOT NULL"])


@pytest.mark.django_db(transaction=True)
def test_big_tables_are_indexed_while_it_lasts() -> None:
    names = list(erasing.index_big(["customers_customer", "customers_order"], least=-1))

    assert "erasing_big_customers_order_customer_id" in names
    assert "erasing_big_customers_refund_order_id" not in names
    erasing.drop_big_indexes()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'erasing_big_%'")
        assert cursor.fetchone() == (0,)
