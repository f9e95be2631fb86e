"""Whose row is it: find the customers that rows name, and make those that are missing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import cast

import orjson
from psycopg.types.json import Jsonb

from clm.base.facts import BEGINNING
from customers.intake import statements
from customers.intake.batch import Batch
from customers.intake.copying import Each, copy_columns
from customers.intake.kinds import Row
from customers.models.identity import IdentityKind

EXTERNAL, EMAIL, PHONE = (
    kind.value for kind in (IdentityKind.EXTERNAL, IdentityKind.EMAIL, IdentityKind.PHONE)
)


MATCHES = {"customer": EXTERNAL, "email": EMAIL, "phone": PHONE}
"""Field to the kind of identity that it is; an import may find customers by one of them alone."""
FIELDS = {kind: field for field, kind in MATCHES.items()}


class Moved(Exception):
    """A customer was merged away while we were waiting for the lock: start over."""


class People:
    """Identities to customers for one batch.

    An external id decides within its source. Else the e-mail address does, unless its customer already has another
    id of this source; the phone only where nothing else is given, because households share one. An identity that
    names somebody is never taken away from them.
    """

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self._resolved = len(batch.rows)
        self.fresh: dict[int, Row] = {}
        self.new_identities: dict[str, dict[str, int]] = {kind: {} for kind in FIELDS}
        self._sources = dict.fromkeys(FIELDS, "") | {EXTERNAL: batch.source}
        self._known: dict[str, dict[object, int]] = {kind: self._live(kind) for kind in FIELDS}
        self._named = self._of_this_source()
        self._learnt = [
            (field, self._known[kind], self.new_identities[kind]) for field, kind in MATCHES.items()
        ]

    def resolve(self) -> None:
        """Give every row its customer's id. Rows of nobody known get a new id; the customer is written later."""
        nobody, found = self._told_apart()
        ids = iter(_next_ids(self._most_new(nobody)))
        for row in nobody:  # an earlier one of them may have brought the identity of a later one
            if not self._find(row):
                row.customer_id = next(ids)
                self.fresh[row.customer_id] = row
            self._learn(row)
        for row in found:  # by one identity, which teaches us the others
            self._learn(row)

    def _told_apart(self) -> tuple[list[Row], list[Row]]:
        """Rows of nobody known, and the others."""
        rows = self.batch.rows
        if not any(self._known.values()):
            return rows, []
        nobody: list[Row] = []
        found: list[Row] = []
        for row in rows:
            (found if self._find(row) else nobody).append(row)
        return nobody, found

    def claims_of_others(self, kind: str) -> list[tuple[Row, int]]:
        """Rows whose e-mail (or other `kind`) names another customer than theirs, and that customer."""
        known, field = self._known[kind], FIELDS[kind]
        return [
            (row, known[row.values[field]])
            for row in self.batch.rows
            if field in row.values and known[row.values[field]] != row.customer_id
        ]

    def forget_refused(self) -> None:
        """Newcomers are who they are by the first row that is left of theirs; a refused row says nothing of anybody."""
        rows = self.batch.rows
        if len(rows) == self._resolved:
            return
        firsts = {row.customer_id: row for row in reversed(rows)}
        for kind, new in self.new_identities.items():
            field = FIELDS[kind]
            told = {(str(row.values[field]), row.customer_id) for row in rows if field in row.values}
            self.new_identities[kind] = {value: pk for value, pk in new.items() if (value, pk) in told}
        self.fresh = {pk: firsts[pk] for pk in self.fresh if pk in firsts}

    def lock(self) -> None:
        lock_customers(self.batch, {row.customer_id for row in self.batch.rows} - self.fresh.keys())

    def write_new(self) -> None:
        """Customers that only facts speak of: known by their identities, seen since their earliest fact."""
        earliest: dict[int, datetime] = {}
        for row in self.batch.rows:
            if row.customer_id in self.fresh and row.earliest is not None:
                earliest[row.customer_id] = min(row.earliest, earliest.get(row.customer_id, row.earliest))
        at = self.batch.at
        write_customers(
            [
                {"id": pk, **_who(row), "first_seen_at": earliest.get(pk, at)}
                for pk, row in self.fresh.items()
            ],
            at=at,
        )
        self.batch.taken.customers_added += len(self.fresh)
        self.write_identities()
        write_profile_changes(
            self.batch,
            [
                (pk, name, value, BEGINNING)
                for pk, row in self.fresh.items()
                for name, value in _reachable(row)
            ],
        )

    def write_identities(self) -> None:
        """In one order, so that two writers wait for one another instead of each for the other."""
        batch = self.batch
        for kind, new in sorted(self.new_identities.items()):
            if not new:
                continue
            values = sorted(new)
            pks = [new[value] for value in values]
            copy_columns(
                "customers_identity",
                {
                    "customer_id": pks,
                    "original_customer_id": pks,
                    "kind": Each(kind),
                    "source": Each(self._sources[kind]),
                    "value": values,
                    "recorded_at": Each(batch.at),
                    "written_by_id": Each(batch.written_by_id),
                },
            )

    def _find(self, row: Row) -> int:
        values, known = row.values, self._known
        if self.batch.match:  # whatever the others say
            pk = known[MATCHES[self.batch.match]].get(values.get(self.batch.match), 0)
        elif "customer" in values:
            pk = known[EXTERNAL].get(values["customer"], 0)
            if not pk and (of_email := known[EMAIL].get(values.get("email"), 0)) not in self._named:
                pk = of_email
        elif "email" in values:
            pk = known[EMAIL].get(values["email"], 0)
        else:
            pk = known[PHONE].get(values.get("phone"), 0)
        row.customer_id = pk
        return pk

    def _learn(self, row: Row) -> None:
        values, pk = row.values, row.customer_id
        for field, known, new in self._learnt:
            value = values.get(field)
            if value is not None and value not in known:
                known[value] = new[str(value)] = pk
                if field == "customer":
                    self._named.add(pk)

    def _live(self, kind: str) -> dict[object, int]:
        """Who is known by the rows' values of this kind. Each is looked up for itself: a plan for a set may read all."""
        field = FIELDS[kind]
        wanted = {cast(str, row.values[field]) for row in self.batch.rows if field in row.values}
        if not wanted:
            return {}
        found = statements.rows(
            "SELECT i.value, i.customer_id FROM json_array_elements_text(%s::json) AS w(value), LATERAL"
            " (SELECT value, customer_id FROM customers_identity WHERE kind = %s AND source = %s AND value = w.value"
            " AND superseded_at IS NULL OFFSET 0) AS i",
            [orjson.dumps(sorted(wanted)).decode(), kind, self._sources[kind]],
        )
        return dict(found)

    def _most_new(self, nobody: list[Row]) -> int:
        """Rows that share what they are told by first are of one customer."""
        if self.batch.match:
            return len(nobody)
        return len({_told_by(row.values) for row in nobody})

    def _of_this_source(self) -> set[int]:
        """Customers found by e-mail who have an external id of this source."""
        by_email = set(self._known[EMAIL].values())
        if not by_email:
            return set()
        found = statements.rows(
            "SELECT DISTINCT customer_id FROM customers_identity"
            " WHERE kind = 'external' AND source = %s AND superseded_at IS NULL AND customer_id = ANY(%s)",
            [self.batch.source, list(by_email)],
        )
        return {pk for (pk,) in found}


def _told_by(values: Mapping[str, object]) -> object:
    if "customer" in values:
        return values["customer"]
    return ("email", values["email"]) if "email" in values else ("phone", values["phone"])


def lock_customers(batch: Batch, ids: Collection[int]) -> None:
    """In id order, so that facts can still be inserted. Raises Moved when one was merged meanwhile."""
    if not batch.locks or not ids:
        return
    found = statements.rows(
        "SELECT merged_into_id FROM customers_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
        [list(ids)],
    )
    if len(found) < len(set(ids)) or any(merged for (merged,) in found):
        raise Moved


def _next_ids(count: int) -> list[int]:
    found = statements.rows(
        "SELECT nextval('customers_customer_id_seq') FROM generate_series(1, %s)", [count]
    )
    return [pk for (pk,) in found]


def _who(row: Row) -> dict[str, object]:
    given = row.values
    return {
        "external_id": given.get("customer", ""),
        "email": given.get("email", ""),
        "phone": given.get("phone", ""),
        "name": given.get("person", ""),
    }


def _reachable(row: Row) -> list[tuple[str, object]]:
    fields = {"email": "email", "phone": "phone", "person": "name"}
    return [(name, row.values[given]) for given, name in fields.items() if given in row.values]


NEW_CUSTOMER: dict[str, object] = {
    "id": 0,
    "kind": "person",
    "name": "",
    "first_name": "",
    "last_name": "",
    "email": "",
    "phone": "",
    "external_id": "",
    "country": "",
    "language": "",
    "zone": "",
    "company_id": None,
    "owner_id": None,
    "team_id": None,
    "fields": "{}",
}


def write_customers(customers: Sequence[Mapping[str, object]], *, at: datetime) -> None:
    """What a customer does not have is as in NEW_CUSTOMER, seen now for the first time; what is no column is left aside."""
    if not customers:
        return
    brought = set().union(*customers)
    columns = {
        name: [customer.get(name, blank) for customer in customers] if name in brought else Each(blank)
        for name, blank in (NEW_CUSTOMER | {"first_seen_at": at}).items()
    }
    copy_columns("customers_customer", {**columns, "created_at": Each(at), "changed_at": Each(at)})


Change = tuple[int, str, object, datetime]


def write_profile_changes(batch: Batch, changes: Sequence[Change]) -> None:
    """(customer id, field, value, since when)."""
    if not changes:
        return
    pks, names, values, since = zip(*changes, strict=True)
    copy_columns(
        "customers_profilechange",
        {
            "customer_id": pks,
            "original_customer_id": pks,
            "field": names,
            "value": [Jsonb(value) for value in values],
            "occurred_at": since,
            "recorded_at": Each(batch.at),
            "written_by_id": Each(batch.written_by_id),
        },
    )
