"""Shapes of the API of import files: what is sent, and what is told."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clm.base.rest.serializers import InstantField, StrictSerializer, TextField, WholeNumberField
from customers.importing.encodings import ENCODINGS
from customers.importing.keeping import KEPT
from customers.importing.page import ImportPage, page_of
from customers.importing.setup import known_separators
from customers.intake.batch import Mode
from customers.intake.dates import DateFormat
from customers.intake.kinds import all_kinds
from customers.models import Import, ImportMapping
from customers.models.import_run import ImportStatus

ANY_ENCODING = sorted(dict.fromkeys([*ENCODINGS, "utf-8", "utf-16"]))
READING = ("encoding", "separator", "has_header", "sheet")
CHECKED = ("counts", "rows", "is_whole", "problems")
LIGHT = ("id", "kind", "source", "status", "counts", "created_at", "finished_at", "undone_at")


class KindField(serializers.CharField):
    """What is in the file: a kind that can be imported."""

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        known = [kind.name for kind in all_kinds()]
        if name not in known:
            raise serializers.ValidationError(_("Choose one of: %(values)s.") % {"values": ", ".join(known)})
        return name


class NewImport(StrictSerializer):
    """Sent as a form (multipart/form-data)."""

    file = serializers.FileField(
        allow_empty_file=True, help_text="CSV or other text with columns, or an Excel workbook (.xlsx)."
    )
    kind = KindField(
        required=False, help_text="Such as orders or customers; the mapping's, where one is named."
    )
    mapping = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Id of a kept mapping."
    )

    # Not an attribute: a serializer has a `source` of its own.
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        source = serializers.SlugField(
            max_length=64, required=False, help_text="The system that the file comes from, such as shop."
        )
        return super().get_fields() | {"source": source}


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class Columns(serializers.DictField):
    """Field to the name of its column, or to its number from 1."""

    child = TextField(max_length=1000, allow_blank=True)


class ImportChanges(StrictSerializer):
    """Only what is given changes. How the file is read comes first: the columns are then suggested anew."""

    encoding = serializers.ChoiceField(
        ANY_ENCODING, required=False, help_text="Giving it says that you have looked at the letters."
    )
    separator = serializers.ChoiceField(list(known_separators()), required=False)
    has_header = serializers.BooleanField(required=False)
    sheet = WholeNumberField(required=False, min_value=0, help_text="Of a workbook: its place in `sheets`.")
    use = WholeNumberField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Id of a kept mapping."
    )
    columns = Columns(required=False, help_text="Replaces what the columns were said to mean.")
    date_format = serializers.ChoiceField(DateFormat.choices, required=False)
    zone = TextField(max_length=64, required=False, help_text="Of times without a zone.")
    decimal_mark = serializers.ChoiceField([".", ","], required=False)
    currency = TextField(max_length=3, required=False, allow_blank=True, help_text="Of amounts without one.")
    country = TextField(
        max_length=2, required=False, allow_blank=True, help_text="Of phone numbers without a code."
    )
    mode = serializers.ChoiceField(Mode.choices, required=False)
    match = TextField(
        max_length=20,
        required=False,
        allow_blank=True,
        help_text="The one field by which customers are found.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {"source": serializers.SlugField(max_length=64, required=False)}


class CheckShape(serializers.Serializer[Any]):
    """What the file would do."""

    counts = serializers.DictField(child=serializers.IntegerField())
    rows = serializers.IntegerField()
    is_whole = serializers.BooleanField(help_text="False when only the first rows were tried.")
    problems = serializers.ListField(child=serializers.DictField(), help_text="The first ones.")


class ImportLine(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    file = serializers.CharField(help_text="The name that it came with.")
    status = serializers.ChoiceField(ImportStatus.choices)
    job = serializers.IntegerField(allow_null=True, help_text="The last thing done in the background.")
    counts = serializers.DictField(child=serializers.IntegerField())
    created_at = InstantField()
    finished_at = InstantField(allow_null=True)
    undone_at = InstantField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {"source": serializers.CharField()}


class ImportShape(ImportLine):
    is_busy = serializers.BooleanField(help_text="A check, the import or its undoing is under way.")
    headings = serializers.ListField(child=serializers.CharField(), help_text="The file's columns, in order.")
    columns = serializers.DictField(child=serializers.CharField(), help_text="Field to heading.")
    options = serializers.DictField(help_text="How its values are read.")
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="What has to be decided before it can start."
    )
    check = CheckShape(allow_null=True, help_text="Of the last dry run of a draft.")


class CustomersLeft(serializers.Serializer[Any]):
    number = serializers.IntegerField(allow_null=True, help_text="Null when counting them takes too long.")
    is_capped = serializers.BooleanField(help_text="There are more than `number`.")


class KeptMapping(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField()
    columns = serializers.DictField(child=serializers.CharField(), help_text="Field to heading.")
    options = serializers.DictField()
    is_shared = serializers.BooleanField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {"source": serializers.CharField()}


class NewMapping(StrictSerializer):
    run = WholeNumberField(min_value=1, max_value=2**31 - 1, help_text="The import whose decisions are kept.")
    name = TextField(max_length=100)
    is_shared = serializers.BooleanField(default=True, help_text="For everybody who imports.")


def line(run: Import) -> dict[str, Any]:
    return {name: getattr(run, name) for name in LIGHT} | {"file": run.file_name, "job": run.job_id}


def told(run: Import) -> dict[str, Any]:
    """With what is decided so far. Reads the file of a draft."""
    page = page_of(run)
    return line(run) | {
        "is_busy": run.is_busy,
        "headings": page.setup.columns if page.setup else run.options.get("columns", []),
        "columns": _columns(page),
        "options": {name: run.options[name] for name in (*KEPT, "sheet", "sheets") if name in run.options}
        | {name: getattr(run, name) for name in ("encoding", "separator", "has_header")},
        "missing": [page.unusable] if page.unusable else page.missing,
        "check": {name: page.checked[name] for name in CHECKED} if page.checked else None,
    }


def _columns(page: ImportPage) -> dict[str, str]:
    if page.setup:
        return {name: page.setup.columns[place] for name, place in page.setup.mapping.items()}
    headings: list[str] = page.run.options.get("columns", [])
    return {name: headings[place] for name, place in page.run.mapping.items() if place < len(headings)}


def told_mapping(kept: ImportMapping) -> dict[str, Any]:
    plain = {name: getattr(kept, name) for name in ("id", "name", "kind", "source", "options", "is_shared")}
    return plain | {"columns": kept.fields}
