"""The menu's entries for campaigns and what they say."""

from django.utils.translation import gettext_lazy as _

from clm.accounts.permissions import Capability
from clm.base.navigation import Entry, Group, register

register(Entry(Group.ENGAGE, _("Campaigns"), "campaigns", "megaphone", Capability.VIEW_CAMPAIGNS, order=10))
register(Entry(Group.ENGAGE, _("Surveys"), "surveys", "gauge", Capability.VIEW_CAMPAIGNS, order=30))
register(Entry(Group.ENGAGE, _("Templates"), "templates", "mail", Capability.VIEW_CAMPAIGNS, order=20))
