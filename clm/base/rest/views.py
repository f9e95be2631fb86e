"""Bases of all API views.

A view says who may call it (`capability` to read, `write_capability` to write), which query parameters it takes
(`parameters`), under which `tag` it is documented and which further `errors` it answers. Methods are described with
`extend_schema(summary=…, request=…, responses=…, examples=…)`.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clm.base.rest import paging
from clm.base.rest.errors import Stale, VersionMissing
from clm.base.rest.filters import filters_of, takes_many


class ApiView(APIView):
    capability: ClassVar[str]
    write_capability: ClassVar[str | None] = None
    tag: ClassVar[str] = ""
    parameters: ClassVar[Sequence[OpenApiParameter]] = ()
    errors: ClassVar[Mapping[str, tuple[int, ...]]] = {}

    def check_permissions(self, request: Request) -> None:
        if not hasattr(self, str(request.method).lower()):
            if request.user is None:
                self.permission_denied(request)
            self.http_method_not_allowed(request)
        super().check_permissions(request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if any(isinstance(part, str) and "\x00" in part for part in kwargs.values()):
            raise NotFound
        self.refuse_unknown_parameters(request)

    def refuse_unknown_parameters(self, request: Request) -> None:
        """A mistyped filter must not quietly answer with everything."""
        if not request.query_params:
            return
        known = self.parameter_names() if request.method in ("GET", "HEAD") else {}
        problems = {}
        for name, values in request.query_params.lists():
            if name not in known:
                problems[name] = [_("There is no such parameter here.")]
            elif len(values) > 1 and not known[name]:
                problems[name] = [_("Give it once.")]
            elif any("\x00" in value for value in values):
                problems[name] = [_("Contains a NUL character; remove it.")]
        if problems:
            raise ValidationError(problems)

    def parameter_names(self) -> dict[str, bool]:
        """Names of query parameters, and whether each may be given more than once."""
        return {parameter.name: bool(parameter.many) for parameter in self.parameters}

    def choice(self, name: str, values: Sequence[str]) -> str | None:
        """A query parameter that must be one of these; None when not given."""
        value = self.request.query_params.get(name)
        if value is not None and value not in values:
            raise ValidationError({name: [_("Choose one of: %(values)s.") % {"values": ", ".join(values)}]})
        return value

    def whole_number(self, name: str) -> int | None:
        """A query parameter that must be an id; None when not given."""
        text = self.request.query_params.get(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit()) or len(text) > 18:
            raise ValidationError({name: [_("Expected a whole number.")]})
        return int(text)


class ListView(ApiView, GenericAPIView[Any]):
    """A list as keyset pages of plain values, filtered by the same FilterSet as the page of the same name.

    Set `queryset = Model.objects.none()` (for the schema), `orderings` (name → column that is never null),
    `default_ordering` and `columns` (field of the answer → column; `serializer_class` only documents them);
    write `rows_for`, and a `get` that ends in `return self.answer()`.
    """

    pagination_class = paging.KeysetPagination
    columns: ClassVar[Mapping[str, str]]
    orderings: ClassVar[Mapping[str, str]] = {"id": "id"}
    default_ordering: ClassVar[str] = "-id"
    filterset_class: Any = None

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        """All rows that the caller may see."""
        raise NotImplementedError

    def further_orderings(self, user: Any) -> Mapping[str, str]:
        """Beside `orderings`, those that depend on whoever asks."""
        return {}

    def in_order(self, rows: QuerySet[Any, Any], ordering: str) -> QuerySet[Any, Any]:
        """With what only this ordering needs."""
        return rows

    def told(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return named(row, self.columns)

    def same_for(self, request: Request) -> Hashable:
        """The same for callers who see the same rows, by which the question for them is kept; None: built each time."""
        return None

    def answer(self) -> Response:
        return self.get_paginated_response([self.told(row) for row in self._page()])

    def _page(self) -> Any:
        if self.request.query_params:
            return self.paginate_queryset(self._values(self.filter_queryset(self.rows_for(self.request))))
        same, pages = self.same_for(self.request), self.paginator
        if same is None or not isinstance(pages, paging.KeysetPagination):
            return self.paginate_queryset(self._values(self.rows_for(self.request)))
        return pages.first_page(
            (type(self), same), lambda: self._values(self.rows_for(self.request)), self.request, self
        )

    def _values(self, rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        """With what a cursor is made of, told or not."""
        return rows.values(*dict.fromkeys([*self.columns.values(), "pk"]))

    def parameter_names(self) -> dict[str, bool]:
        names = super().parameter_names() | dict.fromkeys(paging.PARAMETERS, False)
        return names | {name: takes_many(one) for name, one in filters_of(self).items()}


def named(row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """A row of `.values()` under the names of the answer."""
    return {name: row[column] for name, column in columns.items()}


def required_version(request: Request) -> str:
    """What the client says it read: the value of If-Match. 428 when missing."""
    version = request.headers.get("If-Match", "").strip()
    if not version:
        raise VersionMissing
    return version.removeprefix("W/").strip('"')


def check_version(request: Request, version: str, current: dict[str, Any]) -> None:
    """412 with the present object unless If-Match names its version, or is an asterisk."""
    if required_version(request) not in (version, "*"):
        raise Stale(current)
