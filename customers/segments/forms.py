from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.base.conditions.fields import ConditionsField
from customers.models import Segment
from customers.models.segment import SegmentKind


class SegmentForm(forms.Form):
    """What a segment is called and who is in it; `read` is the version that was looked at."""

    read = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)
    name = forms.CharField(label=_("Name"), max_length=100)
    description = forms.CharField(
        label=_("Description"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    conditions = ConditionsField(
        label=_("Who is in it"), help_text=_("Customers enter and leave by themselves as this changes.")
    )
    is_shared = forms.BooleanField(label=_("Everybody may see and use it"), required=False, initial=True)

    def __init__(self, kind: str, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        if kind == SegmentKind.STATIC:
            del self.fields["conditions"]

    @classmethod
    def of(cls, segment: Segment, data: Any = None) -> "SegmentForm":
        initial = {
            name: getattr(segment, name) for name in ("name", "description", "conditions", "is_shared")
        }
        return cls(segment.kind, data, initial=initial | {"read": segment.changed_at.isoformat()})

    @classmethod
    def under_way(cls, kind: str, data: Any) -> "SegmentForm":
        """As it was sent, neither saved nor judged: somebody works on the conditions."""
        sent = cls(kind, data)
        given = {name: sent[name].data for name in sent.fields}
        return cls(kind, initial=given)

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "read"}

    def expected(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.cleaned_data["read"])
        except ValueError:
            return None

    def refuse(self, error: ValidationError) -> None:
        """What a verb refuses, at the field it names."""
        for name, messages in error.message_dict.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)


class FillForm(forms.Form):
    """The customers of a list into a segment by hand: one that is there, or a new one."""

    query = forms.CharField(required=False, widget=forms.HiddenInput, max_length=2000)
    segment = forms.ModelChoiceField(
        Segment.objects.none(), label=_("Segment"), required=False, empty_label=_("A new segment")
    )
    name = forms.CharField(label=_("Name of the new segment"), max_length=100, required=False)

    def __init__(self, user: User, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        by_hand = Segment.objects.visible_to(user).filter(kind=SegmentKind.STATIC).order_by("name")
        self.fields["segment"].queryset = by_hand  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.cleaned_data["segment"] and not self.cleaned_data["name"]:
            self.add_error("name", _("Choose a segment, or name a new one."))
        return self.cleaned_data
