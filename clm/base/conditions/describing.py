"""Trees of conditions as JSON Schema, for programs: what each test takes, as the classes on offer say it."""

import dataclasses
from collections.abc import Mapping
from typing import Any, get_type_hints

from clm.base.conditions.leaf import Detail, Parameters
from clm.base.conditions.registry import offered

Schema = dict[str, Any]
NAME = "Conditions"


def schemas(reference: str) -> dict[str, Schema]:
    """By name: of a tree, and of the parameters of each test. `reference` leads to one where its name is put in.

    They say what is understood, and leave it to the answer to say which of it fits.
    """
    parts = {f"{_camel(name)}Parameters": _object(kind) for name, kind in offered().items()}
    tree = {"$ref": reference % NAME}
    root = {
        "type": "object",
        "description": "A group (`all`, `any` or `not`) or a test (`condition` with its `parameters`).",
        "properties": {
            "all": {"type": "array", "items": tree},
            "any": {"type": "array", "items": tree},
            "not": tree,
            "condition": {"type": "string", "enum": sorted(offered())},
            "parameters": {"anyOf": [{"$ref": reference % name} for name in parts]},
        },
    }
    return {NAME: root} | parts


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _object(kind: type[Parameters]) -> Schema:
    hints = get_type_hints(kind)
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]
    required = [field.name for field in fields if field.default is dataclasses.MISSING]
    return {
        "type": "object",
        "properties": {
            field.name: _parameter(str(hints[field.name]), field.metadata, is_detail=issubclass(kind, Detail))
            for field in fields
        },
    } | ({"required": required} if required and issubclass(kind, Detail) else {})


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
        return {"type": "array", "items": {"type": plain if is_detail else "string"}}
    bounds = {"minimum": described["minimum"], "maximum": described["maximum"]}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    if "int" in hint:
        return {"type": "integer"} | given
    return {"type": plain[:2] if "Decimal" in hint else plain} | given
