"""Every table that tells of a customer says how merge, unmerge, export and erasure treat it."""

from django.apps import apps
from django.db.models import ForeignKey, Model

from clm.base.inventory import MOVED, SUPERSEDED, tables
from customers.models import Customer

CURE = """
These tables name a customer, themselves or through another table, and nobody has said what becomes of their rows when
two customers are merged, when somebody asks for their data, and when somebody asks to be forgotten. Say it in one
line of the app's `inventory.py`:

    register(YourModel, merge=MOVED, export=ALL, erase=cleared("subject", "text"))

merge: MOVED (becomes the winner's), DROPPED (a cache), SUPERSEDED (worked out from facts), STAYS, or a way of its own.
export: ALL, all_but("column"), NOTHING (only for caches). erase: KEPT (tells nothing of who it is), cleared(...), DELETED.
A table that names its customer through another: path="message__customer_id".
"""


def telling_of_customers() -> set[type[Model]]:
    """Those with a customer's key; then those that belong to one of these; and so on."""
    stored = [model for model in apps.get_models() if model._meta.managed]
    found = {model for model in stored if model is Customer or _has_key(model)}
    while more := {model for model in stored if model not in found and _keys(model) & (found - {Customer})}:
        found |= more
    return found


def _has_key(model: type[Model]) -> bool:
    named = any(str(column.column).endswith("customer_id") for column in model._meta.concrete_fields)
    return named or Customer in _keys(model)


def _keys(model: type[Model]) -> set[type[Model]]:
    keys = (column for column in model._meta.concrete_fields if isinstance(column, ForeignKey))
    return {column.related_model for column in keys if isinstance(column.related_model, type)}


def test_every_table_that_tells_of_a_customer_is_registered():
    missing = telling_of_customers() - {table.model for table in tables()}

    assert sorted(model._meta.label for model in missing) == [], CURE


def test_nothing_is_registered_that_tells_of_no_customer():
    assert {table.model for table in tables()} - telling_of_customers() == set()


def test_the_paths_and_columns_that_are_registered_exist():
    for table in tables():
        for path in table.path:
            str(table.model._default_manager.filter(**{f"{path}__in": [1]}).query)
        columns = {column.name for column in table.model._meta.concrete_fields}
        cleared = {*getattr(table.erase, "columns", ()), *getattr(table.erase, "to", {})}

        assert columns >= table.export.but | cleared, table.model


def test_what_moves_has_a_customer_and_what_is_superseded_can_be():
    for table in tables():
        columns = {str(column.column) for column in table.model._meta.concrete_fields}
        needed = {MOVED: {"customer_id"}, SUPERSEDED: {"customer_id", "superseded_at"}}

        assert columns >= needed.get(table.merge, set()), table.model  # type: ignore[call-overload]
