"""What rests on a thing that is about to go or to change: each app tells its own uses.

An app's `uses.py` calls `register("segment", provider)`; it is found at start-up.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Use:
    """`key` names what is used (a segment's slug); `label` and `url` where."""

    key: str
    label: str | Promise
    url: str = ""


Provider = Callable[[], Iterable[Use]]
_providers: dict[str, list[Provider]] = {}


def register(kind: str, provider: Provider) -> None:
    """`provider` gives all uses of things of this kind, in a few queries whatever their number."""
    _providers.setdefault(kind, []).append(provider)


def uses(kind: str) -> dict[str, list[Use]]:
    """By key."""
    found: dict[str, list[Use]] = {}
    for provider in _providers.get(kind, ()):
        for use in provider():
            found.setdefault(use.key, []).append(use)
    return found
