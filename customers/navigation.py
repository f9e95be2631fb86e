from django.utils.translation import gettext_lazy as _

from clm.accounts.permissions import Capability
from clm.base.navigation import Entry, Group, register

register(Entry(Group.WORK, _("Customers"), "customers", "users", Capability.VIEW_CUSTOMERS, order=20))
register(Entry(Group.WORK, _("Imports"), "imports", "upload", Capability.IMPORT, order=60))
