"""Trees of conditions as the API tells and takes them."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction
from rest_framework import serializers

from clm.base.conditions.describing import NAME, NOTHING, schemas

CONDITIONS = "A tree of `all`, `any` and `not` groups and tests; see the documentation of segments."


class TreeField(serializers.JSONField):
    """A tree of conditions; what is in it is read by the verb. Where it `may_be_empty`, {} asks for nothing."""

    def __init__(self, *, may_be_empty: bool = False, **settings: Any) -> None:
        super().__init__(**settings)
        self.may_be_empty = may_be_empty


class TreeSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = TreeField

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        for name, schema in schemas("#/components/schemas/%s").items():
            part = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, name)  # type: ignore[no-untyped-call]
            auto_schema.registry.register_on_missing(part)
        tree = {"$ref": f"#/components/schemas/{NAME}"}
        return {"oneOf": [tree, NOTHING]} if self.target.may_be_empty else tree
