from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.rest.instants import FIRST_YEAR, LAST_YEAR
from lifecycle.models import LifecycleModel, ModelVersion, Span, VersionStatus
from lifecycle.simulating.asking import Question

FIRST_DAY, LAST_DAY = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)


class SimulationForm(forms.Form):
    """What to try, and over what."""

    version = forms.ModelChoiceField(
        ModelVersion.objects.none(), label=gettext_lazy("Version"), empty_label=None
    )
    span = forms.ChoiceField(label=gettext_lazy("Over what"), choices=Span, initial=Span.NOW)
    first = forms.DateField(
        label=gettext_lazy("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: today."),
    )  # fmt: skip

    def __init__(self, model: LifecycleModel, data: Any = None) -> None:
        super().__init__(data)
        order = [VersionStatus.DRAFT, VersionStatus.PUBLISHED, VersionStatus.RETIRED]
        versions = model.versions.select_related("model").order_by("-number")
        field: Any = self.fields["version"]
        field.queryset = versions
        field.label_from_instance = _named
        found = sorted(versions, key=lambda version: order.index(VersionStatus(version.status)))
        self.initial["version"] = found[0].pk if found else None

    def question(self) -> Question:
        wanted = self.cleaned_data
        return Question(wanted["span"], wanted.get("first"), wanted.get("last"))

    def clean_first(self) -> date | None:
        return _within(self.cleaned_data["first"])

    def clean_last(self) -> date | None:
        return _within(self.cleaned_data["last"])


def _within(day: date | None) -> date | None:
    if day and not FIRST_DAY <= day <= LAST_DAY:
        bounds = {"first": FIRST_DAY, "last": LAST_DAY}
        raise forms.ValidationError(_("Choose a day between %(first)s and %(last)s.") % bounds)
    return day


def _named(version: ModelVersion) -> str:
    return _("Version %(number)s (%(status)s)") % {
        "number": version.number,
        "status": version.get_status_display(),
    }
