from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from clm.accounts.models.team import Team
from clm.accounts.models.user import Role, User
from clm.base import compiled

NO_TEAM = 0  # no team has this id
LONGEST_QUERY = 7000  # as it stands in an address, whose line holds 8,190


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> "SavedViewQuerySet":
        """One's own, those for everybody, and those of one's team."""
        seen = Q(owner=user) | Q(is_shared=True)
        return self.filter(seen | Q(team=user.team_id) if user.team_id else seen)

    def of_list(self, page: str, user: User) -> "list[SavedView]":
        """Those of one list, in the order that the user gave them; new ones come last. `is_default` says with which
        the user's list begins. One statement."""
        views = compiled.rows(("views", page), _of_list(page), user.pk, user.team_id or NO_TEAM)
        for view in views:
            view.is_default = view.pk == view.first
            view.may_change = view.may_be_changed_by(user)
        places = {pk: place for place, pk in enumerate(next((view.order or [] for view in views), []))}
        return sorted(views, key=lambda view: (places.get(view.pk, len(places)), view.position, view.name))


def _of_list(page: str) -> compiled.Build:
    """Every list asks for them, whoever looks at it."""

    def build(user: int, team: int) -> SavedViewQuerySet:
        chosen = ViewChoice.objects.filter(user=user, page=OuterRef("page"))
        first, order = Subquery(chosen.values("default")), Subquery(chosen.values("order"))
        rows = SavedView.objects.visible_to(User(pk=user, team_id=team)).filter(page=page)
        return rows.select_related("owner", "team").annotate(order=order, first=first)

    return build


class SavedView(models.Model):
    """A named query string over one list: what is searched, filtered, sorted and shown.

    Its owner's alone, or shared: with everyone, or with one team.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=50)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)
    columns = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    is_shared = models.BooleanField(_("shared with everyone"), default=False)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    position = models.PositiveIntegerField(default=0)

    objects = SavedViewQuerySet.as_manager()

    # Filled by `of_list`.
    is_default = False
    may_change = False

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "page", "name"], name="accounts_savedview_name_once_per_page"
            ),
            models.CheckConstraint(
                condition=Q(team=None) | Q(is_shared=False), name="accounts_savedview_one_audience"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def may_be_changed_by(self, user: User) -> bool:
        """Its owner; once others see it an administrator too, since owners leave."""
        is_seen_by_others = self.is_shared or self.team_id is not None
        return self.owner_id == user.pk or (is_seen_by_others and user.role == Role.ADMINISTRATOR)


class ViewChoice(models.Model):
    """How one user has the views of one list: in which order, and with which it begins."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    page = models.CharField(max_length=50)
    default = models.ForeignKey(SavedView, models.SET_NULL, null=True, blank=True, related_name="+")
    order = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "page"], name="accounts_viewchoice_once_per_list")
        ]

    def __str__(self) -> str:
        return self.page
