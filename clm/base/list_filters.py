"""Filters of list pages that higher apps add."""

from collections.abc import Callable
from dataclasses import dataclass

from django_filters import Filter


@dataclass(frozen=True)
class ListFilter:
    """`make` gives a fresh django-filter Filter, whose `method` takes (rows, name, value)."""

    key: str
    make: Callable[[], Filter]
    order: int = 50


_lists: dict[str, dict[str, ListFilter]] = {}


def register(page: str, list_filter: ListFilter) -> None:
    """Offer a filter on a list page, such as "customers"; its key is the name in the address."""
    _lists.setdefault(page, {})[list_filter.key] = list_filter


def offered(page: str) -> list[ListFilter]:
    return sorted(_lists.get(page, {}).values(), key=lambda one: one.order)
