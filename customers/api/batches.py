"""Up to a thousand facts in one request: each is taken or refused for itself, and the answer says which."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.permissions import Capability
from clm.base.rest.serializers import StrictSerializer, TextField
from clm.base.rest.views import ApiView
from customers.intake.batch import TakenIn
from customers.intake.kinds import kind_named
from customers.intake.taking import take_in

MOST = 1000

Item = Mapping[str, Any]


@extend_schema_field(OpenApiTypes.OBJECT)
class ItemsField(serializers.ListField):
    """1 to 1,000 objects; what is in them is read one by one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=serializers.DictField(), **kwargs)

    def to_internal_value(self, data: Any) -> list[Item]:
        if not isinstance(data, list) or not data:
            raise serializers.ValidationError(_("Expected a list of 1 to %(most)s objects.") % {"most": MOST})
        if len(data) > MOST:
            reason = _("These are %(count)s items; send at most 1,000 in one request.")
            raise serializers.ValidationError(reason % {"count": len(data)}, code="max_length")
        return data


class BatchSerializer(StrictSerializer):
    # Not a keyword argument: a serializer has a `source` of its own.
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        about = _(
            "The system these come from. With an item's `key` it names the fact: sending it again amends it."
        )
        return {
            "source": TextField(max_length=64, help_text=about),
            "items": ItemsField(help_text=_("1 to 1,000 objects.")),
        }


class ItemError(serializers.Serializer[Any]):
    """One of the errors that a body of errors holds."""

    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class ItemResult(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="The item's place in the request, from 0.")
    status = serializers.RegexField(r"^(added|amended|unchanged|refused)$")
    id = serializers.IntegerField(allow_null=True, help_text="The live version; null when refused.")
    error = ItemError(allow_null=True)


class BatchResult(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    amended = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = ItemResult(many=True)


class BatchView(AnswersOnce, ApiView):
    """Takes what `customers.intake` offers under `kind`. `needs` names fields without which the API refuses an item."""

    capability = Capability.IMPORT
    write_capability = Capability.IMPORT
    kind: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()

    def take(self, request: Request) -> Response:
        body = BatchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        source, items = body.validated_data["source"], body.validated_data["items"]
        refused = dict(self.refusals(items))
        rows = [(index, item) for index, item in enumerate(items) if index not in refused]
        taken = take_in(self.kind, rows, source=source, by=caller(request), detailed=True)
        return Response(_told(taken, refused))

    def refusals(self, items: list[Item]) -> Iterator[tuple[int, tuple[str | None, str]]]:
        """Items that can't be read at all: (index, (field, reason))."""
        kind = kind_named(self.kind)
        for index, item in enumerate(items):
            if not isinstance(item, dict):
                yield index, (None, _("Expected an object."))
                continue
            unknown = [name for name in item if not kind.knows(name)]
            if unknown:
                yield index, (unknown[0], _("There is no such field."))
                continue
            missing = [name for name in self.needs if item.get(name) in (None, "")]
            if missing:
                yield index, (missing[0], _("It is empty, but every item needs it."))


def _told(taken: TakenIn, refused: dict[int, tuple[str | None, str]]) -> dict[str, Any]:
    refused |= {problem.row: (problem.field or None, problem.reason) for problem in taken.problems}
    results = [_result(outcome.row, outcome.what, outcome.pk, None) for outcome in taken.outcomes]
    results += [
        _result(index, "refused", None, {"code": "invalid", "detail": reason, "attr": field})
        for index, (field, reason) in refused.items()
    ]
    counts = {
        "added": taken.added,
        "amended": taken.amended,
        "unchanged": taken.unchanged,
        "refused": len(refused),
    }
    return counts | {"results": sorted(results, key=lambda result: result["index"])}


def _result(index: int, status: str, pk: int | None, error: dict[str, str | None] | None) -> dict[str, Any]:
    return {"index": index, "status": status, "id": pk, "error": error}
