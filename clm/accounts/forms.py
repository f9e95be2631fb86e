from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from clm.accounts import doors
from clm.accounts.models import Organisation, Role, Sees, Team, User
from clm.accounts.models.api_key import Scope
from clm.accounts.models.user import Theme
from clm.accounts.stale import Read
from clm.base.days import zones
from clm.base.money import CURRENCIES

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise


class EditForm(forms.Form):
    """Of a row that is there: remembers what it showed, so that nobody overwrites what they have not seen.

    Each of its fields has the name of the row's.
    """

    expected = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, row: Model, **kwargs: Any) -> None:
        names = tuple(name for name in self.base_fields if name != "expected")
        self.shown = Read.of(row, names)
        present = {name: getattr(row, name) for name in names}
        super().__init__(*args, **kwargs | {"initial": present | {"expected": self.shown.mark}})

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.shown.names}

    def read(self) -> Read:
        return Read(self.shown.names, self.cleaned_data["expected"])

    def differences(self, current: Model) -> Iterator[tuple[str, str, str]]:
        """(label, what it is now, what was typed), for the fields in which they differ."""
        for name, typed in self.values().items():
            field, now = self.fields[name], getattr(current, name)
            if now != typed:
                yield str(field.label), _told(field, now), _told(field, typed)

    def read_anew(self, current: Model) -> None:
        """Let the next sending replace what is there now."""
        self.data = cast(QueryDict, self.data).copy()
        self.data["expected"] = Read.of(current, self.shown.names).mark


def _told(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if value is None:
        return ""
    prepared = str(field.prepare_value(value))
    choices = {str(key): str(text) for key, text in getattr(field, "choices", ())}
    return choices.get(prepared, prepared)


class AccessForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    team = forms.ModelChoiceField(Team.objects.all(), label=_("Team"), required=False, empty_label="–")
    sees = forms.ChoiceField(
        label=_("Sees"),
        choices=Sees.choices,
        initial=Sees.TEAM,
        help_text=_("Which customers a sales rep sees. Other roles see all."),
    )


class NewUserForm(AccessForm):
    email = forms.EmailField(label=_("E-mail"), max_length=254, help_text=_("They sign in with it."))
    field_order = ["name", "email", "role", "team", "sees"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(_("There is already a user with this e-mail."))
        return email


class UserForm(EditForm, AccessForm):
    is_active = forms.BooleanField(
        label=_("May sign in"),
        required=False,
        help_text=_("Without it their sessions and API keys end at once. Nothing they did is lost."),
    )


class RoleForm(forms.Form):
    """What a role may do, of what can be given to it."""

    expected = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    may = forms.MultipleChoiceField(
        label=_("This role may"), required=False, widget=forms.CheckboxSelectMultiple
    )
    NAMES = ("role_changes",)

    def __init__(
        self, *args: Any, organisation: Organisation, choices: list[tuple[str, Any]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expected"].initial = Read.of(organisation, self.NAMES).mark
        cast(forms.MultipleChoiceField, self.fields["may"]).choices = choices

    def read(self) -> Read:
        return Read(self.NAMES, self.cleaned_data["expected"])


class TeamForm(forms.Form):
    NAMESAKE = _("There is already a team with this name.")

    name = forms.CharField(label=_("Name"), max_length=100)

    def __init__(self, *args: Any, team: Team | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        namesakes = Team.objects.annotate(lower=Lower("name")).filter(lower=name.lower())
        if any(namesake != self.team for namesake in namesakes):
            raise forms.ValidationError(self.NAMESAKE)
        return name

    def refuse_namesake(self) -> None:
        """The database found one that was not there when we looked."""
        self.add_error("name", forms.ValidationError(self.NAMESAKE))


class ApiKeyForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Which program uses it."))
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        label=_("Acts as"),
        help_text=_("The key may do what this user may do."),
    )
    scope = forms.ChoiceField(label=_("May"), choices=Scope.choices, initial=Scope.READ)


class _Share(forms.DecimalField):
    """Shown as a person would write it: 0.58, not 0.5800."""

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class OrganisationForm(EditForm):
    name = forms.CharField(label=_("Name"), max_length=200)
    zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(zone, zone) for zone in zones()],
        help_text=_("Days, weeks and local hours are counted in this zone."),
    )
    currency = forms.ChoiceField(
        label=_("Reporting currency"),
        choices=[(code, code) for code in sorted(CURRENCIES)],
        help_text=_("Amounts in other currencies are converted to it."),
    )
    margin = _Share(
        label=_("Default margin"),
        required=False,
        min_value=0,
        max_value=1,
        decimal_places=4,
        help_text=_(
            "Share of net revenue that is gross margin, 0 to 1. Without it CLV is shown as revenue to date."
        ),
    )
    inactive_after_days = forms.IntegerField(
        label=_("Inactive after days"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=_(
            "Without a subscription, a customer counts as active for so many days after an order."
            " Empty: worked out from the gaps between orders."
        ),
    )
    administrators_need_two_factor = forms.BooleanField(
        label=_("Administrators must use two-factor sign-in"),
        required=False,
        help_text=_(
            "An administrator without it is led to set it up at the next page, you too. Everybody else may."
        ),
    )


def language_choices() -> "list[tuple[str, StrOrPromise]]":
    """Each by its own name: who can't read the page still finds theirs."""
    names = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]
    return [("", _("As the browser")), *names]


class ProfileForm(EditForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    language = forms.ChoiceField(label=_("Language"), required=False, choices=language_choices)
    theme = forms.ChoiceField(label=_("Theme"), choices=Theme.choices)


def _day(label: "StrOrPromise") -> forms.DateField:
    """Of a century in which a day still has a day before and after it."""
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 12, 31))],
    )


class AuditFilterForm(forms.Form):
    q = forms.CharField(label=_("Action or object"), required=False, max_length=100)
    actor = forms.ModelChoiceField(
        User.objects.all(), label=_("Who"), required=False, empty_label=_("Anybody")
    )
    door = forms.ChoiceField(
        label=_("Through"),
        required=False,
        choices=[("", _("Any door")), *doors.NAMES.items()],
    )
    since = _day(_("From"))
    until = _day(_("To"))
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
