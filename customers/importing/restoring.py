"""Set what the customer row shows from the live profile changes, set-based."""

from collections.abc import Sequence

from customers.intake import statements
from customers.intake.newcomers import PROFILE

_COLUMN_OF = {name: column for column, name in PROFILE.items()}
_LAST = statements.fragment(
    "(SELECT p.value FROM customers_profilechange p WHERE p.customer_id = c.id AND p.field = %s"
    " AND p.superseded_at IS NULL ORDER BY p.occurred_at DESC, p.id DESC LIMIT 1)"
)


def set_profile_field(customer_ids: Sequence[int], name: str) -> None:
    column = _COLUMN_OF[name]
    blank = "person" if column == "kind" else ""
    parameters: list[object] = [name] if column.endswith("_id") else [name, blank]
    value = (
        statements.fragment("NULLIF({last} #>> '{{}}', '')::bigint", last=_LAST)
        if column.endswith("_id")
        else statements.fragment("coalesce({last} #>> '{{}}', %s)", last=_LAST)
    )
    statements.run(
        "UPDATE customers_customer c SET {column} = {value}, changed_at = clock_timestamp() WHERE c.id = ANY(%s)",
        [*parameters, list(customer_ids)],
        column=column,
        value=value,
    )


def set_own_field(customer_ids: Sequence[int], name: str) -> None:
    own = name.removeprefix("fields.")
    statements.run(
        "UPDATE customers_customer c SET changed_at = clock_timestamp(), fields = CASE WHEN {last} IS NULL THEN c.fields - %s::text"
        " ELSE c.fields || jsonb_build_object(%s::text, {last}) END WHERE c.id = ANY(%s)",
        [name, own, own, name, list(customer_ids)],
        last=_LAST,
    )
