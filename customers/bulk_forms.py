"""What is asked before many customers are changed at once."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models import Team, User
from customers.models import Segment
from customers.models.segment import SegmentKind
from customers.profile_choices import settable, value_field

AS_IT_IS, NOBODY = "", "none"


class AssignForm(forms.Form):
    """Owner, team, or both; what is left alone stays with each customer as it is."""

    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)
    team = forms.ChoiceField(label=gettext_lazy("Team"), required=False)

    def __init__(self, user: User, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        people = [(str(one.pk), str(one)) for one in User.objects.filter(is_active=True).order_by("name")]
        teams = [(str(team.pk), str(team)) for team in Team.objects.order_by("name")]
        stays = (AS_IT_IS, _("As it is"))
        self.fields["owner"].choices = [stays, (NOBODY, _("Nobody")), *people]  # type: ignore[attr-defined]
        self.fields["team"].choices = [stays, (NOBODY, _("None")), *teams]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        if not self.errors and not any(self.cleaned_data.values()):
            self.add_error("owner", _("Choose an owner or a team."))
        return self.cleaned_data

    @classmethod
    def of(cls, user: User, values: Mapping[str, Any]) -> "AssignForm":
        return cls(user, {name: NOBODY if value is None else str(value) for name, value in values.items()})

    def values(self) -> dict[str, Any]:
        given = {name: value for name, value in self.cleaned_data.items() if value != AS_IT_IS}
        return {name: None if value == NOBODY else int(value) for name, value in given.items()}


class SetFieldForm(forms.Form):
    """One field, then a value of its kind; an empty one clears it."""

    steering = True
    field = forms.ChoiceField(label=gettext_lazy("Field"))

    def __init__(self, user: User, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        choices = settable(user)
        field = self.fields["field"]
        field.choices = [("", "–"), *choices]  # type: ignore[attr-defined]
        field.widget.attrs |= {
            "hx-get": reverse("bulk-action", args=["customers", "field"]),
            "hx-trigger": "change",
            "hx-include": "#bulk-form",
            "hx-target": "#bulk-action",
            "hx-swap": "outerHTML",
        }
        chosen = (data or initial or {}).get("field", "")
        if chosen in dict(choices):
            self.fields["value"] = value_field(chosen)

    @classmethod
    def of(cls, user: User, values: Mapping[str, Any]) -> "SetFieldForm":
        name, value = next(iter(values.items()), ("", ""))
        return cls(user, {"field": name, "value": "" if value is None else value})

    def values(self) -> dict[str, Any]:
        return {self.cleaned_data["field"]: self.cleaned_data.get("value")}


class AddToSegmentForm(forms.Form):
    """A segment kept by hand that is there, or a new one."""

    segment = forms.ModelChoiceField(
        Segment.objects.none(),
        label=gettext_lazy("Segment"),
        required=False,
        empty_label=gettext_lazy("A new segment"),
    )
    name = forms.CharField(label=gettext_lazy("Name of the new segment"), max_length=100, required=False)

    def __init__(self, user: User, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.user = user
        by_hand = Segment.objects.visible_to(user).filter(kind=SegmentKind.STATIC).order_by("name")
        self.fields["segment"].queryset = by_hand  # type: ignore[attr-defined]

    @classmethod
    def of(cls, user: User, values: Mapping[str, Any]) -> "AddToSegmentForm":
        return cls(user, dict(values))

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if self.errors or given["segment"]:
            return given
        if not given["name"]:
            self.add_error("name", _("Choose a segment, or name a new one."))
        elif Segment.objects.filter(name__iexact=given["name"].strip()).exists():
            self.add_error("name", _("There is a segment of this name already. Choose it, or another name."))
        return given

    def values(self) -> dict[str, Any]:
        chosen = self.cleaned_data["segment"]
        return {"segment": chosen.pk} if chosen else {"name": self.cleaned_data["name"].strip()}
