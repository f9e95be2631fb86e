from django.utils.translation import gettext_lazy as _

from clm.accounts.permissions import Capability
from clm.base.navigation import Entry, Group, register

register(
    Entry(Group.WORK, _("Lifecycle"), "dashboard", "layout-dashboard", Capability.VIEW_CUSTOMERS, order=10)
)
register(Entry(Group.MEASURE, _("Metrics"), "metrics", "chart-column", Capability.VIEW_METRICS, order=10))
register(
    Entry(
        Group.MEASURE,
        _("Stage analytics"),
        "stage-analytics",
        "waypoints",
        Capability.VIEW_CUSTOMERS,
        order=5,
    )
)
