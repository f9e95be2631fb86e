"""How a form asks for the parameters of a condition: one input for each, by its type and what it offers."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from clm.base.conditions.leaf import WITHIN, Condition
from clm.base.conditions.registry import offered

MOST_BOXES = 12
Values = Mapping[str, list[str]]
Option = tuple[str, Any]


@dataclass(frozen=True)
class Input:
    """`kind`: "number", "text", "choice" (one of the options), "boxes" or "list" (several of them)."""

    name: str
    label: Any
    kind: str
    values: list[str]
    options: Sequence[Option]
    suggestions: Sequence[Option]
    minimum: int | None
    maximum: int | None
    is_whole: bool
    is_required: bool
    is_many: bool
    is_steering: bool
    is_extra: bool
    error: str

    @property
    def value(self) -> str:
        return ", ".join(self.values)


def families() -> list[tuple[str, list[Option]]]:
    """(name, label) of all conditions on offer, by family, both in the order in which the apps offered them."""
    found: dict[str, list[Option]] = {}
    for condition in offered().values():
        found.setdefault(str(condition.family), []).append((condition.name, condition.label))
    return list(found.items())


def inputs_of(
    condition: type[Condition], values: Values, errors: Mapping[str, str], within: str = ""
) -> list[Input]:
    hints = get_type_hints(condition)
    given: dict[str, Any] = {WITHIN: within}
    inputs = []
    for field in dataclasses.fields(condition):  # type: ignore[arg-type]
        if condition.hides(field.name, given):
            continue
        said = values.get(field.name)
        shown = _initial(field) if said is None else [text for text in said if text != ""]
        one = _input(condition, field, str(hints[field.name]), shown, given)
        given[field.name] = one.values if one.is_many else "".join(one.values[:1])
        inputs.append(dataclasses.replace(one, error=errors.get(field.name, "")))
    return inputs


def _input(
    condition: type[Condition],
    field: "dataclasses.Field[Any]",
    hint: str,
    values: list[str],
    given: Mapping[str, Any],
) -> Input:
    described, is_many = field.metadata, "tuple" in hint
    options = list(condition.offers(field.name, given))
    if not options and described["choices"]:
        options = [(str(one), str(one)) for one in described["choices"]()]
    if options:
        options += [(value, value) for value in values if value not in dict(options)]  # what was stored stays
    is_number = not is_many and ("int" in hint or "Decimal" in hint)
    return Input(
        name=field.name,
        label=described["label"],
        kind=_kind(options, is_many=is_many, is_number=is_number),
        values=values,
        options=options,
        suggestions=list(condition.suggests(field.name)),
        minimum=described["minimum"],
        maximum=described["maximum"],
        is_whole="int" in hint,
        is_required=field.default is dataclasses.MISSING,
        is_many=is_many,
        is_steering=described.get("steers", False),
        is_extra=described.get("extra", False) and not values,
        error="",
    )


def _kind(options: Sequence[Option], *, is_many: bool, is_number: bool) -> str:
    if options and is_many:
        return "boxes" if len(options) <= MOST_BOXES else "list"
    return "choice" if options else "number" if is_number else "text"


def _initial(field: "dataclasses.Field[Any]") -> list[str]:
    if field.default in (dataclasses.MISSING, None, "", ()):
        return []
    return [str(field.default)]


def raw_values(condition: type[Condition], values: Values) -> dict[str, Any]:
    """What was typed as stored parameters, still text; what was left empty is left out."""
    hints = get_type_hints(condition)
    given: dict[str, Any] = {}
    for field in dataclasses.fields(condition):  # type: ignore[arg-type]
        if condition.hides(field.name, given):
            continue
        texts = [text.strip() for text in values.get(field.name, _initial(field)) if text.strip()]
        if "tuple" in str(hints[field.name]):
            if not condition.offers(field.name, given):
                texts = [part.strip() for text in texts for part in text.split(",") if part.strip()]
            value: Any = texts
        else:
            value = "".join(texts[:1])
        if value:
            given[field.name] = value
    return given
