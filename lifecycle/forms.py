from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifecycle.conditions import KnownStages
from lifecycle.designing.blueprint import key_of
from lifecycle.designing.checking import Faulty
from lifecycle.designing.versions import read_whole
from lifecycle.drafting import Setting, Test, fingerprint, sentence_of, tests_of, with_numbers
from lifecycle.models import ModelVersion, Rule, Stage, VersionStage

MOST_STAY_DAYS = 3650
MOST_HOLD_DAYS = 365


@dataclass(frozen=True)
class TestFields:
    """A test of a rule with its form fields; `also_in` names the other rules with the very same test."""

    sentence: str
    fields: list[forms.BoundField]
    also_in: list[str]


@dataclass(frozen=True)
class RuleFields:
    rule: Rule
    sentence: str
    tests: list[TestFields]
    key: int
    fault: str


@dataclass(frozen=True)
class StayField:
    stage: Stage
    field: forms.BoundField


class NumbersForm(forms.Form):
    """The numbers of a version: a field for each in each test of each rule, and each stage's minimum stay."""

    read = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(
        self, version: ModelVersion, data: Any = None, *, read: str = "", faulty: Iterable[Faulty] = ()
    ) -> None:
        super().__init__(data)
        self.version = version
        self.faults = {one.rule: one.reason for one in faulty}
        whole = copy(version)
        read_whole(whole)
        self.rules: list[Rule] = list(whole.rules.all())
        self.uses: list[VersionStage] = list(whole.stage_uses.all())
        self.known = KnownStages(version.model.slug, [use.stage for use in self.uses])
        self.tests: dict[Rule, list[Test]] = {
            rule: tests_of(rule.condition, self.known) for rule in self.rules
        }
        self.initial["read"] = read or fingerprint(version)
        for rule in self.rules:
            for place, test in enumerate(self.tests[rule]):
                for setting in test.settings:
                    self.fields[_name(rule, place, setting)] = _number_field(setting)
        for use in self.uses:
            self.fields[f"stay-{use.stage_id}"] = _stay_field(use)

    def clean(self) -> dict[str, Any]:
        for rule in self.rules:
            for place, _test in enumerate(self.tests[rule]):
                self._check_span(f"rule-{key_of(rule, rule.version)}-{place}-")
        return self.cleaned_data

    def _check_span(self, prefix: str) -> None:
        least, most = (self.cleaned_data.get(f"{prefix}{name}") for name in ("at_least", "at_most"))
        if least is not None and most is not None and most < least:
            self.add_error(
                f"{prefix}at_most", _("Is at least the lower number, %(least)s.") % {"least": least}
            )

    def rule_fields(self) -> Iterator[RuleFields]:
        for rule in self.rules:
            tests = [self._test_fields(rule, place, test) for place, test in enumerate(self.tests[rule])]
            key = key_of(rule, self.version)
            yield RuleFields(
                rule, sentence_of(rule.condition, self.known), tests, key, self.faults.get(key, "")
            )

    def _test_fields(self, rule: Rule, place: int, test: Test) -> TestFields:
        also_in = [
            str(other)
            for other in self.rules
            if other != rule and any(test.sentence == same.sentence for same in self.tests[other])
        ]
        return TestFields(
            test.sentence, [self[_name(rule, place, setting)] for setting in test.settings], also_in
        )

    def stay_fields(self) -> list[StayField]:
        return [StayField(use.stage, self[f"stay-{use.stage_id}"]) for use in self.uses]

    def conditions(self) -> dict[int, Any]:
        """The rules' conditions with the numbers given, by the rule's key."""
        return {key_of(rule, self.version): self._condition(rule) for rule in self.rules}

    def _condition(self, rule: Rule) -> Any:
        condition = rule.condition
        for place, test in enumerate(self.tests[rule]):
            numbers = {
                setting.name: number
                for setting in test.settings
                if (number := self.cleaned_data[_name(rule, place, setting)]) != setting.value
            }
            condition = with_numbers(condition, test.path, numbers) if numbers else condition
        return condition

    def stays(self) -> dict[int, int]:
        return {use.stage_id: self.cleaned_data[f"stay-{use.stage_id}"] for use in self.uses}


def _name(rule: Rule, place: int, setting: Setting) -> str:
    return f"rule-{key_of(rule, rule.version)}-{place}-{setting.name}"


def _number_field(setting: Setting) -> forms.Field:
    kind = forms.DecimalField if setting.is_decimal else forms.IntegerField
    return kind(
        label=setting.label.capitalize(),
        initial=setting.value,
        min_value=setting.minimum,
        max_value=setting.maximum,
    )


def _stay_field(use: VersionStage) -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Minimum stay in %(stage)s, in days") % {"stage": use.stage},
        initial=use.minimum_stay_days,
        min_value=0,
        max_value=MOST_STAY_DAYS,
    )


class MoveForm(forms.Form):
    stage = forms.ModelChoiceField(
        Stage.objects.none(), label=gettext_lazy("Move to"), empty_label=gettext_lazy("Choose a stage")
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Shown in the customer's history."),
    )
    hold = forms.IntegerField(
        label=gettext_lazy("Hold for days"),
        min_value=0,
        max_value=MOST_HOLD_DAYS,
        initial=7,
        help_text=gettext_lazy("So long no rule moves the customer on."),
    )

    def __init__(self, version: ModelVersion, data: Any = None, *, away_from: Stage | None = None) -> None:
        super().__init__(data, prefix="move")
        used = Stage.objects.filter(pk__in=version.stage_uses.values("stage"))
        stages: forms.ModelChoiceField[Stage] = self.fields["stage"]  # type: ignore[assignment]
        stages.queryset = used.exclude(pk=away_from.pk) if away_from else used

    def hold_time(self) -> timedelta:
        return timedelta(days=self.cleaned_data["hold"])
