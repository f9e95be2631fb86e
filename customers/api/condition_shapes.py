"""Trees of conditions as the API tells and takes them."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction
from rest_framework import serializers

from clm.base.conditions.describing import NAME, schemas

CONDITIONS = "A tree of `all`, `any` and `not` groups and tests; see the documentation of segments."


class TreeField(serializers.JSONField):
    """A tree of conditions; what is in it is read by the verb."""


class TreeSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = TreeField

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        for name, schema in schemas("#/components/schemas/%s").items():
            part = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, name)  # type: ignore[no-untyped-call]
            auto_schema.registry.register_on_missing(part)
        return {"$ref": f"#/components/schemas/{NAME}"}
