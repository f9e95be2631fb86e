"""Shapes of what people type about a company."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models import Team, User
from customers.companies import FIELDS
from customers.countries import country_choices
from customers.models import Company


def _countries() -> list[tuple[str, str]]:
    return [("", "–"), *country_choices()]


class CompanyForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    domain = forms.CharField(
        label=gettext_lazy("Domain"),
        max_length=253,
        required=False,
        help_text=gettext_lazy("Such as engines.example."),
    )
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=_countries, required=False)
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner"), queryset=User.objects.none(), required=False, empty_label="–"
    )
    team = forms.ModelChoiceField(
        label=gettext_lazy("Team"), queryset=Team.objects.all(), required=False, empty_label="–"
    )
    # What was read of a company there is.
    expected = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args: Any, user: User, company: Company | None = None, **kwargs: Any) -> None:
        initial = _initial(company) if company else {"owner": user.pk, "team": user.team_id}
        super().__init__(*args, **({"initial": initial} | kwargs))
        people = cast("forms.ModelChoiceField[User]", self.fields["owner"])
        people.queryset = User.objects.filter(Q(is_active=True) | Q(pk=company.owner_id if company else None))

    def values(self) -> dict[str, Any]:
        """For the verbs."""
        return {name: self.cleaned_data[name] for name in FIELDS}

    def read_at(self) -> datetime | None:
        """The version that was read; None when the form came without one."""
        try:
            return datetime.fromisoformat(self.cleaned_data.get("expected", ""))
        except ValueError:
            return None

    def take(self, errors: ValidationError) -> None:
        """Show what the verb refused beside the field it is about."""
        for name, messages in errors.message_dict.items():
            self.add_error(name if name in self.fields else None, cast(Any, list(messages)))

    def take_stale(self, current: Company) -> None:
        """Say so; sending the form again then replaces what is there now, knowingly."""
        self.add_error(None, _("Somebody changed it meanwhile. Save again to replace what is there now."))
        self.data = cast(QueryDict, self.data).copy()
        self.data["expected"] = current.changed_at.isoformat()


def _initial(company: Company) -> dict[str, Any]:
    return {
        "name": company.name,
        "domain": company.domain,
        "country": company.country,
        "owner": company.owner_id,
        "team": company.team_id,
        "expected": company.changed_at.isoformat(),
    }
