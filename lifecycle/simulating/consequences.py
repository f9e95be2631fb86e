"""What moves would set off: higher apps say so, each in its `consequences.py`, found at start-up."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from lifecycle.models import Simulation


@dataclass(frozen=True)
class Consequence:
    """A campaign that `entering` customers would enter and `leaving` leave; each who enters gets up to `messages`."""

    name: str
    url: str
    entering: int
    leaving: int
    messages: int


Provider = Callable[[Simulation], Iterable[Consequence]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    _providers.append(provider)
    return provider


def consequences_of(simulation: Simulation) -> list[dict[str, Any]]:
    """As plain values. Of moves that would happen now; what was missed in the past is not made up for."""
    return [asdict(each) for provider in _providers for each in provider(simulation)]
