"""Strict JSON in. What PostgreSQL or a double can't hold is refused here, with the place named."""

from collections.abc import Iterator
from typing import IO, Any

import orjson
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser

from clm.base.rest.errors import TooLarge

MOST_BYTES = 5 * 1024 * 1024
MOST_LEVELS = 32
NUMBERS_BELOW = 2**63

Json = Any
Place = tuple[str | int, ...]


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Json:
        body = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise TooLarge(_("The body is larger than %(limit)s MB. Send it in parts.") % {"limit": 5})
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(_("This is not valid JSON: %(reason)s.") % {"reason": error}) from error
        if problems := dict(_problems(data)):
            raise ValidationError(problems)
        return data


def _problems(data: Json) -> Iterator[tuple[str, list[str]]]:
    """Walks without recursion, so that no nesting can exhaust the stack."""
    waiting: list[tuple[Place, Json]] = [((), data)]
    while waiting:
        place, value = waiting.pop()
        if len(place) > MOST_LEVELS:
            yield (
                _name(place[:MOST_LEVELS]),
                [_("Nested deeper than %(limit)s levels.") % {"limit": MOST_LEVELS}],
            )
            return
        if reason := _refusal(value):
            yield _name(place), [reason]
        waiting += [((*place, key), inner) for key, inner in _inner(value)]


def _inner(value: Json) -> Iterator[tuple[str | int, Json]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _refusal(value: Json) -> str | None:
    if isinstance(value, str):
        return _("Contains a NUL character; remove it.") if "\x00" in value else None
    if isinstance(value, dict):
        return (
            _("A name contains a NUL character; remove it.") if any("\x00" in key for key in value) else None
        )
    if isinstance(value, int | float) and abs(value) >= NUMBERS_BELOW:
        return _("This number is too large.")
    return None


def _name(place: Place) -> str:
    return ".".join(str(part).replace("\x00", "�") for part in place) or "non_field_errors"
