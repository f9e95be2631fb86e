"""Whose row is it: find the customers that rows name, and make those that are missing."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import partial
from typing import NamedTuple

from psycopg.types.json import Jsonb

from clm.base.facts import BEGINNING
from customers.intake import statements
from customers.intake.batch import Batch
from customers.intake.kinds import Row
from customers.models.identity import IdentityKind

EXTERNAL, EMAIL, PHONE = (
    kind.value for kind in (IdentityKind.EXTERNAL, IdentityKind.EMAIL, IdentityKind.PHONE)
)


MATCHES = {"customer": EXTERNAL, "email": EMAIL, "phone": PHONE}
"""Field to the kind of identity that it is, where an import finds customers by that alone."""


class Moved(Exception):
    """A customer was merged away while we were waiting for the lock: start over."""


class Key(NamedTuple):
    """A live identity: external ids per source, e-mail and phone without one."""

    kind: str
    source: str
    value: str


class People:
    """Identities to customers for one batch.

    An external id decides within its source. Else the e-mail address does, unless its customer already has another
    id of this source; the phone only where nothing else is given, because households share one. An identity that
    names somebody is never taken away from them.
    """

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.fresh: dict[int, Row] = {}
        self.new_identities: dict[Key, int] = {}
        self._keys = {id(row): _keys_of(row, batch.source) for row in batch.rows}
        self.known = _live({key for keys in self._keys.values() for key in keys})
        self._named = self._of_this_source()

    def resolve(self) -> None:
        """Give every row its customer's id. Rows of nobody known get a new id; the customer is written later."""
        nobody = [row for row in self.batch.rows if not self._find(row)]
        firsts = {self._keys[id(row)][0] for row in nobody}
        ids = iter(_next_ids(len(nobody if self.batch.match else firsts)))
        for row in nobody:  # an earlier one of them may have brought the identity of a later one
            if not self._find(row):
                row.customer_id = next(ids)
                self.fresh[row.customer_id] = row
            self._learn(row)
        for row in self.batch.rows:
            if len(self._keys[id(row)]) > 1:  # who was found by one, or is new, has taught us that one
                self._learn(row)

    def claims_of_others(self, kind: str) -> list[tuple[Row, int]]:
        """Rows whose e-mail (or other `kind`) names another customer than theirs, and that customer."""
        claims = ((row, key) for row in self.batch.rows for key in self._keys[id(row)] if key.kind == kind)
        return [(row, self.known[key]) for row, key in claims if self.known[key] != row.customer_id]

    def forget_refused(self) -> None:
        left = {row.customer_id for row in self.batch.rows}
        self.fresh = {pk: row for pk, row in self.fresh.items() if pk in left}
        self.new_identities = {key: pk for key, pk in self.new_identities.items() if pk in left}

    def lock(self) -> None:
        lock_customers(self.batch, {row.customer_id for row in self.batch.rows} - set(self.fresh))

    def write_new(self) -> None:
        """Customers that only facts speak of: known by their identities, seen since their earliest fact."""
        earliest: dict[int, datetime] = {}
        for row in self.batch.rows:
            if row.customer_id in self.fresh and row.earliest is not None:
                earliest[row.customer_id] = min(row.earliest, earliest.get(row.customer_id, row.earliest))
        at = self.batch.at
        write_customers(
            (
                {"id": pk, **_who(row), "first_seen_at": earliest.get(pk, at)}
                for pk, row in self.fresh.items()
            ),
            at=at,
        )
        self.batch.taken.customers_added += len(self.fresh)
        self.write_identities()
        write_profile_changes(
            self.batch,
            (
                (pk, name, value, BEGINNING)
                for pk, row in self.fresh.items()
                for name, value in _reachable(row)
            ),
        )

    def write_identities(self) -> None:
        columns = (
            "customer_id",
            "original_customer_id",
            "kind",
            "source",
            "value",
            "recorded_at",
            "written_by_id",
        )
        batch = self.batch
        statements.copy(
            "customers_identity",
            columns,
            (
                (pk, pk, *key, batch.at, batch.written_by_id)
                for key, pk in sorted(self.new_identities.items())
            ),
        )

    def _find(self, row: Row) -> int:
        keys = self._keys[id(row)]
        if self.batch.match:
            return self._find_by(row, MATCHES[self.batch.match])
        if len(keys) == 1:
            row.customer_id = self.known.get(keys[0], 0)
            return row.customer_id
        decided = keys[0].kind == EXTERNAL
        row.customer_id = 0
        for key in keys:
            pk = self.known.get(key, 0)
            another = decided and key.kind != EXTERNAL and pk in self._named
            shared = key.kind == PHONE and len(keys) > 1
            if pk and not another and not shared:
                row.customer_id = pk
                break
        return row.customer_id

    def _find_by(self, row: Row, kind: str) -> int:
        """By the one that was chosen, whatever the others say."""
        named = (self.known.get(key, 0) for key in self._keys[id(row)] if key.kind == kind)
        row.customer_id = next(named, 0)
        return row.customer_id

    def _learn(self, row: Row) -> None:
        for key in self._keys[id(row)]:
            if key not in self.known:
                self.known[key] = self.new_identities[key] = row.customer_id
                if key.kind == EXTERNAL:
                    self._named.add(row.customer_id)

    def _of_this_source(self) -> set[int]:
        """Customers found by e-mail who have an external id of this source."""
        by_email = {pk for key, pk in self.known.items() if key.kind == EMAIL}
        if not by_email:
            return set()
        found = statements.rows(
            "SELECT DISTINCT customer_id FROM customers_identity"
            " WHERE kind = 'external' AND source = %s AND superseded_at IS NULL AND customer_id = ANY(%s)",
            [self.batch.source, list(by_email)],
        )
        return {pk for (pk,) in found}


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


def _keys_of(row: Row, source: str) -> list[Key]:
    values, keys = row.values, []
    if "customer" in values:
        keys.append(_key((EXTERNAL, source, values["customer"])))
    if "email" in values:
        keys.append(_key((EMAIL, "", values["email"])))
    if "phone" in values:
        keys.append(_key((PHONE, "", values["phone"])))
    return keys


_key: "Callable[[tuple[str, str, object]], Key]" = partial(
    tuple.__new__, Key
)  # as Key._make, a third of the time


def _live(keys: Iterable[Key]) -> dict[Key, int]:
    wanted = list(keys)
    found = statements.rows(
        "SELECT i.kind, i.source, i.value, i.customer_id FROM customers_identity i"
        " JOIN unnest(%s::text[], %s::text[], %s::text[]) AS w(kind, source, value)"
        " ON i.kind = w.kind AND i.source = w.source AND i.value = w.value WHERE i.superseded_at IS NULL",
        [[key.kind for key in wanted], [key.source for key in wanted], [key.value for key in wanted]],
    )
    return {Key(kind, source, value): pk for kind, source, value, pk in found}


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
    "first_seen_at": None,
}


def write_customers(customers: Iterable[dict[str, object]], *, at: datetime) -> None:
    statements.copy(
        "customers_customer",
        (*NEW_CUSTOMER, "created_at", "changed_at"),
        ([*(NEW_CUSTOMER | customer).values(), at, at] for customer in customers),
    )


Change = tuple[int, str, object, datetime]


def write_profile_changes(batch: Batch, changes: Iterable[Change]) -> None:
    """(customer id, field, value, since when)."""
    columns = (
        "customer_id",
        "original_customer_id",
        "field",
        "value",
        "occurred_at",
        "recorded_at",
        "written_by_id",
    )
    statements.copy(
        "customers_profilechange",
        columns,
        (
            (pk, pk, name, Jsonb(value), since, batch.at, batch.written_by_id)
            for pk, name, value, since in changes
        ),
    )
