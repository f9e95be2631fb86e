"""A page's FilterSet at the API: which query parameters it takes, and how the schema tells them."""

from typing import Any

import django_filters as filters

TYPES: list[tuple[type[filters.Filter], dict[str, Any]]] = [
    (filters.MultipleChoiceFilter, {"type": "array", "items": {"type": "string"}}),
    (filters.BooleanFilter, {"type": "boolean"}),
    (filters.NumberFilter, {"type": "number"}),
    (filters.DateFilter, {"type": "string", "format": "date"}),
]


def filters_of(view: Any) -> dict[str, filters.Filter]:
    """By parameter name; with those that higher apps added, as far as the caller may use them."""
    if view.filterset_class is None:
        return {}
    found: dict[str, filters.Filter] = view.filterset_class(
        queryset=view.queryset, request=getattr(view, "request", None)
    ).filters
    return found


def takes_many(one: filters.Filter) -> bool:
    return isinstance(one, filters.MultipleChoiceFilter)


def parameters_of(view: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": str(one.extra.get("help_text") or one.label or name),
            "schema": _schema(one),
        }
        for name, one in (filters_of(view) | _further(view)).items()
    ]


def _further(view: Any) -> dict[str, filters.Filter]:
    """Those of the organisation's own making, as far as whoever reads the schema may use them."""
    further = getattr(view.filterset_class, "further", None)
    user = getattr(getattr(view, "request", None), "user", None)
    return further(user) if further and user else {}


def _schema(one: filters.Filter) -> dict[str, Any]:
    choices = one.extra.get("choices")
    if isinstance(choices, list) and not takes_many(one):
        return {"type": "string", "enum": [str(value) for value, _label in choices]}
    return next((schema for kind, schema in TYPES if isinstance(one, kind)), {"type": "string"})
