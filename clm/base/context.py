"""What every page's frame needs. All of it is worked out only when a template asks."""

from typing import Literal

import structlog
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext_lazy as _

from clm.base import attention, banners, navigation
from clm.base.navigation import address as address

Theme = Literal["system", "light", "dark"]
THEMES: tuple[Theme, ...] = ("system", "light", "dark")
USER_LINKS = (
    ("profile", _("Profile"), "user"),
    ("account_change_password", _("Change the password"), "key-round"),
)


class PageFrame:
    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def theme(self) -> str:
        """The browser's choice (a cookie the theme switch writes), else the user's, else the system's."""
        chosen = self.request.COOKIES.get("theme", "")
        kept = getattr(getattr(self.request, "user", None), "theme", "system")
        return next((theme for theme in (chosen, kept) if theme in THEMES), "system")

    @cached_property
    def menu(self) -> list[navigation.Section]:
        return navigation.menu_for(self.request)

    @cached_property
    def menu_key(self) -> tuple[object, ...]:
        """What the side menu depends on, besides the language."""
        return (*navigation.key_for(self.request), self.home_url)

    @cached_property
    def creation(self) -> navigation.Link | None:
        return navigation.creation_for(self.request)

    @cached_property
    def banners(self) -> list[banners.Banner]:
        return banners.banners_for(self.request)

    @cached_property
    def attention(self) -> list[attention.Attention]:
        return attention.attention_for(self.request)

    @cached_property
    def user_links(self) -> list[navigation.Link]:
        """What the user's own menu offers, besides signing out."""
        found = ((address(url_name), label, icon) for url_name, label, icon in USER_LINKS)
        return [
            navigation.Link(label, href, icon, is_current=href == self.request.path)
            for href, label, icon in found
            if href
        ]

    @cached_property
    def search_url(self) -> str:
        return address("search")

    @cached_property
    def home_url(self) -> str:
        return address("home") or "/"

    @cached_property
    def direction(self) -> str:
        return "rtl" if get_language_bidi() else "ltr"

    @property
    def request_id(self) -> str:
        return request_id()


def page_frame(request: HttpRequest) -> dict[str, PageFrame]:
    return {"frame": PageFrame(request)}


def request_id() -> str:
    """The id that stands in every log line of this request."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
