"""Making, changing and removing views of lists, and how each has them: the verbs behind pages and API."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, SavedView, Team, User, ViewChoice
from clm.accounts.models.saved_view import LONGEST_QUERY

ONLY_ME, EVERYONE = "", "everyone"


class ViewRefused(ValueError):
    """The view can't be kept so; the text says why, `field` where."""

    def __init__(self, field: str, text: str) -> None:
        self.field = field
        super().__init__(text)


def audience_of(view: SavedView) -> str:
    """As `shared_with` is given: nothing, "everyone", or the id of a team."""
    return EVERYONE if view.is_shared else str(view.team_id or ONLY_ME)


def keep(*, by: User, page: str, name: str, query: str, shared_with: str = ONLY_ME) -> SavedView:
    """A new view of `by`. Raises ViewRefused."""
    view = SavedView(owner=by, page=page, name=name, query=_fitting(query))
    _share(view, shared_with, by)
    _write(view, "view.saved", by)
    return view


def change(
    view: SavedView,
    *,
    by: User,
    name: str | None = None,
    query: str | None = None,
    shared_with: str | None = None,
) -> None:
    """What is given changes. Raises ViewRefused."""
    if name is not None:
        view.name = name
    if query is not None:
        view.query = _fitting(query)
    if shared_with is not None and shared_with != audience_of(view):
        _share(view, shared_with, by)
    _write(view, "view.changed", by)


@transaction.atomic
def remove(view: SavedView, *, by: User) -> None:
    AuditEntry.objects.record("view.removed", view, by=by)
    view.delete()


@transaction.atomic
def begin_with(view: SavedView | None, *, page: str, by: User) -> None:
    """From now on the user's list begins with this view; without one, with all."""
    ViewChoice.objects.update_or_create(user=by, page=page, defaults={"default": view})
    AuditEntry.objects.record("view.default_chosen", view, by=by, list=page)


@transaction.atomic
def arrange(ids: list[int], *, page: str, by: User) -> None:
    """The user's own order of the views of a list; those that are not named come after. Raises ViewRefused."""
    seen = set(SavedView.objects.visible_to(by).filter(page=page).values_list("pk", flat=True))
    if not set(ids) <= seen or len(ids) != len(set(ids)):
        raise ViewRefused("ids", _("Name views of this list, each once."))
    ViewChoice.objects.update_or_create(user=by, page=page, defaults={"order": ids})
    AuditEntry.objects.record("view.order_changed", None, by=by, list=page)


def move(view: SavedView, *, by: User, up: bool) -> None:
    """One place to the front or the back, in the user's own order."""
    ids = [each.pk for each in SavedView.objects.of_list(view.page, by)]
    here = ids.index(view.pk)
    there = max(0, here - 1) if up else min(len(ids) - 1, here + 1)
    ids.insert(there, ids.pop(here))
    arrange(ids, page=view.page, by=by)


def _fitting(query: str) -> str:
    if len(query) > LONGEST_QUERY:
        raise ViewRefused("query", _("So many filters can't be kept. Remove some and save again."))
    return query


def _share(view: SavedView, shared_with: str, by: User) -> None:
    view.is_shared, view.team = shared_with == EVERYONE, None
    if shared_with in (ONLY_ME, EVERYONE):
        return
    teams = Team.objects.filter(pk=by.team_id or 0) if by.is_restricted else Team.objects.all()
    view.team = teams.filter(pk=int(shared_with)).first() if shared_with.isdecimal() else None
    if view.team is None:
        raise ViewRefused("shared_with", _("Choose a team that you may share with."))


def _write(view: SavedView, action: str, by: User) -> None:
    try:
        with transaction.atomic():
            view.save()
            AuditEntry.objects.record(action, view, by=by, shared_with=audience_of(view))
    except IntegrityError as error:
        raise ViewRefused("name", _("You have a view of this name already. Choose another name.")) from error
