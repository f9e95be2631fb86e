"""Customers whom one row makes: told as a set, the database spreads each into the first values of its fields."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from psycopg import sql
from psycopg.types.json import Jsonb

from clm.base.facts import BEGINNING
from customers.intake import statements
from customers.intake.batch import Batch
from customers.intake.kinds import Row
from customers.intake.statements import fragment

# Column of Customer: the field's name in profile changes.
PROFILE = {
    "kind": "kind",
    "name": "name",
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "phone": "phone",
    "country": "country",
    "language": "language",
    "zone": "zone",
    "company_id": "company",
    "owner_id": "owner",
    "team_id": "team",
}
_AS_INDEXED = sorted(
    PROFILE, key=PROFILE.__getitem__
)  # so that values are appended to the index of their fields
Newcomer = dict[str, object]
"""Columns of Customer, those only that the row gives."""


def newcomer(row: Row) -> Newcomer:
    made: Newcomer = {**with_name(row.values, _NAMELESS), "id": row.customer_id}
    if "customer" in made:
        made["external_id"] = made["customer"]
    if own := made.pop("fields", None):
        given = {name: value for name, value in own.items() if value is not None}  # type: ignore[attr-defined]
        if given:
            made["fields"] = Jsonb(given)
    return made


_NAMELESS = {"first_name": "", "last_name": ""}


def with_name(values: dict[str, object], state: Mapping[str, object]) -> dict[str, object]:
    """A full name is made of its parts where the file has only those."""
    if "name" in values or not ("first_name" in values or "last_name" in values):
        return values
    first = values.get("first_name", state["first_name"])
    last = values.get("last_name", state["last_name"])
    return values | {"name": f"{first} {last}" if first and last else first or last}


def write_first_values(batch: Batch, newcomers: Sequence[Newcomer]) -> dict[int, datetime]:
    """Of customers that are written already. Returns who got some, and since when they hold."""
    brought = set().union(*newcomers)
    _spread(batch, newcomers, _of_columns([name for name in _AS_INDEXED if name in brought - {"kind"}]))
    # a kind that no row gave is not known
    for name, values in (("kind", _of_columns(["kind"])), ("fields", _OWN)):
        if name in brought:
            _spread(batch, [one for one in newcomers if name in one], values)
    named = PROFILE.keys() | {"fields"}
    return {cast(int, one["id"]): BEGINNING for one in newcomers if not named.isdisjoint(one)}


def _of_columns(names: Sequence[str]) -> sql.Composed | None:
    pairs = [
        fragment(
            "({field}, to_jsonb(c.{column}))"
            if name.endswith("_id")
            else "({field}, to_jsonb(nullif(c.{column}, '')))",
            field=statements.literal(PROFILE[name]),
            column=name,
        )
        for name in names
    ]
    return fragment("VALUES {pairs}", pairs=statements.listed(pairs)) if pairs else None


_OWN = fragment("SELECT 'fields.' || own.key, own.value FROM jsonb_each(c.fields) AS own")


def _spread(batch: Batch, newcomers: Sequence[Newcomer], values: sql.Composed | None) -> None:
    """The range of ids finds them by the index, whatever is known of a table that has just been filled."""
    if not newcomers or values is None:
        return
    ids = [cast(int, one["id"]) for one in newcomers]
    statements.run(
        "INSERT INTO customers_profilechange"
        " (customer_id, original_customer_id, field, value, occurred_at, recorded_at, written_by_id)"
        " SELECT c.id, c.id, v.field, v.value, %s, %s, %s FROM"
        " (SELECT * FROM customers_customer WHERE id BETWEEN %s AND %s AND id = ANY(%s) ORDER BY id) AS c,"
        " LATERAL ({values}) AS v(field, value) WHERE v.value IS NOT NULL",
        [BEGINNING, batch.at, batch.written_by_id, min(ids), max(ids), ids],
        values=values,
    )
