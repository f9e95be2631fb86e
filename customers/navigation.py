from django.utils.translation import gettext_lazy as _

from clm.accounts.permissions import Capability
from clm.base.navigation import Entry, Group, create_from_anywhere, register

register(Entry(Group.WORK, _("Leads"), "leads", "target", Capability.VIEW_CUSTOMERS, order=10))
register(Entry(Group.WORK, _("Customers"), "customers", "users", Capability.VIEW_CUSTOMERS, order=20))
register(Entry(Group.WORK, _("Segments"), "segments", "layers", Capability.VIEW_CUSTOMERS, order=30))
register(Entry(Group.WORK, _("Imports"), "imports", "upload", Capability.IMPORT, order=60))
create_from_anywhere(Entry(Group.WORK, _("New lead"), "lead-new", "plus", Capability.EDIT_CUSTOMERS))
