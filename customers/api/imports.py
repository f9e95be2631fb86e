"""API: files brought in, decided about, tried, taken in and undone, by the same verbs as the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, cast

from django.core.exceptions import ValidationError as Invalid
from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.permissions import Capability
from clm.base.downloads import CSV, FORMATS, attachment, saved
from clm.base.rest.errors import Conflict
from clm.base.rest.views import ApiView, ListView
from customers.api import import_shapes as shapes
from customers.importing import keeping, starting
from customers.importing.bringing import bring
from customers.importing.emptied import left_by
from customers.importing.encodings import UnusableFile
from customers.importing.mapping import NoSuchColumn, placed
from customers.importing.problems import problem_lines
from customers.importing.seen import imports_seen_by, mappings_seen_by
from customers.importing.setup import setup_of
from customers.importing.starting import CannotImport
from customers.models import Import, ImportMapping
from customers.models.import_run import ImportStatus

UPLOAD = {"file": "(the file)", "kind": "orders", "source": "shop"}
CHANGES = {"columns": {"key": "Order", "amount": "Total"}, "date_format": "day_first", "currency": "EUR"}


class ImportsApiView(ApiView):
    capability = write_capability = Capability.IMPORT
    tag = "Imports"


@contextmanager
def refusals(field: str | None = None) -> Iterator[None]:
    """What can't be read is a 400, at a field where there is one; what can't be done now a 409."""
    try:
        yield
    except UnusableFile as error:
        raise ValidationError({field: [str(error)]} if field else [str(error)]) from error
    except NoSuchColumn as error:
        raise ValidationError({f"columns.{error.field}": [str(error)]}) from error
    except CannotImport as error:
        raise Conflict(str(error)) from error


def run_of(request: Request, pk: int) -> Import:
    return get_object_or_404(imports_seen_by(caller(request)).for_list(), pk=pk)


def mapping_of(request: Request, pk: int, field: str) -> ImportMapping:
    kept = mappings_seen_by(caller(request)).filter(pk=pk).first()
    if kept is None:
        raise ValidationError({field: [_("There is no kept mapping of this number.")]})
    return kept


class ImportsView(AnswersOnce, ListView, ImportsApiView):
    serializer_class = shapes.ImportLine
    queryset = Import.objects.none()
    parser_classes = (MultiPartParser,)
    columns: ClassVar = {name: name for name in shapes.LIGHT} | {"file": "file_name", "job": "job_id"}
    parameters: ClassVar = [
        OpenApiParameter("kind", OpenApiTypes.STR, description="Only of this kind, such as orders."),
        OpenApiParameter("source", OpenApiTypes.STR, description="Only from this source."),
        OpenApiParameter(
            "status", OpenApiTypes.STR, enum=ImportStatus.values, description="Only in this state."
        ),
    ]

    @extend_schema(
        operation_id="imports_list",
        summary="Files that were brought in",
        responses=shapes.ImportLine(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="imports_create",
        summary="Bring a file",
        description="As a form (multipart/form-data). Encoding, separator, columns and formats are found by looking;"
        " with `mapping`, the kept one decides. Nothing is taken in before `start`; `missing` says what has to be"
        " decided first.",
        request={"multipart/form-data": shapes.NewImport},
        responses={201: shapes.ImportShape},
        examples=[OpenApiExample("file", UPLOAD, request_only=True, media_type="multipart/form-data")],
    )
    @transaction.atomic
    def post(self, request: Request) -> Response:
        body = shapes.NewImport(data=request.data.dict() if hasattr(request.data, "dict") else request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        kept = mapping_of(request, values["mapping"], "mapping") if "mapping" in values else None
        kind: str = values.get("kind") or (kept.kind if kept else "")
        source: str = values.get("source") or (kept.source if kept else "")
        _refuse_unnamed(kind, source, kept)
        file = cast("File[bytes]", values["file"])
        with refusals("file"):
            run = bring(
                file.chunks(), file_name=file.name or "", kind=kind, source=source, by=caller(request)
            )
            if kept:
                keeping.use_mapping(run, kept, by=caller(request))
        where = reverse("api-import", args=[run.pk])
        return Response(shapes.told(run_of(request, run.pk)), status=201, headers={"Location": where})

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        asked = {name: request.query_params.get(name) for name in ("kind", "source")}
        asked["status"] = self.choice("status", ImportStatus.values)
        given = {name: value for name, value in asked.items() if value is not None}
        return imports_seen_by(caller(request)).filter(**given).order_by("pk")


def _refuse_unnamed(kind: str, source: str, kept: ImportMapping | None) -> None:
    reason = _("Say it, or name a kept mapping.")
    wrong = {name: [reason] for name, value in (("kind", kind), ("source", source)) if not value}
    if kept and kind != kept.kind:
        wrong["mapping"] = [_("This mapping is of another kind: %(kind)s.") % {"kind": kept.kind}]
    if wrong:
        raise ValidationError(wrong)


class ImportView(ImportsApiView):
    errors: ClassVar = {"patch": (409,), "delete": (409,)}

    @extend_schema(operation_id="imports_read", summary="One import", responses=shapes.ImportShape)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.told(run_of(request, pk)))

    @extend_schema(
        operation_id="imports_update",
        summary="Say how a file is to be read",
        description="Of a draft. `use` takes a kept mapping; what is given beside it goes before.",
        request=shapes.ImportChanges,
        responses=shapes.ImportShape,
        examples=[OpenApiExample("columns", CHANGES, request_only=True)],
    )
    @transaction.atomic
    def patch(self, request: Request, pk: int) -> Response:
        run, body = run_of(request, pk), shapes.ImportChanges(data=request.data)
        body.is_valid(raise_exception=True)
        with refusals():
            _decide(request, run, dict(body.validated_data))
        return Response(shapes.told(run_of(request, pk)))

    @extend_schema(
        operation_id="imports_discard",
        summary="Discard a draft and its file",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        with refusals():
            starting.discard(run_of(request, pk), by=caller(request))
        return Response(status=204)


def _decide(request: Request, run: Import, values: dict[str, Any]) -> None:
    by = caller(request)
    reading = {name: values.pop(name) for name in shapes.READING if name in values}
    if reading:
        _read(run, reading, by)
    if "use" in values:
        keeping.use_mapping(run, mapping_of(request, values.pop("use"), "use"), by=by)
    setup = setup_of(run)
    wished = values.pop("columns", None)
    mapping = setup.mapping if wished is None else placed(setup.kind, setup.columns, wished)
    source = values.pop("source", run.source)
    if "country" in values:
        values["country"] = values["country"].upper()
    if "encoding" in reading:
        values["encoding_confirmed"] = True
    starting.map_columns(run, mapping=mapping, source=source, options=values, by=by)


def _read(run: Import, reading: dict[str, Any], by: Any) -> None:
    sheets = run.options.get("sheets")
    if sheets is None and "sheet" in reading:
        raise ValidationError({"sheet": [_("Only a workbook has sheets.")]})
    if sheets is not None and reading.get("sheet", 0) >= len(sheets):
        raise ValidationError({"sheet": [_("The file has fewer sheets.")]})
    starting.read_as(run, by=by, **({"has_header": run.has_header} | reading))


class _StepView(AnswersOnce, ImportsApiView):
    """One verb of an import, done in the background."""

    errors: ClassVar = {"post": (409,)}
    verb: ClassVar[Any]

    @transaction.atomic
    def do(self, request: Request, pk: int) -> Response:
        with refusals():
            type(self).verb(run_of(request, pk), by=caller(request))
        return Response(shapes.told(run_of(request, pk)), status=202)


class _LeftView(_StepView):
    @extend_schema(
        operation_id="imports_customers_left",
        summary="How many customers only an undone import knew",
        description="They are left with nothing but their ids, and can be removed. None of an import that was not"
        " undone.",
        responses=shapes.CustomersLeft,
    )
    def get(self, request: Request, pk: int) -> Response:
        left = left_by(run_of(request, pk))
        told = {"number": left and left.number, "is_capped": left is not None and left.is_capped}
        return Response(told)


def _step(
    verb: starting.Verb, name: str, summary: str, description: str, *, base: type[_StepView] = _StepView
) -> type[_StepView]:
    @extend_schema(
        operation_id=f"imports_{name}",
        summary=summary,
        description=f"{description} `job` is what to watch, at `/jobs/`.",
        request=None,
        responses={202: shapes.ImportShape},
    )
    def post(self: _StepView, request: Request, pk: int) -> Response:
        return self.do(request, pk)

    return type(f"Import{name.title()}View", (base,), {"verb": staticmethod(verb), "post": post})


class ImportProblemsView(ImportsApiView):
    parameters: ClassVar = [
        OpenApiParameter("format", OpenApiTypes.STR, enum=FORMATS, default=CSV, description="Of the file.")
    ]

    @extend_schema(
        operation_id="imports_problems",
        summary="The rows that were left out, as a file to correct and bring again",
        responses={
            (200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, "CSV or a workbook.")
        },
    )
    def get(self, request: Request, pk: int) -> FileResponse:
        run, format = run_of(request, pk), self.choice("format", FORMATS) or CSV
        return attachment(
            saved(problem_lines(run), format=format), name=f"import-{run.pk}-problems", format=format
        )


class ImportMappingsView(AnswersOnce, ListView, ImportsApiView):
    serializer_class = shapes.KeptMapping
    queryset = ImportMapping.objects.none()
    columns: ClassVar = {name: name for name in ("id", "name", "kind", "source", "options", "is_shared")} | {
        "columns": "fields"
    }

    @extend_schema(
        operation_id="import_mappings_list",
        summary="Kept mappings",
        responses=shapes.KeptMapping(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="import_mappings_create",
        summary="Keep the decisions about a file for the next one",
        description="One's own of that name is replaced.",
        request=shapes.NewMapping,
        responses={201: shapes.KeptMapping},
        examples=[OpenApiExample("keep", {"run": 12, "name": "Web shop, monthly"}, request_only=True)],
    )
    @transaction.atomic
    def post(self, request: Request) -> Response:
        body = shapes.NewMapping(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        run = imports_seen_by(caller(request)).filter(pk=values.pop("run")).first()
        if run is None:
            raise ValidationError({"run": [_("There is no import of this number.")]})
        try:
            with refusals("run"):
                kept = keeping.keep_mapping(run, by=caller(request), **values)
        except Invalid as refusal:
            raise ValidationError(refusal.message_dict) from refusal
        return Response(shapes.told_mapping(kept), status=201)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        return mappings_seen_by(caller(request)).order_by("pk")


class ImportMappingView(ImportsApiView):
    @extend_schema(
        operation_id="import_mappings_forget",
        summary="Forget a kept mapping",
        description="Imports stay as they are.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        kept = get_object_or_404(mappings_seen_by(caller(request)), pk=pk)
        keeping.forget_mapping(kept, by=caller(request))
        return Response(status=204)


CHECK = _step(
    starting.start_check,
    "check",
    "Try a file: what it would do, exactly",
    "Takes it all in and takes it all back; `check` then says what it came to.",
)
START = _step(starting.start, "start", "Take a file in", "Goes on where an import that stopped had come to.")
UNDO = _step(starting.undo, "undo", "Take an import back", "Puts back what it had replaced.")
REMOVE_CUSTOMERS = _step(
    starting.remove_customers,
    "remove_customers",
    "Delete the customers whom only an undone import knew",
    "They are gone from lists and counts, also from what was known earlier; whoever has anything else stays."
    " `counts.customers_removed` then says how many they were.",
    base=_LeftView,
)

urlpatterns = [
    path("imports/", ImportsView.as_view(), name="api-imports"),
    path("imports/<int:pk>/", ImportView.as_view(), name="api-import"),
    path("imports/<int:pk>/check/", CHECK.as_view(), name="api-import-check"),
    path("imports/<int:pk>/start/", START.as_view(), name="api-import-start"),
    path("imports/<int:pk>/undo/", UNDO.as_view(), name="api-import-undo"),
    path(
        "imports/<int:pk>/customers-removal/",
        REMOVE_CUSTOMERS.as_view(),
        name="api-import-customers-removal",
    ),
    path("imports/<int:pk>/problems/", ImportProblemsView.as_view(), name="api-import-problems"),
    path("import-mappings/", ImportMappingsView.as_view(), name="api-import-mappings"),
    path("import-mappings/<int:pk>/", ImportMappingView.as_view(), name="api-import-mapping"),
]
