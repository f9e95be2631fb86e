"""What every page looks up in the cache, asked for in one go: an app registers the keys of what it shows there."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest

Keys = Callable[[HttpRequest], Iterable[str]]
_keys: dict[str, Keys] = {}


def register(name: str, keys: Keys) -> None:
    _keys[name] = keys


def found(request: HttpRequest) -> dict[str, Any]:
    """What the cache held of all these when the page's frame first asked."""
    known: dict[str, Any] | None = request.__dict__.get("_looked_up")
    if known is None:
        wanted = [key for keys in _keys.values() for key in keys(request)]
        known = request.__dict__["_looked_up"] = cache.get_many(wanted)
    return known
