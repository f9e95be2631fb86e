"""The register of figures. A module `bench/<name>.py` offers them with the decorator `figure`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal

OWN_MODULES = {
    "lifecycle_company",
    "lifecycle_by_hand",
    "__init__",
    "__main__",
    "bare",
    "company",
    "everyone_company",
    "database",
    "figures",
    "report",
    "sink",
}

Better = Literal["under", "over"]


@dataclass(frozen=True)
class Measured:
    """What a figure's function returns: the value, and a note when there is something to know about it."""

    value: float
    note: str = ""


Measure = Callable[[int], "float | Measured"]


@dataclass(frozen=True)
class Figure:
    name: str
    topic: str
    unit: str
    bar: float
    better: Better
    measure: Measure

    def holds(self, value: float) -> bool:
        return value <= self.bar if self.better == "under" else value >= self.bar


_figures: list[Figure] = []


def figure(
    name: str, *, topic: str, unit: str, bar: float, better: Better = "under"
) -> Callable[[Measure], Measure]:
    """Offer a figure: `topic` is what ONLY chooses, `bar` is met when the value is not over (or under) it.

    The function gets SIZE and returns the value, or `Measured(value, note)`.
    """

    def offer(measure: Measure) -> Measure:
        _figures.append(Figure(name, topic, unit, bar, better, measure))
        return measure

    return offer


def chosen(only: str | None) -> Iterator[Figure]:
    """In the order of their files. `only` is a topic or the name of one figure."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in OWN_MODULES:
            import_module(f"bench.{path.stem}")
    return (found for found in _figures if only in (None, "", found.topic, found.name))
