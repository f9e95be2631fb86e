"""Views of lists that people keep: which lists have them, and what a list's page needs of them.

A list offers them with `offer(ViewedList("customers", _("Customers"), "customers", Capability.VIEW_CUSTOMERS))` in its
app's `navigation.py`; its page makes `Views` and includes `accounts/saved_views/_tabs.html` and `_dialog.html`.
"""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise

from clm.accounts.models import SavedView, User
from clm.accounts.permissions import Capability, may
from clm.accounts.saved_views.forms import ViewForm

# Not part of a view: where one is in the list, and in which view.
PASSING = ("view", "after", "before", "page", "format", "counted", "step", "board")
ALL = "all"  # as `view` in an address: the list without any view


@dataclass(frozen=True)
class ViewedList:
    page: str
    title: str | Promise
    url_name: str
    capability: Capability

    @property
    def address(self) -> str:
        return reverse(self.url_name)

    def address_of(self, view: SavedView, *, at: str = "") -> str:
        """`at` is another page that reads the same addresses."""
        return f"{reverse(at) if at else self.address}?{view.query}&view={view.pk}".replace("?&", "?")


_lists: dict[str, ViewedList] = {}


def offer(viewed: ViewedList) -> None:
    _lists[viewed.page] = viewed


def list_named(page: str, user: User) -> ViewedList | None:
    """None where there is no such list, or the user may not open it."""
    viewed = _lists.get(page)
    return viewed if viewed and may(user, viewed.capability) else None


def lists_for(user: User) -> list[str]:
    return [page for page in _lists if list_named(page, user)]


@dataclass
class Views:
    """What a list's page shows of its views; or the page `at`, which shows the same rows otherwise."""

    page: str
    request: HttpRequest
    user: User
    at: str = ""

    @cached_property
    def of(self) -> ViewedList:
        return _lists[self.page]

    @cached_property
    def all(self) -> list[SavedView]:
        return SavedView.objects.of_list(self.page, self.user)

    @property
    def links(self) -> "list[tuple[SavedView, str]]":
        return [(view, self.of.address_of(view, at=self.at)) for view in self.all]

    @cached_property
    def current(self) -> SavedView | None:
        return next((view for view in self.all if str(view.pk) == self.request.GET.get("view")), None)

    @cached_property
    def state(self) -> str:
        return state_of(self.request.GET)

    @property
    def is_changed(self) -> bool:
        return self.current is not None and self.current.query != self.state

    @property
    def may_save(self) -> bool:
        """There is something to keep that no view holds."""
        return self.is_changed if self.current else bool(self.state)

    @property
    def may_update(self) -> bool:
        return self.current is not None and self.current.may_change

    @property
    def whole(self) -> str:
        """The list as it is without a view, also for whom it begins with one."""
        return f"{self.of.address}?view={ALL}"

    @cached_property
    def form(self) -> ViewForm:
        return ViewForm(user=self.user)

    def beginning(self) -> HttpResponse | None:
        """Where the bare address leads: to the user's default view, if there is one."""
        if self.request.GET:
            return None
        first = next((view for view in self.all if view.is_default), None)
        return redirect(self.of.address_of(first)) if first else None


def state_of(query: QueryDict) -> str:
    """The query string of a view: what is searched, filtered, sorted and shown, in one order; not the page."""
    kept = query.copy()
    for name in PASSING:
        kept.pop(name, None)
    ordered = QueryDict(mutable=True)
    for name, values in sorted(kept.lists()):
        if any(values):
            ordered.setlist(name, values)
    return ordered.urlencode()
