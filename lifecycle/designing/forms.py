"""The designer's forms: each reads what the draft says of one thing and gives what it is to say."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.conditions.fields import ConditionsField
from lifecycle.designing.blueprint import Blueprint, ComponentPlan, RulePlan, StagePlan
from lifecycle.designing.checking import (
    COLOURS,
    LANGUAGES,
    LONGEST_NAME,
    LONGEST_SLUG,
    LONGEST_TEXT,
    MOST_STAY_DAYS,
    BadBlueprint,
)
from lifecycle.designing.file import MOST_BYTES, BadFile, decoded
from lifecycle.models import Kind, LifecycleModel
from lifecycle.models.labels import Labels, label_of
from lifecycle.presets import shipped

RESERVED = {"new", "presets", "choice"}  # words of addresses
TITLES = {
    "en": gettext_lazy("English"),
    "da": gettext_lazy("Danish"),
    "sv": gettext_lazy("Swedish"),
    "nl": gettext_lazy("Dutch"),
    "de": gettext_lazy("German"),
    "original": gettext_lazy("The guide's own word"),
}


class NamedForm(forms.Form):
    """A name in each language; `read` is the fingerprint of the draft that was looked at."""

    read = forms.CharField(widget=forms.HiddenInput, max_length=64)
    needs_name = True

    def __init__(self, data: Any = None, *, read: str = "", initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"read": read} | (initial or {}))
        for language in LANGUAGES:
            self.fields[f"name_{language}"] = forms.CharField(
                label=TITLES[language], max_length=LONGEST_NAME, required=False
            )

    @property
    def name_fields(self) -> list[forms.BoundField]:
        return [self[f"name_{language}"] for language in LANGUAGES]

    def labels(self) -> Labels:
        return _texts(self.cleaned_data, "name")

    def clean(self) -> dict[str, Any]:
        if self.needs_name and not self.errors and not self.labels():
            self.add_error("name_en", _("Give it a name in at least one language."))
        return self.cleaned_data

    def refuse(self, error: BadBlueprint) -> None:
        for fault in error.faults:
            self.add_error(None, fault.reason)

    def with_read(self, read: str) -> "NamedForm":
        """The same with what was typed, on top of what is there now."""
        if isinstance(self.data, QueryDict):
            self.data = _copied(self.data, read)
        return self


def _copied(data: QueryDict, read: str) -> QueryDict:
    data = data.copy()
    data["read"] = read
    return data


def named(labels: Labels, field: str = "name") -> dict[str, str]:
    return {f"{field}_{language}": text for language, text in labels.items()}


def _texts(values: dict[str, Any], field: str) -> Labels:
    found = {language: values.get(f"{field}_{language}", "").strip() for language in LANGUAGES}
    return {language: text for language, text in found.items() if text}


class StageForm(NamedForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("Stands first of all for"),
        choices=Kind,
        help_text=gettext_lazy("Its point on the axis that all models share."),
    )
    other_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Stands also for"),
        choices=Kind,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    colour = forms.TypedChoiceField(
        label=gettext_lazy("Colour"),
        coerce=int,
        choices=[(number, str(number)) for number in COLOURS],
        widget=forms.RadioSelect,
    )
    minimum_stay = forms.IntegerField(
        label=gettext_lazy("Minimum stay in days"),
        min_value=0,
        max_value=MOST_STAY_DAYS,
        initial=0,
        help_text=gettext_lazy("So many days a rule leaves a customer here. 0: it may move them on at once."),
    )
    is_initial = forms.BooleanField(label=gettext_lazy("Everybody enters here"), required=False)

    @classmethod
    def of(cls, plan: Blueprint, stage: StagePlan | None, read: str, data: Any = None) -> "StageForm":
        initial: dict[str, Any] = {"colour": min(len(plan.stages) + 1, COLOURS[-1]), "kind": Kind.ACTIVE}
        if stage:
            initial = {
                name: getattr(stage, name)
                for name in ("kind", "other_kinds", "colour", "minimum_stay", "is_initial")
            } | named(stage.labels)
        return cls(data, read=read, initial=initial)

    def stage(self, slug: str, before: StagePlan | None) -> StagePlan:
        values = self.cleaned_data
        others = tuple(kind for kind in values["other_kinds"] if kind != values["kind"])
        kept = before.other_kinds if before and set(before.other_kinds) == set(others) else others
        return StagePlan(
            slug,
            self.labels(),
            values["kind"],
            kept,
            values["colour"],
            before.icon if before else "",
            values["is_initial"],
            values["minimum_stay"],
        )


class RuleForm(NamedForm):
    needs_name = False
    stage = forms.ChoiceField(label=gettext_lazy("Belongs in the stage"))
    conditions = ConditionsField(label=gettext_lazy("A customer for whom this holds"))

    def __init__(self, plan: Blueprint, data: Any = None, *, read: str = "", initial: Any = None) -> None:
        super().__init__(data, read=read, initial=initial)
        self.plan = plan
        self.fields["conditions"].within = plan.slug  # type: ignore[attr-defined]
        stages: forms.ChoiceField = self.fields["stage"]  # type: ignore[assignment]
        stages.choices = [(stage.slug, str(stage)) for stage in plan.stages]

    @classmethod
    def of(cls, plan: Blueprint, rule: RulePlan | None, read: str, data: Any = None) -> "RuleForm":
        initial: dict[str, Any] = {}
        if rule:
            initial = {"stage": rule.stage, "conditions": rule.condition} | named(rule.labels)
        return cls(plan, data, read=read, initial=initial)

    def under_way(self) -> "RuleForm":
        """As it was sent, neither saved nor judged: somebody works on the conditions."""
        given = {name: self[name].data for name in self.fields}
        return RuleForm(self.plan, read=str(given["read"]), initial=given)

    def rule(self) -> RulePlan:
        return RulePlan(self.cleaned_data["stage"], self.labels(), self.cleaned_data["conditions"])


class ComponentForm(NamedForm):
    conditions = ConditionsField(label=gettext_lazy("Under way while this holds"))

    def __init__(self, plan: Blueprint, data: Any = None, *, read: str = "", initial: Any = None) -> None:
        super().__init__(data, read=read, initial=initial)
        self.plan = plan
        self.fields["conditions"].within = plan.slug  # type: ignore[attr-defined]

    @classmethod
    def of(
        cls, plan: Blueprint, component: ComponentPlan | None, read: str, data: Any = None
    ) -> "ComponentForm":
        initial: dict[str, Any] = {}
        if component:
            initial = {"conditions": component.condition} | named(component.labels)
        return cls(plan, data, read=read, initial=initial)

    def under_way(self) -> "ComponentForm":
        given = {name: self[name].data for name in self.fields}
        return ComponentForm(self.plan, read=str(given["read"]), initial=given)


class ModelNamesForm(NamedForm):
    def __init__(self, data: Any = None, *, read: str = "", initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, read=read, initial=initial)
        for language in LANGUAGES:
            self.fields[f"about_{language}"] = forms.CharField(
                label=TITLES[language],
                max_length=LONGEST_TEXT,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def about_fields(self) -> list[forms.BoundField]:
        return [self[f"about_{language}"] for language in LANGUAGES]

    @classmethod
    def of(cls, plan: Blueprint, read: str, data: Any = None) -> "ModelNamesForm":
        return cls(data, read=read, initial=named(plan.labels) | named(plan.description, "about"))

    def description(self) -> Labels:
        return _texts(self.cleaned_data, "about")


class NewModelForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST_NAME)
    slug = forms.SlugField(
        label=gettext_lazy("Key"),
        max_length=LONGEST_SLUG,
        required=False,
        help_text=gettext_lazy(
            "Stands in addresses, files and the API, and never changes. Left empty, it is made of the name."
        ),
    )
    start = forms.ChoiceField(label=gettext_lazy("Begin with"))

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        ready = [(f"preset:{slug}", label_of(preset.labels)) for slug, preset in shipped().items()]
        own = [(f"model:{model.slug}", str(model)) for model in LifecycleModel.objects.order_by("pk")]
        start: forms.ChoiceField = self.fields["start"]  # type: ignore[assignment]
        start.choices = [
            ("", _("One empty stage")),
            (_("A copy of a ready-made model"), ready),
            *([(_("A copy of a model in use"), own)] if own else []),
        ]
        start.required = False

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"].lower() or slug_for(self.cleaned_data.get("name", ""), ())
        if slug in RESERVED or LifecycleModel.objects.filter(slug=slug).exists():
            raise forms.ValidationError(_("There is a model with this key already. Choose another."))
        return slug


def slug_for(name: str, taken: Iterable[str], *, otherwise: str = "model") -> str:
    """A key made of a name, unlike those that are taken."""
    base = slugify(name)[: LONGEST_SLUG - 4].strip("-_") or otherwise
    known, number, slug = set(taken), 2, base
    while slug in known:
        slug, number = f"{base}-{number}", number + 1
    return slug


class MovesForm(forms.Form):
    """A choice for each move between two stages, for one source."""

    read = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, plan: Blueprint, source: str, read: str, data: Any = None) -> None:
        super().__init__(data, initial={"read": read})
        self.plan, self.source = plan, source
        present = {
            (move.from_stage, move.to_stage): move.policy for move in plan.moves if move.source == source
        }
        for one in plan.stages:
            for other in plan.stages:
                if one != other:
                    self.fields[_move(one, other)] = _move_field(
                        one, other, present.get((one.slug, other.slug), ""), source
                    )

    def rows(self) -> Sequence[tuple[StagePlan, list[forms.BoundField | None]]]:
        stages = self.plan.stages
        return [
            (one, [None if one == other else self[_move(one, other)] for other in stages]) for one in stages
        ]

    def policies(self) -> dict[tuple[str, str], str]:
        stages = self.plan.stages
        return {
            (one.slug, other.slug): self.cleaned_data[_move(one, other)]
            for one in stages
            for other in stages
            if one != other
        }


def _move(one: StagePlan, other: StagePlan) -> str:
    return f"move.{one.slug}.{other.slug}"


def _move_field(one: StagePlan, other: StagePlan, policy: str, source: str) -> forms.ChoiceField:
    label = _("From %(from)s to %(to)s") % {"from": one, "to": other}
    with_reason = [] if source == "rule" else [("with_reason", _("With a reason"))]
    choices = [("", _("Allowed")), *with_reason, ("forbidden", _("Forbidden"))]
    widget = forms.Select(attrs={"aria-label": label})
    return forms.ChoiceField(label=label, choices=choices, initial=policy, required=False, widget=widget)


class FileForm(forms.Form):
    """A file to upload, or its text; after a look at it the text stays in the form."""

    read = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    upload = forms.FileField(label=gettext_lazy("File"), required=False, allow_empty_file=True)
    content = forms.CharField(
        label=gettext_lazy("Or its text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "font-mono"}),
    )

    def __init__(self, data: Any = None, files: Any = None, *, read: str = "") -> None:
        super().__init__(data, files, initial={"read": read})

    def clean(self) -> dict[str, Any]:
        upload = self.cleaned_data.get("upload")
        if upload is not None and upload.size > MOST_BYTES:
            self.add_error("upload", _("The file is larger than 1 MB; a model is a few kilobytes."))
        elif upload is not None:
            try:
                self.cleaned_data["content"] = decoded(upload.read())
            except BadFile as error:
                self.add_error("upload", str(error))
        elif not self.errors and not self.cleaned_data.get("content"):
            self.add_error("upload", _("Choose a file, or paste its text."))
        return self.cleaned_data

    def text(self) -> str:
        # forms send line breaks as CRLF
        return str(self.cleaned_data["content"]).replace("\r\n", "\n")

    def show(self, text: str, *, read: str | None = None) -> None:
        """What is shown again: the text that was read, and the fingerprint of the draft it was compared with."""
        self.data = {"content": text, "read": self.data.get("read", "") if read is None else read}
