"""The menu's entry for lifecycle models."""

from django.utils.translation import gettext_lazy as _

from clm.accounts.permissions import Capability
from clm.base.navigation import Entry, Group, register

register(
    Entry(
        Group.SETTINGS,
        _("Lifecycle models"),
        "lifecycle-models",
        "workflow",
        Capability.VIEW_CUSTOMERS,
        order=5,
    )
)
