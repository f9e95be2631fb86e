"""The menu's settings, who sees which entry, and the warning when nobody works in the background."""

from collections.abc import Iterator

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Heartbeat, User
from clm.accounts.permissions import Capability, may
from clm.base import banners, looked_up, navigation
from clm.base.navigation import Entry, Group

# Remembered for a while, so that not every page asks.
ALIVE, ASK_AGAIN_AFTER = "worker-alive", 20

ENTRIES = [
    Entry(Group.SETTINGS, _("Jobs"), "jobs", "loader-circle", order=10),
    Entry(Group.SETTINGS, _("Organisation"), "organisation", "building-2", Capability.ADMINISTER, order=20),
    Entry(Group.SETTINGS, _("Users"), "users", "user-check", Capability.ADMINISTER, order=30),
    Entry(Group.SETTINGS, _("Teams"), "teams", "waypoints", Capability.ADMINISTER, order=40),
    Entry(Group.SETTINGS, _("Roles"), "roles", "shield-check", Capability.ADMINISTER, order=45),
    Entry(Group.SETTINGS, _("API keys"), "api-keys", "key-round", Capability.ADMINISTER, order=50),
    Entry(Group.SETTINGS, _("Audit log"), "audit", "clipboard-list", Capability.ADMINISTER, order=60),
    Entry(Group.SETTINGS, _("Data retention"), "retention", "timer", Capability.ADMINISTER, order=65),
    Entry(Group.SETTINGS, _("API documentation"), "api-docs", "book-open", order=70),
]
CAUGHT_MAIL = Entry(
    Group.SETTINGS, _("Caught mail"), "caught-mail", "mail-check", Capability.ADMINISTER, order=15
)


def decide(user: object, capability: str) -> bool:
    return isinstance(user, User) and may(user, Capability(capability))


def background_work(request: HttpRequest) -> Iterator[banners.Banner]:
    if not request.user.is_authenticated or looked_up.found(request).get(ALIVE):
        return
    if not Heartbeat.objects.is_overdue("worker"):
        cache.set(ALIVE, True, ASK_AGAIN_AFTER)
    else:
        yield banners.Banner(
            _(
                "Background work is delayed: no worker has reported for two minutes. Imports, stages and numbers wait."
            )
        )


navigation.decide_with(decide)
if settings.CAUGHT_MAIL_DIR:
    ENTRIES.append(CAUGHT_MAIL)
for entry in ENTRIES:
    navigation.register(entry)
banners.register("background-work", background_work)
looked_up.register("background-work", lambda _request: [ALIVE])
