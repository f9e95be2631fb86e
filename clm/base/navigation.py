"""The side menu: each app registers its entries in its own `navigation.py`, found at start-up."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Group(Enum):
    WORK = _("Work")
    ENGAGE = _("Engage")
    MEASURE = _("Measure")
    SETTINGS = _("Settings")


@dataclass(frozen=True)
class Entry:
    group: Group
    label: Text
    url_name: str
    icon: str
    capability: str = ""  # empty: everybody who is signed in
    order: int = 50
    also: frozenset[str] = frozenset()  # names of pages that belong to it though they lie elsewhere


@dataclass(frozen=True)
class Link:
    label: Text
    href: str
    icon: str
    is_current: bool


@dataclass(frozen=True)
class Section:
    group: Group
    links: list[Link]

    @property
    def label(self) -> Text:
        label: Text = self.group.value
        return label

    @property
    def slug(self) -> str:
        return self.group.name.lower()


Check = Callable[[object, str], bool]
_entries: dict[tuple[Group, str], Entry] = {}
_creations: list[Entry] = []
_may: list[Check] = []


def register(entry: Entry) -> None:
    _entries[entry.group, entry.url_name] = entry


def create_from_anywhere(entry: Entry) -> None:
    """What the key C and the plus of the top bar make, on whichever page."""
    _creations[:] = [entry]


def creation_for(request: HttpRequest) -> Link | None:
    for entry in _creations:
        address = _address(entry.url_name)
        if address and (not entry.capability or any(may(request.user, entry.capability) for may in _may)):
            return Link(entry.label, address, entry.icon, is_current=address == request.path)
    return None


def decide_with(may: Check) -> None:
    """`may(user, capability)`. Until somebody decides, entries with a capability stay hidden."""
    _may[:] = [may]


def menu_for(request: HttpRequest) -> list[Section]:
    """The sections this user may see, in order; pages that do not exist (yet) are left out."""
    shown = sorted(_visible(request.user), key=lambda entry: entry.order)
    addresses = {entry: address for entry in shown if (address := _address(entry.url_name))}
    current = _current(addresses, request)
    sections = []
    for group in Group:
        links = [
            Link(entry.label, address, entry.icon, is_current=address == current)
            for entry, address in addresses.items()
            if entry.group is group
        ]
        if links:
            sections.append(Section(group, links))
    return sections


def _visible(user: object) -> Iterator[Entry]:
    for entry in _entries.values():
        if not entry.capability or any(may(user, entry.capability) for may in _may):
            yield entry


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _current(addresses: dict[Entry, str], request: HttpRequest) -> str:
    """Of the entry that names the page; else the longest address that the path lies under. Home: only itself."""
    page, path = getattr(request.resolver_match, "url_name", ""), request.path
    named = [address for entry, address in addresses.items() if page in entry.also]
    under = [
        address
        for address in addresses.values()
        if path == address or (address != "/" and path.startswith(address))
    ]
    return next(iter(named), max(under, key=len, default=""))
