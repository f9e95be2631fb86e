"""The views that people keep of their lists: for themselves, for a team, for everyone; some begin with one."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import SavedView, Team, User
from clm.accounts.saved_views import keeping
from clm.demo import staff
from clm.demo.models import Made


@dataclass(frozen=True)
class Kept:
    owner: str
    page: str
    name: str
    query: str
    shared_with: str = keeping.ONLY_ME
    begins: bool = False


@transaction.atomic
def keep_views() -> None:
    """Who has views already gets no more."""
    people = {user.name: user for user in User.objects.filter(email__in=[one.email for one in staff.STAFF])}
    had = set(SavedView.objects.values_list("owner", flat=True))
    for one in _views():
        by = people.get(one.owner)
        if by and by.pk not in had:
            view = keeping.keep(
                by=by, page=one.page, name=one.name, query=one.query, shared_with=one.shared_with
            )
            Made.objects.note(SavedView, [view.pk])
            if one.begins:
                keeping.begin_with(view, page=one.page, by=by)


def _views() -> Iterator[Kept]:
    """Their names are for the languages of the one who loads."""
    marketer, manager = staff.MARKETER.name, staff.STAFF[0].name
    rep = next(one.name for one in staff.REPS if one.team == staff.NORDIC)
    nordic = str(Team.objects.get(name=staff.NORDIC).pk)
    spenders = "country=DK&revenue_min=400&sort=-revenue"
    yield Kept(marketer, "customers", _("Big spenders in Denmark"), spenders, keeping.EVERYONE, begins=True)
    yield Kept(marketer, "customers", _("Not bought yet"), "has_ordered=no&sort=-first_seen")
    yield Kept(
        rep, "leads", _("Largest in the north"), "is_open=yes&sort=-value&tab=all", nordic, begins=True
    )
    yield Kept(manager, "tickets", _("Complaints"), "tab=open&type=complaint", keeping.EVERYONE)
