from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clm.accounts import saved_views
from clm.accounts.models import User
from clm.accounts.permissions import Capability, may
from clm.accounts.saved_views import ViewedList
from clm.base import attention, looked_up
from clm.base.navigation import Entry, Group, create_from_anywhere, register
from customers import bell

register(Entry(Group.WORK, _("Leads"), "leads", "target", Capability.VIEW_CUSTOMERS, order=10))
register(Entry(Group.WORK, _("Tasks"), "tasks", "list-todo", Capability.VIEW_CUSTOMERS, order=15))
register(Entry(Group.WORK, _("Tickets"), "tickets", "life-buoy", Capability.VIEW_CUSTOMERS, order=17))
register(Entry(Group.WORK, _("Customers"), "customers", "users", Capability.VIEW_CUSTOMERS, order=20))
register(Entry(Group.WORK, _("Companies"), "companies", "building-2", Capability.VIEW_CUSTOMERS, order=25))
register(
    Entry(
        Group.WORK,
        _("Duplicates"),
        "duplicates",
        "copy",
        Capability.VIEW_CUSTOMERS,
        order=27,
        also=frozenset({"customer-merges"}),
    )
)
register(Entry(Group.WORK, _("Segments"), "segments", "layers", Capability.VIEW_CUSTOMERS, order=30))
register(Entry(Group.WORK, _("Scores"), "scores", "gauge", Capability.VIEW_CUSTOMERS, order=35))
register(Entry(Group.WORK, _("Imports"), "imports", "upload", Capability.IMPORT, order=60))
register(
    Entry(Group.SETTINGS, _("Own fields"), "custom-fields", "columns-3", Capability.ADMINISTER, order=45)
)
create_from_anywhere(Entry(Group.WORK, _("New lead"), "lead-new", "plus", Capability.EDIT_CUSTOMERS))


def reminders(request: HttpRequest) -> attention.Attention | None:
    user = request.user
    if not isinstance(user, User) or not may(user, Capability.EDIT_CUSTOMERS):
        return None
    return told(looked_up.found(request).get(bell.key_of(user)))


def told(number: int | None) -> attention.Attention:
    """Not known yet, it is asked for once the page stands."""
    known = number or 0
    label = ngettext("%(number)s reminder", "%(number)s reminders", known) % {"number": known}
    ask = reverse("bell") if number is None else ""
    return attention.Attention(known, f"{reverse('tasks')}?tab=reminded", label, ask)


attention.register("reminders", reminders)
looked_up.register(
    "reminders", lambda request: [bell.key_of(request.user)] if isinstance(request.user, User) else []
)
register(
    Entry(
        Group.SETTINGS, _("Lead settings"), "lead-settings", "square-kanban", Capability.ADMINISTER, order=45
    )
)
saved_views.offer(ViewedList("customers", _("Customers"), "customers", Capability.VIEW_CUSTOMERS))
saved_views.offer(ViewedList("leads", _("Leads"), "leads", Capability.VIEW_CUSTOMERS))
saved_views.offer(ViewedList("companies", _("Companies"), "companies", Capability.VIEW_CUSTOMERS))
saved_views.offer(ViewedList("tickets", _("Tickets"), "tickets", Capability.VIEW_CUSTOMERS))
register(
    Entry(
        Group.SETTINGS, _("Ticket settings"), "ticket-targets", "life-buoy", Capability.ADMINISTER, order=46
    )
)
