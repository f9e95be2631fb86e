from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import (
    Campaign,
    CampaignVersion,
    Reentry,
    SendingRules,
    Step,
    StepKind,
    Template,
    TriggerKind,
    WaitUnit,
    wait_problem,
)
from clm.base.conditions.fields import ConditionsField
from customers.models.segment import Segment
from lifecycle.models import LifecycleModel, Stage


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Template
        fields = ["name", "message_class"]
        help_texts = {"message_class": _("Customers should get more that helps them than that sells.")}


class CampaignForm(forms.ModelForm):  # type: ignore[type-arg]
    """What holds for a campaign as a whole, whatever its steps are."""

    class Meta:
        model = Campaign
        fields = [
            "name",
            "purpose",
            "reentry",
            "reentry_days",
            "priority",
            "sender_name",
            "sender_address",
            "reply_to",
        ]
        help_texts = {
            "sender_name": _("Empty: your company's name."),
            "sender_address": _("Empty: the address that this installation sends from."),
        }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["priority"] = forms.IntegerField(
            label=_("Priority"),
            min_value=1,
            max_value=9,
            help_text=_("1 is the most important: it goes first where not all messages may be sent."),
        )
        self.fields["reentry_days"] = forms.IntegerField(
            label=_("Days until re-entry"), min_value=1, max_value=3650, required=False
        )

    def clean_sender_name(self) -> str:
        return " ".join(str(self.cleaned_data["sender_name"]).split())

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("reentry") != Reentry.AFTER_DAYS:
            found["reentry_days"] = None
        elif not found.get("reentry_days") and "reentry_days" not in self.errors:
            self.add_error("reentry_days", _("Say after how many days."))
        return found

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class CampaignNameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)


class TriggerForm(forms.Form):
    use_required_attribute = False  # which of the two is needed is chosen on the page

    kind = forms.ChoiceField(label=_("Who enters"), choices=TriggerKind.choices, widget=forms.RadioSelect)
    stages = forms.MultipleChoiceField(label=_("Stages"), required=False, widget=forms.CheckboxSelectMultiple)
    segment = forms.ChoiceField(label=_("Segment"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, trigger: Mapping[str, Any]) -> None:
        model = trigger.get("model") or getattr(LifecycleModel.objects.primary(), "slug", "")
        initial = {
            "kind": trigger.get("kind") or TriggerKind.STAGE_ENTERED,
            "stages": [f"{model}/{stage}" for stage in trigger.get("stages") or []],
            "segment": trigger.get("segment"),
        }
        super().__init__(data, initial=initial)
        kind = (data or initial).get("kind")
        self.fields["stages"].required = kind != TriggerKind.SEGMENT_ENTERED
        self.fields["segment"].required = kind == TriggerKind.SEGMENT_ENTERED
        self.fields["stages"].choices = _stage_choices()  # type: ignore[attr-defined]
        segments = Segment.objects.filter(is_shared=True).order_by("name").values_list("slug", "name")
        self.fields["segment"].choices = [("", _("Choose a segment")), *segments]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        models = {each.partition("/")[0] for each in found.get("stages") or []}
        if found.get("kind") == TriggerKind.STAGE_ENTERED and len(models) > 1:
            self.add_error("stages", _("Choose stages of one model."))
        return found

    def trigger(self) -> dict[str, Any]:
        found = self.cleaned_data
        if found["kind"] == TriggerKind.SEGMENT_ENTERED:
            return {"kind": found["kind"], "segment": found["segment"]}
        stages = [each.partition("/") for each in found["stages"]]
        return {
            "kind": found["kind"],
            "model": stages[0][0],
            "stages": [slug for _model, _slash, slug in stages],
        }


def _stage_choices() -> list[Any]:
    """As "model/stage", by model where there are several: the primary one first. None that only a draft has."""
    stages = Stage.objects.settled().select_related("model").in_order()
    by_model = sorted(stages, key=lambda stage: (not stage.model.is_primary, stage.model.slug))
    groups = [
        (str(model), [(f"{model.slug}/{stage.slug}", stage.offered_as) for stage in of_model])
        for model, of_model in groupby(by_model, key=attrgetter("model"))
    ]
    return groups if len(groups) > 1 else [each for _model, choices in groups for each in choices]


class EndsForm(forms.Form):
    exit_condition = ConditionsField(
        label=_("Leave when"),
        required=False,
        help_text=_("Customers for whom it holds leave the campaign, and get no message that waits."),
    )
    leaves_with_stage = forms.BooleanField(
        label=_("Leave the campaign on leaving the stage or segment"), required=False
    )
    leaves_on_unsubscribe = forms.BooleanField(
        label=_("Leave the campaign on unsubscribing"),
        required=False,
        help_text=_("In either case nobody gets a message after unsubscribing."),
    )

    @classmethod
    def of(cls, version: CampaignVersion) -> "EndsForm":
        names = ("exit_condition", "leaves_with_stage", "leaves_on_unsubscribe")
        return cls(initial={name: getattr(version, name) for name in names})

    def values(self) -> dict[str, Any]:
        return self.cleaned_data | {"exit_condition": self.cleaned_data["exit_condition"] or None}


class MessageStepForm(forms.Form):
    template = forms.ModelChoiceField(label=_("Template"), queryset=Template.objects.none())
    expires_after_hours = forms.IntegerField(
        label=_("Give up after hours"),
        required=False,
        min_value=1,
        max_value=24 * 90,
        help_text=_(
            "A message that could not be sent by then is no longer worth sending. Empty: as for all."
        ),
    )
    condition = ConditionsField(
        label=_("Only when"),
        required=False,
        help_text=_("Without a test it goes to everybody who gets here."),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, step: Step) -> None:
        initial = {"template": step.template_id, "condition": step.condition}
        super().__init__(
            data, initial=initial | {"expires_after_hours": step.settings.get("expires_after_hours")}
        )
        field = self.fields["template"]
        field.queryset = Template.objects.usable().order_by("name")  # type: ignore[attr-defined]
        self._step = step

    def values(self) -> dict[str, Any]:
        found = self.cleaned_data
        settings = {key: value for key, value in self._step.settings.items() if key != "expires_after_hours"}
        if found["expires_after_hours"]:
            settings["expires_after_hours"] = found["expires_after_hours"]
        return {"template": found["template"], "condition": found["condition"] or None, "settings": settings}


class WaitStepForm(forms.Form):
    wait_amount = forms.IntegerField(label=_("Wait"), min_value=1)
    wait_unit = forms.ChoiceField(label=_("Unit"), choices=WaitUnit.choices)

    def __init__(self, data: Mapping[str, Any] | None = None, *, step: Step) -> None:
        super().__init__(data, initial={"wait_amount": step.wait_amount, "wait_unit": step.wait_unit})

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        amount, unit = found.get("wait_amount"), found.get("wait_unit")
        if amount and unit and (problem := wait_problem(amount, unit)):
            self.add_error("wait_amount", problem)
        return found

    def values(self) -> dict[str, Any]:
        return self.cleaned_data


class ExitStepForm(forms.Form):
    condition = ConditionsField(
        label=_("Leave when"), required=False, help_text=_("Without a test everybody who gets here leaves.")
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, step: Step) -> None:
        super().__init__(data, initial={"condition": step.condition})

    def values(self) -> dict[str, Any]:
        return {"condition": self.cleaned_data["condition"] or None}


StepForm = MessageStepForm | WaitStepForm | ExitStepForm
STEP_FORMS: dict[str, type[StepForm]] = {
    StepKind.MESSAGE: MessageStepForm,
    StepKind.WAIT: WaitStepForm,
    StepKind.EXIT: ExitStepForm,
}


class SuppressionForm(forms.Form):
    address = forms.EmailField(label=_("E-mail address"), max_length=254)


class SendingRulesForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = SendingRules
        fields = ["cap_messages", "cap_days", "quiet_from", "quiet_until", "expires_after_hours"]
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
