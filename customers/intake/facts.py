"""Write versions of keyed facts, set-based: what is equal stays, what differs supersedes, what is new is added."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Model
from psycopg.types.json import Jsonb

from clm.base.facts import BEGINNING, KeyedFact
from customers import summaries
from customers.intake import statements
from customers.intake.batch import Batch, Outcome
from customers.intake.copying import copy_columns
from customers.intake.kinds import Row
from customers.intake.statements import fragment

STAGING = "intake_fact"


def write_facts(
    batch: Batch, model: type[KeyedFact], content: Sequence[str], *, of_customer: bool = True
) -> None:
    """`content` names the columns that make a version; a row without a value takes the model's default.

    Holds the customers' locks already. Rows of one key within the batch: the last one counts.
    """
    _Versions(batch, model, content, of_customer=of_customer).write()


class _Versions:
    def __init__(
        self, batch: Batch, model: type[KeyedFact], content: Sequence[str], *, of_customer: bool
    ) -> None:
        self.batch, self.table, self.of_customer = batch, model._meta.db_table, of_customer
        self.content = list(content)
        self.owner = ["customer_id"] if of_customer else []
        self.compared = [*self.owner, "occurred_at", *(name for name in content if name != "rate")]
        self.types = _types(model, content)
        self.blanks = {name: _blank(model, name) for name in content}
        brought = {name for row in batch.rows for name in row.values}
        self.brought = [name for name in content if name in brought]
        self.has_rate = "rate" in self.content

    def write(self) -> None:
        last = self._last_of_each_key()
        if not last:
            return
        self._stage(last)
        self._compare()
        self._find_undone()
        self._supersede()
        self._insert()
        self._count()
        if self.of_customer:
            self._wake()

    def _last_of_each_key(self) -> list[Row]:
        last: dict[str, Row] = {}
        for row in self.batch.rows:
            earlier = last.get(row.key)
            if earlier is not None:
                same = earlier.values == row.values and earlier.earliest == row.earliest
                self.batch.taken.unchanged += same
                self.batch.taken.amended += not same
            last[row.key] = row
        return list(last.values())

    def _stage(self, rows: list[Row]) -> None:
        own = {"number": "int", "key": "varchar(200)", "customer_id": "bigint", "occurred_at": "timestamptz"}
        found = {
            "live_id": "bigint",
            "first_id": "bigint",
            "was_of": "bigint",
            "was_at": "timestamptz",
            "same": "boolean",
        }
        left_out = {name: blank for name, blank in self.blanks.items() if name not in self.brought}
        statements.run("DROP TABLE IF EXISTS {table}", table=STAGING)
        statements.run(
            "CREATE TEMP TABLE {table} ({columns}) ON COMMIT DROP",
            table=STAGING,
            columns=statements.typed(own | self.types | found, defaults=left_out),
        )
        statements.copy(STAGING, [*own, *self.brought], map(self._as_copied, rows))
        statements.run("ANALYZE {table}", table=STAGING)

    def _as_copied(self, row: Row) -> list[object]:
        """Only of the columns that the batch brings; the others are blank by the staging table's defaults."""
        values, blanks, types = row.values, self.blanks, self.types
        copied: list[object] = [row.number, row.key, row.customer_id or None, row.earliest]
        for name in self.brought:
            value = values.get(name, blanks[name])
            copied.append(Jsonb(value) if types[name] == "jsonb" else value)
        return copied

    def _compare(self) -> None:
        statements.run(
            "UPDATE {staging} i SET live_id = f.id, first_id = f.root, was_at = f.occurred_at {owner},"
            " same = (ROW({old}) IS NOT DISTINCT FROM ROW({new})) {converted}"
            " FROM {table} f WHERE f.source = %s AND f.key = i.key AND f.superseded_at IS NULL",
            [self.batch.source],
            staging=STAGING,
            table=self.table,
            owner=fragment(", was_of = f.customer_id" if self.of_customer else ""),
            converted=fragment("AND NOT (f.rate IS NULL AND i.rate IS NOT NULL)" if self.has_rate else ""),
            old=statements.each_of("f", self.compared),
            new=statements.each_of("i", self.compared),
        )

    def _find_undone(self) -> None:
        """A thing that an undone import had brought keeps its root when it comes back, so that references hold."""
        undone = statements.rows(
            "SELECT id FROM customers_import WHERE source = %s AND undone_at IS NOT NULL", [self.batch.source]
        )
        if undone:
            statements.run(
                "UPDATE {staging} i SET first_id = f.root FROM {table} f WHERE f.written_by_id = ANY(%s)"
                " AND f.source = %s AND f.key = i.key AND i.live_id IS NULL",
                [[pk for (pk,) in undone], self.batch.source],
                staging=STAGING,
                table=self.table,
            )

    def _supersede(self) -> None:
        statements.run(
            "UPDATE {table} f SET superseded_at = %s FROM {staging} i WHERE f.id = i.live_id AND NOT i.same",
            [self.batch.at],
            table=self.table,
            staging=STAGING,
        )

    def _insert(self) -> None:
        owners = ["customer_id", "original_customer_id"] if self.of_customer else []
        statements.run(
            "INSERT INTO {table} (source, key, first_id, recorded_at, written_by_id, {columns})"
            " SELECT %s, i.key, i.first_id, %s, %s, {values} FROM {staging} i"
            " WHERE i.same IS NOT TRUE ORDER BY i.number",
            [self.batch.source, self.batch.at, self.batch.written_by_id],
            table=self.table,
            staging=STAGING,
            columns=[*owners, "occurred_at", *self.content],
            values=statements.each_of("i", [*(["customer_id"] * len(owners)), "occurred_at", *self.content]),
        )

    def _count(self) -> None:
        ((added, amended, unchanged),) = statements.rows(
            "SELECT count(*) FILTER (WHERE live_id IS NULL), count(*) FILTER (WHERE NOT same),"
            " count(*) FILTER (WHERE same) FROM {staging}",
            staging=STAGING,
        )
        taken = self.batch.taken
        taken.added, taken.amended, taken.unchanged = (
            taken.added + added,
            taken.amended + amended,
            taken.unchanged + unchanged,
        )
        if self.batch.detailed:
            taken.outcomes = self._outcomes()

    def _outcomes(self) -> list[Outcome]:
        """Of every row, also of those that a later row of the same key overtook."""
        found = statements.rows(
            "SELECT i.key, CASE WHEN i.live_id IS NULL THEN 'added' WHEN i.same THEN 'unchanged' ELSE 'amended' END, f.id"
            " FROM {staging} i JOIN {table} f ON f.source = %s AND f.key = i.key AND f.superseded_at IS NULL",
            [self.batch.source],
            staging=STAGING,
            table=self.table,
        )
        by_key = {key: (what, pk) for key, what, pk in found}
        return [Outcome(row.number, *by_key[row.key]) for row in self.batch.rows]

    def _wake(self) -> None:
        """Tell those who follow the customers of changed facts, on both sides of a fact that changed hands."""
        touched = fragment(
            "(SELECT customer_id, min(at) AS since FROM (SELECT customer_id, occurred_at AS at FROM {staging}"
            " WHERE same IS NOT TRUE UNION ALL SELECT was_of, was_at FROM {staging} WHERE NOT same) AS t GROUP BY 1)",
            staging=STAGING,
        )
        statements.run(
            "INSERT INTO customers_arrival (customer_id, since) SELECT customer_id, since FROM {touched} AS e",
            touched=touched,
        )
        statements.run(
            "UPDATE customers_customer c SET first_seen_at = e.since FROM {touched} AS e"
            " WHERE c.id = e.customer_id AND c.first_seen_at > e.since",
            touched=touched,
        )
        if self.table in ("customers_order", "customers_refund"):
            found = statements.rows("SELECT customer_id FROM {touched} AS e", touched=touched)
            summaries.refresh([pk for (pk,) in found], organisation=self.batch.organisation)


def wake(since: dict[int, datetime]) -> None:
    """Queue customers for evaluation from their earliest changed fact on, and let it count as first sight.

    What holds since ever is no sight of anybody.
    """
    if not since:
        return
    copy_columns("customers_arrival", {"customer_id": list(since), "since": list(since.values())})
    seen = {pk: at for pk, at in since.items() if at > BEGINNING}
    if seen:
        statements.run(
            "UPDATE customers_customer c SET first_seen_at = e.since"
            " FROM unnest(%s::bigint[], %s::timestamptz[]) AS e(id, since)"
            " WHERE c.id = e.id AND c.first_seen_at > e.since",
            [list(seen), list(seen.values())],
        )


def _types(model: type[Model], names: Sequence[str]) -> dict[str, str]:
    by_column = {field.column: field for field in model._meta.concrete_fields}
    return {name: by_column[name].db_type(connection) or "text" for name in names}


def _blank(model: type[Model], column: str) -> object:
    field = next(field for field in model._meta.concrete_fields if field.column == column)
    return field.get_default() if field.has_default() else None if field.null else ""
