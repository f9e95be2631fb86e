"""Segments as the API tells and takes them."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from clm.base.rest.serializers import InstantField, StrictSerializer, TextField, WholeNumberField
from customers.api.condition_shapes import CONDITIONS, TreeField
from customers.models.segment import Computing, SegmentKind

MOST = 1000
COLUMNS = {
    "id": "id",
    "slug": "slug",
    "name": "name",
    "description": "description",
    "kind": "kind",
    "conditions": "conditions",
    "is_shared": "is_shared",
    "owner": "owner_id",
    "count": "count",
    "status": "status",
    "error": "error",
    "computed_at": "computed_at",
    "created_at": "created_at",
    "changed_at": "changed_at",
}
MEMBER_COLUMNS = {
    "id": "id",
    "customer": "customer_id",
    "external_id": "customer__external_id",
    "name": "customer__name",
    "entered_at": "entered_at",
}


class SegmentShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.CharField(help_text="Stays for ever; conditions and filters name it.")
    name = serializers.CharField()
    description = serializers.CharField()
    kind = serializers.ChoiceField(SegmentKind.choices)
    conditions = TreeField(may_be_empty=True, help_text=f"{CONDITIONS} Empty for a segment by hand.")
    is_shared = serializers.BooleanField(help_text="False: only its owner sees it.")
    owner = serializers.IntegerField(allow_null=True)
    count = serializers.IntegerField(
        allow_null=True, help_text="Members as of `computed_at`; null for those who see only some customers."
    )
    status = serializers.ChoiceField(Computing.choices)
    error = serializers.CharField(
        help_text="Why the last computing failed; of a fresh one what its conditions name that is no more."
    )
    computed_at = InstantField(allow_null=True)
    created_at = InstantField()
    changed_at = InstantField()


class NewSegment(StrictSerializer):
    name = TextField(max_length=100)
    description = TextField(max_length=1000, required=False, allow_blank=True)
    kind = serializers.ChoiceField(SegmentKind.choices)
    conditions = TreeField(required=False, help_text=f"{CONDITIONS} Required for `dynamic`.")
    is_shared = serializers.BooleanField(required=False, default=True)


class SegmentChanges(StrictSerializer):
    name = TextField(max_length=100, required=False)
    description = TextField(max_length=1000, required=False, allow_blank=True)
    conditions = TreeField(required=False, help_text=CONDITIONS)
    is_shared = serializers.BooleanField(required=False)


class MemberShape(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="Of the stay in the segment.")
    customer = serializers.IntegerField()
    external_id = serializers.CharField()
    name = serializers.CharField()
    entered_at = InstantField()


class IdsField(serializers.ListField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=WholeNumberField(min_value=1, max_value=2**63 - 1), **kwargs)

    def to_internal_value(self, data: Any) -> list[int]:
        if isinstance(data, list) and len(data) > MOST:
            reason = _("These are %(count)s customers; send at most 1,000 in one request.")
            raise serializers.ValidationError(reason % {"count": len(data)}, code="max_length")
        found: list[int] = super().to_internal_value(data)
        return found


class MemberChanges(StrictSerializer):
    add = IdsField(required=False, help_text="Ids of customers, up to 1,000.")
    remove = IdsField(required=False, help_text="Ids of customers, up to 1,000.")


class MemberResult(serializers.Serializer[Any]):
    added = serializers.IntegerField(help_text="Those who were in it already are not counted.")
    removed = serializers.IntegerField()
    unknown = serializers.ListField(
        child=serializers.IntegerField(), help_text="Ids of no customer, or of none that you see."
    )
    count = serializers.IntegerField(allow_null=True)
