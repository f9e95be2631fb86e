"""The demo company in the menu, and above every page while it comes or goes."""

from collections.abc import Iterator

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.permissions import Capability
from clm.base import banners, looked_up, navigation
from clm.base.navigation import Entry, Group
from clm.base.templatetags.formats import percent
from clm.demo.models import IDLE, Demo, DemoState


def under_way(request: HttpRequest) -> Iterator[banners.Banner]:
    if not request.user.is_authenticated or request.path.startswith("/settings/demo/"):
        return
    demo = None if looked_up.found(request).get(IDLE) else busy_demo()
    if demo is None or demo.job is None:
        return
    if demo.state == DemoState.LOADING:
        text = _("The demo company is being loaded (%(share)s): numbers fill up until it is done.")
    else:
        text = _("The demo company is being removed (%(share)s).")
    yield banners.Banner(text % {"share": percent(demo.share)}, "info")


def busy_demo() -> Demo | None:
    """Asked for every page, so that there is nothing of the kind is remembered for a minute."""
    demo = Demo.objects.exclude(state=DemoState.LOADED).select_related("job").first()
    if demo is None:
        cache.set(IDLE, True, 60)
    return demo


navigation.register(
    Entry(
        Group.SETTINGS, gettext_lazy("Demo company"), "demo", "party-popper", Capability.ADMINISTER, order=25
    )
)
banners.register("demo", under_way)
looked_up.register("demo", lambda _request: [IDLE])
