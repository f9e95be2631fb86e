"""What waits for the person at the bell of every page: an app registers a provider that counts."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise


@dataclass(frozen=True)
class Attention:
    number: int
    href: str
    label: str | Promise
    ask: str = ""  # where the figure is asked for after the page, when it is not known


# None: nothing to show to this person.
Provider = Callable[[HttpRequest], Attention | None]
_providers: dict[str, Provider] = {}


def register(name: str, provider: Provider) -> None:
    """The provider runs for every full page: it must be cheap, at best cached."""
    _providers[name] = provider


def attention_for(request: HttpRequest) -> list[Attention]:
    found = (provider(request) for provider in _providers.values())
    return [one for one in found if one is not None]
