"""Forms with lines: the tests of an ideal profile, the events that give points."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.base.conditions.fields import ConditionsField, is_being_built, is_untouched
from clm.base.conditions.sketch import Sketch
from clm.base.tomorrow import has_begun
from customers.models import IdealProfile, Scoring, Threshold
from customers.scoring.keeping import HEAVIEST, MOST_SIGNALS, MOST_TESTS, MOST_TIMES

USUAL_WEIGHT = 10


class _Refusable(forms.Form):
    read = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)

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


class TestLine(NamedTuple):
    number: int
    weight: forms.BoundField
    test: forms.BoundField


class ProfileForm(_Refusable):
    """Name and tests; each line has a weight and conditions. A line without either is no line."""

    lines = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_TESTS)
    name = forms.CharField(label=_("Name"), max_length=100)
    description = forms.CharField(
        label=_("Description"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    is_active = forms.BooleanField(label=_("Customers are held against it"), required=False, initial=True)

    def __init__(self, data: Any = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"lines": 3} | dict(initial or {}))
        self.count = _count(data.get("lines") if data is not None else self.initial["lines"])
        for number in range(self.count):
            self.fields[f"weight_{number}"] = forms.IntegerField(
                label=_("Weight"),
                min_value=-HEAVIEST,
                max_value=HEAVIEST,
                required=False,
                initial=USUAL_WEIGHT,
            )
            self.fields[f"test_{number}"] = ConditionsField(label=_("Test"), required=False)

    @classmethod
    def of(cls, profile: IdealProfile, data: Any = None) -> "ProfileForm":
        initial = {name: getattr(profile, name) for name in ("name", "description", "is_active")}
        tests = [(test["weight"], test["conditions"]) for test in profile.tests]
        return cls(data, initial=initial | lines_of(tests) | {"read": profile.changed_at.isoformat()})

    @classmethod
    def under_way(cls, data: Any) -> "ProfileForm":
        """As it was sent, neither saved nor judged, with a line more or less where that was asked for."""
        sent = cls(data)
        initial = {name: sent[name].data for name in ("read", "name", "description", "is_active")}
        tests = [(line.weight.data, line.test.data) for line in sent.test_lines()]
        gone = str(data.get("remove-line", ""))
        tests = [test for number, test in enumerate(tests) if str(number) != gone]
        if "add-line" in data or not tests:
            tests.append((USUAL_WEIGHT, None))
        return cls(initial=initial | lines_of(tests[:MOST_TESTS]))

    def test_lines(self) -> list[TestLine]:
        return [TestLine(n, self[f"weight_{n}"], self[f"test_{n}"]) for n in range(self.count)]

    @property
    def takes_more(self) -> bool:
        return self.count < MOST_TESTS

    def clean(self) -> dict[str, Any]:
        for number in range(self.count):
            weight, test = self.cleaned_data.get(f"weight_{number}"), self.cleaned_data.get(f"test_{number}")
            if test and not weight and f"weight_{number}" not in self.errors:
                self.add_error(
                    f"weight_{number}", _("Give it a weight: above 0 speaks for a customer, below 0 against.")
                )
        if not self.errors and not self.tests():
            self.add_error(None, _("Add at least one test."))
        return self.cleaned_data

    def tests(self) -> list[dict[str, Any]]:
        given = (
            (self.cleaned_data[f"weight_{n}"], self.cleaned_data[f"test_{n}"]) for n in range(self.count)
        )
        return [{"weight": weight, "conditions": test} for weight, test in given if test]

    def values(self) -> dict[str, Any]:
        kept = ("name", "description", "is_active")
        return {name: self.cleaned_data[name] for name in kept} | {"tests": self.tests()}


def is_under_way(data: Mapping[str, Any]) -> bool:
    """Sent to work on its lines, and not to be saved."""
    numbers = range(_count(data.get("lines")))
    return bool({"add-line", "remove-line"} & set(data)) or any(
        is_being_built(data, f"test_{number}") for number in numbers
    )


def lines_of(tests: list[tuple[Any, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"lines": max(len(tests), 1)}
    for number, (weight, test) in enumerate(tests):
        shown = None if isinstance(test, Sketch) and is_untouched(test) else test
        found |= {f"weight_{number}": weight, f"test_{number}": shown}
    return found


def _count(lines: Any) -> int:
    text = str(lines)
    return min(max(int(text), 1), MOST_TESTS) if text.isascii() and text.isdigit() and len(text) < 5 else 1


class SignalLine(NamedTuple):
    number: int
    fields: list[forms.BoundField]


class InterestForm(_Refusable):
    """What gives points, how quickly they fade, and where the classes begin."""

    half_life_days = forms.IntegerField(
        label=_("Points halve every so many days"), min_value=1, max_value=730, initial=30
    )
    fit_a = forms.IntegerField(label=_("A from"), min_value=1, max_value=100)
    fit_b = forms.IntegerField(label=_("B from"), min_value=1, max_value=100)
    fit_c = forms.IntegerField(label=_("C from"), min_value=1, max_value=100)
    interest_1 = forms.IntegerField(label=_("1 from"), min_value=1, max_value=10_000)
    interest_2 = forms.IntegerField(label=_("2 from"), min_value=1, max_value=10_000)
    interest_3 = forms.IntegerField(label=_("3 from"), min_value=1, max_value=10_000)

    BLANK = 3
    PARTS = ("event", "points", "most", "property", "is_value")

    def __init__(self, scoring: Scoring, data: Any = None) -> None:
        plain = [name for name in type(self).base_fields if name != "read"]
        initial = {name: getattr(scoring, name) for name in plain} | {"read": scoring.changed_at.isoformat()}
        self.count = min(len(scoring.signals) + self.BLANK, MOST_SIGNALS)
        for number, signal in enumerate(scoring.signals):
            initial |= {f"{part}_{number}": signal.get(part, "") for part in self.PARTS}
        super().__init__(data, initial=initial)
        for number in range(self.count):
            self.fields |= self._line(number)

    def _line(self, number: int) -> dict[str, forms.Field]:
        return {
            f"event_{number}": forms.CharField(
                label=_("Event"),
                max_length=100,
                required=False,
                widget=forms.TextInput(attrs={"list": "event-names"}),
            ),
            f"points_{number}": forms.IntegerField(
                label=_("Points"), min_value=-HEAVIEST, max_value=HEAVIEST, required=False
            ),
            f"most_{number}": forms.IntegerField(
                label=_("Counted at most"), min_value=1, max_value=MOST_TIMES, required=False
            ),
            f"property_{number}": forms.CharField(label=_("Property"), max_length=100, required=False),
            f"is_value_{number}": forms.CharField(label=_("Property is"), max_length=100, required=False),
        }

    def signal_lines(self) -> list[SignalLine]:
        return [SignalLine(n, [self[f"{part}_{n}"] for part in self.PARTS]) for n in range(self.count)]

    def clean(self) -> dict[str, Any]:
        for number in range(self.count):
            event, points = (
                self.cleaned_data.get(f"event_{number}"),
                self.cleaned_data.get(f"points_{number}"),
            )
            if event and not points and f"points_{number}" not in self.errors:
                self.add_error(f"points_{number}", _("Say how many points it gives."))
            if points and not event:
                self.add_error(f"event_{number}", _("Say which event."))
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        signals = [
            self._signal(number) for number in range(self.count) if self.cleaned_data[f"event_{number}"]
        ]
        plain = [name for name in type(self).base_fields if name != "read"]
        return {name: self.cleaned_data[name] for name in plain} | {"signals": signals}

    def _signal(self, number: int) -> dict[str, Any]:
        given = {part: self.cleaned_data[f"{part}_{number}"] for part in self.PARTS}
        return given | {"most": given["most"] or 10}


class AsOfForm(forms.Form):
    day = forms.DateField(
        label=_("As of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[has_begun],
    )

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if day and not 1900 <= day.year <= 2999:
            raise ValidationError(_t("Choose a day between 1900 and 2999."))
        return day


class ThresholdForm(_Refusable, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Threshold
        fields = ("name", "fit", "interest", "action", "owner", "again_after_days", "is_active")
        help_texts: ClassVar = {
            "owner": _("Nobody: the assignment rules choose."),
            "again_after_days": _("Who fell below and comes back sooner is left alone."),
        }

    @classmethod
    def of(cls, threshold: Threshold, data: Any = None) -> "ThresholdForm":
        return cls(data, instance=threshold, initial={"read": threshold.changed_at.isoformat()})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = User.objects.filter(is_active=True).order_by("name")
        self.fields["owner"].queryset = active  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """The verb judges the row."""

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
