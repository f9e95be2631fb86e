"""The menu's entry for lifecycle models, and the warning above every page when rules fail."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from clm.accounts.permissions import Capability
from clm.base import banners, looked_up
from clm.base.context import address
from clm.base.navigation import Entry, Group, register
from lifecycle.troubles import troubles, where


def failing_rules(request: HttpRequest) -> Iterator[banners.Banner]:
    if not request.user.is_authenticated:
        return
    parked, error = troubles(looked_up.found(request))
    if error:
        text = gettext(
            "Stages are not kept up to date: the rules fail for many customers (%(error)s). Change the rules."
        )
        link = address("lifecycle-models")
        yield banners.Banner(text % {"error": error}, "error", link, gettext("Lifecycle models"))
    if parked:
        text = ngettext(
            "The rules could not be applied to %(n)s customer, who stays where they are.",
            "The rules could not be applied to %(n)s customers, who stay where they are.",
            parked,
        )
        yield banners.Banner(text % {"n": parked}, href=address("parkings"), link=gettext("Parked customers"))


banners.register("failing-rules", failing_rules)
looked_up.register("failing-rules", lambda _request: where())
register(
    Entry(
        Group.SETTINGS,
        _("Lifecycle models"),
        "lifecycle-models",
        "workflow",
        Capability.VIEW_CUSTOMERS,
        order=5,
        also=frozenset({"lifecycle-comparison", "refusals", "parkings"}),
    )
)
register(
    Entry(
        Group.WORK,
        _("Journey map"),
        "journey-maps",
        "map",
        Capability.VIEW_CUSTOMERS,
        order=12,
        also=frozenset({"journey-map", "journey-suggestions", "journey-stage"}),
    )
)
