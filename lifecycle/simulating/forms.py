from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.filter_sets import DAY_INPUT
from lifecycle.models import LifecycleModel, ModelVersion, Simulation, Span, VersionStatus
from lifecycle.simulating.asking import Question


class SimulationForm(forms.Form):
    """What to try, and over what."""

    version = forms.ModelChoiceField(
        ModelVersion.objects.none(), label=gettext_lazy("Version"), empty_label=None
    )
    span = forms.ChoiceField(label=gettext_lazy("Period"), choices=Span, initial=Span.NOW)
    first = forms.DateField(label=gettext_lazy("First day"), required=False, **DAY_INPUT)
    last = forms.DateField(
        label=gettext_lazy("Last day"), required=False, help_text=gettext_lazy("Empty: today."), **DAY_INPUT
    )

    def __init__(self, model: LifecycleModel, data: Any = None, *, shown: Simulation | None = None) -> None:
        """Begins with what is `shown`, when that is still there to be tried."""
        super().__init__(data)
        order = [VersionStatus.DRAFT, VersionStatus.PUBLISHED, VersionStatus.RETIRED]
        versions = model.versions.select_related("model").order_by("-number")
        field: Any = self.fields["version"]
        field.queryset = versions
        field.label_from_instance = _named
        found = sorted(versions, key=lambda version: order.index(VersionStatus(version.status)))
        self.initial["version"] = found[0].pk if found else None
        if shown and shown.version in found[:1]:
            self.initial["span"] = shown.span

    def question(self) -> Question:
        wanted = self.cleaned_data
        return Question(wanted["span"], wanted.get("first"), wanted.get("last"))


def _named(version: ModelVersion) -> str:
    return _("Version %(number)s (%(status)s)") % {
        "number": version.number,
        "status": version.get_status_display(),
    }
