"""Warnings above every page: an app registers a provider, which looks at the request and names what is wrong."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest
from django.utils.functional import Promise


@dataclass(frozen=True)
class Banner:
    text: str | Promise
    tone: Literal["warning", "error", "info", "success"] = "warning"
    href: str = ""
    link: str | Promise = ""


Provider = Callable[[HttpRequest], Iterable[Banner]]
_providers: dict[str, Provider] = {}


def register(name: str, provider: Provider) -> None:
    """The provider runs for every full page: it must be cheap, at best cached."""
    _providers[name] = provider


def banners_for(request: HttpRequest) -> list[Banner]:
    return [banner for provider in _providers.values() for banner in provider(request)]
