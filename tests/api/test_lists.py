"""Every list is walked to its end, one row on a page, in every ordering."""

from datetime import UTC, datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver
from django.utils.crypto import get_random_string
from rest_framework.request import Request

from clm.base.rest.views import ListView

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def lists(patterns):
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from lists(one.url_patterns)
        elif issubclass(view := getattr(one.callback, "view_class", object), ListView):
            yield view


LISTS = list({view.queryset.model: view for view in lists(get_resolver("clm.urls").url_patterns)}.values())


def test_every_list_is_walked_to_its_end_in_every_ordering(db):
    lost, ruled = [], set()

    for view in (one() for one in LISTS):
        ids = {made(view.queryset.model, number, ruled).pk for number in range(2)}
        for name in view.orderings:
            lost += [(view, asked) for asked in (name, f"-{name}") if walked(view, asked, ids) != (ids, 2)]

    assert (lost, len(LISTS) > 30) == ([], True)


def walked(view, ordering, ids):
    """Whom the pages show, and on how many pages."""
    found, cursor = [], {"cursor": ""}
    while cursor:
        given = {"ordering": ordering, "page_size": "1"} | {k: v for k, v in cursor.items() if v}
        view.request = Request(RequestFactory().get("/", given))
        rows = view.queryset.model._base_manager.filter(pk__in=ids)
        made_up = {one for one in view.columns.values() if one.split("__")[0] not in _columns(rows.model)}
        rows = rows.annotate(**dict.fromkeys(made_up, models.F("pk")))  # what `rows_for` adds
        pages = view.pagination_class()
        found += pages.paginate_queryset(view._values(rows), view.request, view)
        cursor = {"cursor": pages.cursor} if pages.cursor else {}
    return {row["pk"] for row in found}, len(found)


def _columns(model):
    return {name for field in model._meta.concrete_fields for name in (field.name, field.attname)}


def made(model, number, ruled):
    """A row of what must be there only; the rules of the table do not matter here."""
    if model not in ruled:
        _without_rules(model)
        ruled.add(model)
    values = {}
    for field in model._meta.concrete_fields:
        if field.primary_key or field.generated or (field.null and not field.is_relation):
            continue
        if field.is_relation:
            if not field.null:
                parent = field.related_model
                values[field.attname] = made(parent, number, ruled).pk if parent is not model else None
        elif not field.has_default() and field.db_default is models.NOT_PROVIDED:
            values[field.attname] = _value(field, number)
    if model._meta.pk.is_relation:
        values[model._meta.pk.attname] = made(model._meta.pk.related_model, number, ruled).pk
    return model._base_manager.bulk_create([model(**values)])[0]


def _without_rules(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'f', 'x')",
            [model._meta.db_table],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{name}"')


def _value(field, number):
    if isinstance(field, models.DateTimeField):
        return NOW + timedelta(days=number)
    if isinstance(field, models.DateField):
        return (NOW + timedelta(days=number)).date()
    if isinstance(field, models.BooleanField):
        return True
    if isinstance(field, models.IntegerField | models.DecimalField | models.FloatField):
        return number + 1
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, ArrayField):
        return []
    return get_random_string(min(field.max_length or 8, 8)).lower()
