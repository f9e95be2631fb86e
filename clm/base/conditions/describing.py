"""Trees of conditions as JSON Schema, for programs: what each test takes, as the classes on offer say it."""

import dataclasses
from collections.abc import Mapping
from typing import Any, get_type_hints

from django.utils import translation

from clm.base.conditions.leaf import Detail, Parameters
from clm.base.conditions.parsing import MOST_TEXTS
from clm.base.conditions.registry import offered

Schema = dict[str, Any]
NAME = "Conditions"
NOTHING: Schema = {"type": "object", "maxProperties": 0, "description": "No condition."}


def schemas(reference: str) -> dict[str, Schema]:
    """By name: of a tree, and of each test with its parameters. `reference` leads to one where its name is put in."""
    with translation.override("en"):  # as all that the description says
        return _schemas(reference)


def _schemas(reference: str) -> dict[str, Schema]:
    tests = {f"{_camel(name)}Test": _test(name, kind) for name, kind in offered().items()}
    tree = {"$ref": reference % NAME}
    several = {"type": "array", "items": tree, "minItems": 1}
    groups = [_closed({word: of}, [word]) for word, of in (("all", several), ("any", several), ("not", tree))]
    root = {
        "description": "A group (`all`, `any` or `not`) or a test (`condition` with its `parameters`).",
        "oneOf": [*groups, *({"$ref": reference % name} for name in tests)],
    }
    return {NAME: root} | tests


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _test(name: str, kind: type[Parameters]) -> Schema:
    parameters = _object(kind)
    given = ["condition", *(["parameters"] if "required" in parameters else [])]
    return _closed({"condition": {"type": "string", "enum": [name]}, "parameters": parameters}, given)


def _closed(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False} | (
        {"required": required} if required else {}
    )


def _object(kind: type[Parameters]) -> Schema:
    hints = get_type_hints(kind)
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]
    required = [field.name for field in fields if field.default is dataclasses.MISSING]
    properties = {
        field.name: _parameter(str(hints[field.name]), field.metadata, is_detail=issubclass(kind, Detail))
        for field in fields
    }
    return _closed(properties, required)


def _parameter(hint: str, described: Mapping[str, Any], *, is_detail: bool) -> Schema:
    told: Schema = {"description": str(described["label"])} | _type(hint, described, is_detail=is_detail)
    if described["former"]:
        told["deprecated"] = True
    if is_detail and described["choices"]:
        told |= {"type": "string", "enum": list(described["choices"]())}
    return told


def _type(hint: str, described: Mapping[str, Any], *, is_detail: bool) -> Schema:
    if detail := described["details"]:
        return {"type": "array", "maxItems": described["maximum"], "items": _object(detail)}
    plain = ["string", "number", "boolean"]
    if "tuple" in hint:
        items = {"type": plain if is_detail else "string"}
        return {"type": "array", "items": items, "minItems": 1, "maxItems": MOST_TEXTS}
    bounds = {"minimum": described["minimum"], "maximum": described["maximum"]}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    if "int" in hint:
        return {"type": "integer"} | given
    return {"type": plain[:2] if "Decimal" in hint else plain} | given
