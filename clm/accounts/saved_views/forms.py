from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import SavedView, Team, User
from clm.accounts.saved_views.keeping import EVERYONE, ONLY_ME, audience_of


class ViewForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    shared_with = forms.ChoiceField(label=_("Who sees it"), required=False)

    def __init__(self, *args: Any, user: User, view: SavedView | None = None, **kwargs: Any) -> None:
        if view:
            kwargs["initial"] = {"name": view.name, "shared_with": audience_of(view)}
        super().__init__(*args, **kwargs)
        teams = [(str(team.pk), _t("Team %(team)s") % {"team": team}) for team in _teams(user, view)]
        field = self.fields["shared_with"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
        field.choices = [(ONLY_ME, _("Only me")), *teams, (EVERYONE, _("Everyone"))]


def _teams(user: User, view: SavedView | None) -> list[Team]:
    """One's own; whoever sees all customers may share with any. Asked once for the page."""
    if not user.is_restricted:
        return list(Team.objects.order_by("name"))
    return [user.team] if user.team else []
