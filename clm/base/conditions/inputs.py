"""How a form asks for the parameters of a condition: one input for each, by its type and what it offers.

A detail's parameters are named by where they stand: "properties.1.value" is the `value` of the second of `properties`.
Numbers that may have decimals are typed with the marks of the reader's language.
"""

import csv
import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, get_type_hints

from clm.base.conditions.leaf import WITHIN, Detail, Parameters
from clm.base.conditions.parsing import in_text
from clm.base.conditions.registry import offered
from clm.base.typed_numbers import read_here, written_here

MOST_BOXES = 12
Values = Mapping[str, list[str]]
Option = tuple[str, Any]
Suggests = Callable[[str], Sequence[Option]]


@dataclass(frozen=True)
class Input:
    """`kind`: "number", "text", "choice" (one of the options), "boxes" or "list" (several of them), "details"."""

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
    details: "Sequence[Sequence[Input]]" = ()  # the inputs of each
    detail: type[Detail] | None = None
    is_new: bool = False  # where typing goes on

    @property
    def value(self) -> str:
        return ", ".join(self.values) if self.is_many else "".join(self.values[:1])

    @property
    def takes_more(self) -> bool:
        return self.maximum is None or len(self.details) < self.maximum

    @property
    def within(self) -> "list[Input]":
        """Itself and the inputs of its details."""
        return [self, *(one for inputs in self.details for one in inputs)]


def families() -> list[tuple[str, list[Option]]]:
    """(name, label) of all conditions on offer, by family, both in the order in which the apps offered them."""
    found: dict[str, list[Option]] = {}
    for condition in offered().values():
        found.setdefault(str(condition.family), []).append((condition.name, condition.label))
    return list(found.items())


@dataclass(frozen=True)
class Typed:
    """What stands in the inputs of a test, and what is wrong with it."""

    values: Values
    errors: Mapping[str, str]
    within: str = ""
    new_detail: str = ""


def inputs_of(kind: type[Parameters], typed: Typed) -> list[Input]:
    return _inputs_of(kind, typed, "", kind.suggests)


def _inputs_of(kind: type[Parameters], typed: Typed, prefix: str, suggests: Suggests) -> list[Input]:
    hints = get_type_hints(kind)
    given: dict[str, Any] = {WITHIN: typed.within}
    inputs: list[Input] = []
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        key = f"{prefix}{field.name}"
        said = typed.values.get(key)
        shown = _initial(field) if said is None else [text for text in said if text != ""]
        is_gone = field.metadata["former"] and not shown and key not in typed.errors
        if is_gone or kind.hides(field.name, given):
            continue
        one = _input(kind, field, str(hints[field.name]), shown, given)
        given[field.name] = one.values if one.is_many else one.value
        inputs.append(
            dataclasses.replace(
                one,
                name=key,
                error=typed.errors.get(key, ""),
                suggestions=list(suggests(field.name)),
                details=_details(field.metadata["details"], typed, key),
                is_new=bool(typed.new_detail) and prefix == f"{typed.new_detail}." and not inputs,
            )
        )
    return inputs


def _details(kind: type[Detail] | None, typed: Typed, key: str) -> list[list[Input]]:
    if kind is None:
        return []
    suggests = cache(kind.suggests)
    return [_inputs_of(kind, typed, f"{key}.{place}.", suggests) for place in places_of(key, typed.values)]


def places_of(key: str, values: Values) -> list[int]:
    """Which details of a parameter there are."""
    found = (re.match(rf"{re.escape(key)}\.(\d+)\.", name) for name in values)
    return sorted({int(one[1]) for one in found if one})


def with_detail(key: str, values: Values) -> dict[str, list[str]]:
    """One more, still empty."""
    kept = _renumbered(key, values, places_of(key, values))
    return kept | {f"{key}.{len(places_of(key, kept))}.": []}


def without_detail(key: str, place: int, values: Values) -> dict[str, list[str]]:
    return _renumbered(key, values, [one for one in places_of(key, values) if one != place])


def _renumbered(key: str, values: Values, places: list[int]) -> dict[str, list[str]]:
    kept = {name: texts for name, texts in values.items() if not name.startswith(f"{key}.")}
    for number, place in enumerate(places):
        stem = f"{key}.{place}."
        kept |= {
            f"{key}.{number}.{name.removeprefix(stem)}": texts
            for name, texts in values.items()
            if name.startswith(stem)
        }
    return kept


def _input(
    kind: type[Parameters],
    field: "dataclasses.Field[Any]",
    hint: str,
    values: list[str],
    given: Mapping[str, Any],
) -> Input:
    described, is_many = field.metadata, "tuple" in hint
    options = list(kind.offers(field.name, given))
    if not options and described["choices"]:
        options = [(str(one), str(one)) for one in described["choices"]()]
    if options:
        options += [(value, value) for value in values if value not in dict(options)]  # what was stored stays
    is_number = "int" in hint or _has_decimals(kind, field, hint, given)
    return Input(
        name=field.name,
        label=described["label"],
        kind="details"
        if described["details"]
        else _kind(options, is_many=is_many, is_number=is_number and not is_many),
        values=values,
        options=options,
        suggestions=(),
        minimum=described["minimum"],
        maximum=described["maximum"],
        is_whole="int" in hint,
        is_required=field.default is dataclasses.MISSING or issubclass(kind, Detail),
        is_many=is_many,
        is_steering=described["steers"],
        is_extra=described["extra"] and not values,
        error="",
        detail=described["details"],
    )


def _kind(options: Sequence[Option], *, is_many: bool, is_number: bool) -> str:
    if options and is_many:
        return "boxes" if len(options) <= MOST_BOXES else "list"
    return "choice" if options else "number" if is_number else "text"


def _has_decimals(
    kind: type[Parameters], field: "dataclasses.Field[Any]", hint: str, given: Mapping[str, Any]
) -> bool:
    return "Decimal" in hint or kind.is_number(field.name, given)


def _initial(field: "dataclasses.Field[Any]") -> list[str]:
    if field.metadata["initial"]:
        return [field.metadata["initial"]]
    if field.default in (dataclasses.MISSING, None, "", ()):
        return []
    return [written_here(field.default) if isinstance(field.default, Decimal) else str(field.default)]


def raw_values(kind: type[Parameters], values: Values, prefix: str = "") -> dict[str, Any]:
    """What was typed as stored parameters, still text; what was left empty is left out."""
    hints = get_type_hints(kind)
    given: dict[str, Any] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        if kind.hides(field.name, given):
            continue
        key, hint = f"{prefix}{field.name}", str(hints[field.name])
        texts = [text.strip() for text in values.get(key, _initial(field)) if text.strip()]
        if detail := field.metadata["details"]:
            value: Any = [raw_values(detail, values, f"{key}.{place}.") for place in places_of(key, values)]
        elif "tuple" in hint:
            is_typed = not kind.offers(field.name, given)
            value = [part for text in texts for part in _listed(text)] if is_typed else texts
        else:
            value = "".join(texts[:1])
            value = read_here(value) if _has_decimals(kind, field, hint, given) else value
        if value:
            given[field.name] = value
    return given


def typed_values(kind: type[Parameters], parameters: Mapping[str, Any], prefix: str = "") -> Values:
    """Stored parameters as they would have been typed: the other way of `raw_values`."""
    hints = get_type_hints(kind)
    typed: dict[str, list[str]] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        value, key = parameters.get(field.name), f"{prefix}{field.name}"
        if value is None:
            continue
        if detail := field.metadata["details"]:
            for place, one in enumerate(value):
                typed |= typed_values(detail, {k: in_text(v) for k, v in one.items()}, f"{key}.{place}.")
        elif _has_decimals(kind, field, str(hints[field.name]), parameters):
            typed[key] = [_written(str(value))]
        else:
            is_typed = isinstance(value, list | tuple) and not kind.offers(field.name, parameters)
            texts = [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
            typed[key] = [_quoted(text) for text in texts] if is_typed else texts
    return typed


def _written(text: str) -> str:
    try:
        return written_here(Decimal(text))
    except InvalidOperation:
        return text


def _listed(text: str) -> list[str]:
    """`tea, "cups, large"`: what holds a comma stands in quotation marks."""
    line = text.replace("\r", " ").replace("\n", " ")
    try:
        found = next(csv.reader([line], skipinitialspace=True, strict=True), [])
    except csv.Error:  # wrongly quoted: then quotation marks are characters like others
        found = line.split(",")
    return [part.strip() for part in found if part.strip()]


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if "," in text or text.startswith('"') else text
