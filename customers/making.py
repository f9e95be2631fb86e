"""Writing a new customer with all that is known from the start, in one statement: a trip for each would be most of it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from clm.accounts import doors
from clm.accounts.models import User
from customers.models import Customer

Key = tuple[str, str, str]
_SQL = """
    WITH made AS (INSERT INTO customers_customer ({columns}) VALUES ({places}) RETURNING *),
    named AS (
        INSERT INTO customers_identity (customer_id, original_customer_id, kind, source, value)
        SELECT made.id, made.id, given.kind, given.source, given.value
        FROM made, unnest(%s::text[], %s::text[], %s::text[]) AS given (kind, source, value)
        ON CONFLICT (kind, source, value) WHERE superseded_at IS NULL DO NOTHING
        RETURNING kind),
    remembered AS (
        INSERT INTO customers_profilechange (customer_id, original_customer_id, field, value, occurred_at)
        SELECT made.id, made.id, known.key, known.value, %s FROM made, jsonb_each(%s) AS known),
    noted AS (INSERT INTO customers_arrival (customer_id, since) SELECT id, %s FROM made WHERE %s),
    happened AS (
        INSERT INTO customers_event (customer_id, original_customer_id, source, key, name, properties, occurred_at)
        SELECT id, id, 'clm', 'customer.created:' || id, 'customer.created', '{{}}', created_at FROM made),
    audited AS (
        INSERT INTO accounts_auditentry (actor_id, door, action, subject_type, subject_id, subject_label, details)
        SELECT %s, %s, 'customer.created', 'customers.customer', id, coalesce(nullif(%s, '#None'), '#' || id), %s
        FROM made)
    SELECT id, first_seen_at, created_at, changed_at, search_text, ARRAY(SELECT kind FROM named) FROM made
"""


def make(
    customer: Customer,
    *,
    keys: Collection[Key],
    known: Mapping[str, Any],
    since: datetime,
    by: User | None,
    fields: list[str],
) -> set[str]:
    """Insert the row, what names it, its first values as facts `since` then, its creation and the audit entry.

    Returns the kinds of the keys that are its own now: a key that names another customer is left to that one.
    """
    sql, columns = _statement()
    values = [column.get_db_prep_save(getattr(customer, column.attname), connection) for column in columns]
    named = [list(part) for part in zip(*keys, strict=True)] or [[], [], []]
    facts: list[Any] = [since, Jsonb(dict(known)), since, bool(known)]
    audited: list[Any] = [
        by.pk if by else None,
        doors.current(),
        str(customer)[:200],
        Jsonb({"fields": fields}),
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *named, *facts, *audited])
        customer.pk, *written, own = cursor.fetchone()
    for name, value in zip(
        ("first_seen_at", "created_at", "changed_at", "search_text"), written, strict=True
    ):
        setattr(customer, name, value)
    customer._state.adding, customer._state.db = False, connection.alias
    return set(own)


@cache
def _statement() -> tuple[str, list[Any]]:
    """With the columns that have no default of the database's own."""
    columns = [
        field
        for field in Customer._meta.concrete_fields
        if not (field.primary_key or field.generated or field.has_db_default())
    ]
    names = ", ".join(f'"{field.column}"' for field in columns)
    return _SQL.format(columns=names, places=", ".join(["%s"] * len(columns))), columns
