"""Keyset pages: as fast at any depth, and steady while rows are added."""

from collections.abc import Hashable, Mapping
from typing import Any

from django.core import signing
from django.db.models import F, Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from clm.base import compiled
from clm.base.compiled import Build

DEFAULT_SIZE = 50
MOST = 200
PARAMETERS = ("cursor", "page_size", "ordering")


class KeysetPagination(BasePagination):
    """Pages a `.values()` queryset. The view's `orderings` map what a client may ask for to a column that is never
    null; a leading minus turns it round; ties are in order of id. A cursor is signed and knows its ordering.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        size = page_size(request)
        orderings = _offered(view, request.query_params.get("ordering", ""))
        asked = ordering_of(request, orderings, view.default_ordering)
        column, down = orderings[asked.removeprefix("-")], asked.startswith("-")
        queryset = view.in_order(queryset, asked)
        if cursor := request.query_params.get("cursor"):
            value, pk = _opened(cursor, asked)
            queryset = queryset.filter(_beyond(column, value, pk, down=down))
        return self._cut(list(_ordered(queryset, column, down=down)[: size + 1]), size, asked)

    def first_page(self, key: Hashable, queryset: Build, request: Request, view: Any) -> list[Any]:
        """What a request without any parameter is answered with; see `compiled.rows` for the key."""
        self.request = request
        asked = view.default_ordering
        column, down = view.orderings[asked.removeprefix("-")], asked.startswith("-")
        found = compiled.rows(
            ("api", key, DEFAULT_SIZE), lambda: _ordered(queryset(), column, down=down)[: DEFAULT_SIZE + 1]
        )
        return self._cut(found, DEFAULT_SIZE, asked)

    def _cut(self, rows: list[Any], size: int, asked: str) -> list[Any]:
        self.cursor = _sealed(rows[size - 1], asked) if len(rows) > size else None
        return rows[:size]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next_link(), "results": data})

    def _next_link(self) -> str | None:
        if self.cursor is None:
            return None
        return replace_query_param(self.request.build_absolute_uri(), "cursor", self.cursor)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        following = {
            "type": ["string", "null"],
            "format": "uri",
            "description": "The next page; null on the last.",
        }
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": following, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_SIZE}
        names = [name for one in {**view.orderings, **_further(view)} for name in (one, f"-{one}")]
        ordering = {"type": "string", "enum": names, "default": view.default_ordering}
        return [
            _parameter("cursor", {"type": "string"}, "From `next` of the page before."),
            _parameter("page_size", size, "Rows on a page."),
            _parameter("ordering", ordering, "Sort order; a minus turns it round."),
        ]


def _offered(view: Any, ordering: str) -> Mapping[str, str]:
    """What is further offered is looked at only when it is asked for."""
    orderings: Mapping[str, str] = view.orderings
    is_known = not ordering or ordering.removeprefix("-") in orderings
    return orderings if is_known else {**orderings, **_further(view)}


def _further(view: Any) -> Mapping[str, str]:
    user = getattr(getattr(view, "request", None), "user", None)
    further: Mapping[str, str] = view.further_orderings(user) if user else {}
    return further


def _parameter(name: str, schema: Any, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _ordered(rows: Any, column: str, *, down: bool) -> Any:
    sign = "-" if down else ""
    return rows.annotate(_in_order=F(column)).order_by(*dict.fromkeys((f"{sign}{column}", f"{sign}pk")))


def page_size(request: Request) -> int:
    text = request.query_params.get("page_size", str(DEFAULT_SIZE))
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    if not 1 <= size <= MOST:
        raise ValidationError(
            {"page_size": [_("Choose a page size between 1 and %(most)s.") % {"most": MOST}]}
        )
    return size


def ordering_of(request: Request, allowed: Mapping[str, str], default: str) -> str:
    asked = request.query_params.get("ordering", default)
    if asked.removeprefix("-") not in allowed:
        names = ", ".join(sorted(allowed))
        raise ValidationError(
            {"ordering": [_("Choose one of: %(names)s; a minus turns it round.") % {"names": names}]}
        )
    return asked


def _beyond(column: str, value: Any, pk: int, *, down: bool) -> Q:
    side = "lt" if down else "gt"
    if column in ("pk", "id"):
        return Q(**{f"pk__{side}": pk})
    # The first term is the one that an index on (column, id) can start from.
    return Q(**{f"{column}__{side}e": value}) & (Q(**{f"{column}__{side}": value}) | Q(**{f"pk__{side}": pk}))


def _sealed(row: Mapping[str, Any], ordering: str) -> str:
    value = row["_in_order"]
    told = value if isinstance(value, int) else str(value)
    return signing.dumps([ordering, told, row["pk"]], salt="api.cursor")


def _opened(cursor: str, ordering: str) -> tuple[Any, int]:
    try:
        made_for, value, pk = signing.loads(cursor, salt="api.cursor")
    except (signing.BadSignature, ValueError) as error:
        raise ValidationError({"cursor": [_unusable()]}) from error
    if made_for != ordering:
        raise ValidationError({"cursor": [_unusable()]})
    return value, pk


def _unusable() -> str:
    return _("This cursor is not one of ours for this ordering. Start without a cursor.")
