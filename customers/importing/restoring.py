"""Set what the customer row shows from the live profile changes, set-based."""

from collections.abc import Sequence
from typing import cast

from django.db.models import Model
from psycopg import sql

from customers.intake import statements
from customers.intake.newcomers import PROFILE
from customers.models import Company, Customer, Thing
from customers.once_called import IDS

_COLUMN_OF = {name: column for column, name in PROFILE.items()}
_LAST = statements.fragment(
    "(SELECT p.value FROM customers_profilechange p WHERE p.customer_id = c.id AND p.field = %s"
    " AND p.superseded_at IS NULL ORDER BY p.occurred_at DESC, p.id DESC LIMIT 1)"
)


_ITSELF = statements.fragment("was.id::bigint")
_NOW_AT = statements.fragment(
    "coalesce((SELECT k.thing_id FROM customers_externalkey k"
    " WHERE k.thing = {company} AND k.source = {ids} AND k.key = was.id), was.id::bigint)",
    company=statements.literal(Thing.COMPANY.value),
    ids=statements.literal(IDS),
)


def set_profile_field(customer_ids: Sequence[int], name: str) -> None:
    column = _COLUMN_OF[name]
    if column.endswith("_id"):
        value, parameters = _still_there(name), [name]
    else:
        value = statements.fragment("coalesce({last} #>> '{{}}', %s)", last=_LAST)
        parameters = [name, "person" if column == "kind" else ""]
    statements.run(
        "UPDATE customers_customer c SET {column} = ({value}), changed_at = clock_timestamp() WHERE c.id = ANY(%s)",
        [*parameters, list(customer_ids)],
        column=column,
        value=value,
    )


def _still_there(name: str) -> sql.Composed:
    """What there is no more nobody has; a company that was merged away is the one that stayed."""
    model = cast("type[Model]", Customer._meta.get_field(name).related_model)
    now = _NOW_AT if model is Company else _ITSELF
    return statements.fragment(
        "SELECT x.id FROM (SELECT NULLIF({last} #>> '{{}}', '') AS id) AS was JOIN {table} x ON x.id = {now}",
        last=_LAST,
        table=model._meta.db_table,
        now=now,
    )


def set_own_field(customer_ids: Sequence[int], name: str) -> None:
    own = name.removeprefix("fields.")
    statements.run(
        "UPDATE customers_customer c SET changed_at = clock_timestamp(), fields = CASE WHEN {last} IS NULL THEN c.fields - %s::text"
        " ELSE c.fields || jsonb_build_object(%s::text, {last}) END WHERE c.id = ANY(%s)",
        [name, own, own, name, list(customer_ids)],
        last=_LAST,
    )
