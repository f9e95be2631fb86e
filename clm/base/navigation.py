"""The side menu: each app registers its entries in its own `navigation.py`, found at start-up."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
_SOME_PK = 1234567890


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
        href = address(entry.url_name)
        if href and _is_granted(entry.capability, request.user):
            return Link(entry.label, href, entry.icon, is_current=href == request.path)
    return None


def decide_with(may: Check) -> None:
    """`may(user, capability)`. Until somebody decides, entries with a capability stay hidden."""
    _may[:] = [may]


def menu_for(request: HttpRequest) -> list[Section]:
    """The sections this user may see, in order; pages that do not exist (yet) are left out."""
    shown = _shown(request.user)
    current = _current(shown, request)
    sections = []
    for group in Group:
        links = [
            Link(entry.label, href, entry.icon, is_current=href == current)
            for entry, href in shown
            if entry.group is group
        ]
        if links:
            sections.append(Section(group, links))
    return sections


def key_for(request: HttpRequest) -> tuple[object, ...]:
    """The same for two requests whose menus are the same, but for the language."""
    shown = _shown(request.user)
    return _current(shown, request), tuple([href for _entry, href in shown])


def _shown(user: object) -> list[tuple[Entry, str]]:
    """What the user may see of what exists, in order, with its address."""
    needed = {entry.capability for entry in _entries.values()}
    granted, place = {one for one in needed if _is_granted(one, user)}, _place()
    allowed = sorted(
        (entry for entry in _entries.values() if entry.capability in granted), key=lambda entry: entry.order
    )
    return [(entry, href) for entry in allowed if (href := _address(entry.url_name, *place))]


def _is_granted(capability: str, user: object) -> bool:
    return not capability or any(may(user, capability) for may in _may)


def address(url_name: str) -> str:
    """Its address, or nothing while no such page exists."""
    return _address(url_name, *_place())


def _place() -> tuple[str, str]:
    """What addresses depend on."""
    return get_urlconf() or settings.ROOT_URLCONF, get_script_prefix()


@lru_cache(maxsize=512)
def _address(url_name: str, urlconf: str, prefix: str) -> str:
    try:
        return reverse(url_name, urlconf)
    except NoReverseMatch:
        return ""


def row_address(url_name: str, pk: int) -> str:
    """As `reverse` with a row's id: a list asks for fifty that differ in nothing else."""
    before, after = _around(url_name, *_place())
    return f"{before}{pk}{after}"


@lru_cache(maxsize=512)
def _around(url_name: str, urlconf: str, prefix: str) -> tuple[str, str]:
    before, _pk, after = reverse(url_name, urlconf, args=[_SOME_PK]).partition(str(_SOME_PK))
    return before, after


def _current(shown: list[tuple[Entry, str]], request: HttpRequest) -> str:
    """Of the entry that names the page; else the longest address that the path lies under. Home: only itself."""
    page, path = getattr(request.resolver_match, "url_name", ""), request.path
    named = [href for entry, href in shown if page in entry.also]
    under = [href for _entry, href in shown if path == href or (href != "/" and path.startswith(href))]
    return next(iter(named), max(under, key=len, default=""))
