"""What a person fills in at an import."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.days import zones
from clm.base.money import CURRENCIES
from customers.custom_fields.known import in_use
from customers.importing.encodings import ENCODINGS
from customers.importing.mapping import Mapped
from customers.importing.setup import Setup
from customers.intake.batch import Mode
from customers.intake.dates import DateFormat
from customers.intake.kinds import Kind
from customers.models import Import

SEPARATORS = [
    ("comma", gettext_lazy("Comma")),
    ("semicolon", gettext_lazy("Semicolon")),
    ("tab", gettext_lazy("Tab")),
    ("pipe", gettext_lazy("Vertical bar")),
    ("spaces", gettext_lazy("Runs of spaces")),
]
DECIMAL_MARKS = [(".", gettext_lazy("Point: 1,234.56")), (",", gettext_lazy("Comma: 1.234,56"))]
OWN = "own"


class NewImportForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What is in the file"))
    source = forms.SlugField(
        label=gettext_lazy("Source"),
        max_length=64,
        help_text=gettext_lazy(
            "The system that the file comes from, such as “shop”. Ids are compared within one source: give the same name again next time."
        ),
    )
    file = forms.FileField(label=gettext_lazy("File"), allow_empty_file=True)

    def offer(self, kinds: Iterable[Kind]) -> None:
        cast("forms.ChoiceField", self.fields["kind"]).choices = [
            (kind.name, kind.label) for kind in kinds if kind.by_file
        ]


class KeepMappingForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    is_shared = forms.BooleanField(
        label=gettext_lazy("For everybody who imports"), required=False, initial=True
    )


class ReadingForm(forms.Form):
    """A workbook says by itself how its text is written; what is asked is the sheet."""

    sheet = forms.TypedChoiceField(label=gettext_lazy("Sheet"), coerce=int)
    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"))
    separator = forms.ChoiceField(label=gettext_lazy("Columns are separated by"), choices=SEPARATORS)
    has_header = forms.BooleanField(label=gettext_lazy("The first line names the columns"), required=False)

    def __init__(self, *args: Any, run: Import, **kwargs: Any) -> None:
        initial = {"encoding": run.encoding, "separator": run.separator, "has_header": run.has_header}
        initial["sheet"] = run.options.get("sheet", 0)
        super().__init__(*args, **{"initial": initial, **kwargs})
        if sheets := run.options.get("sheets"):
            del self.fields["encoding"], self.fields["separator"]
            self.fields["sheet"].choices = list(enumerate(sheets))  # type: ignore[attr-defined]
        else:
            del self.fields["sheet"]
            names = dict.fromkeys([run.encoding, *ENCODINGS])
            self.fields["encoding"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]


class DecisionsForm(forms.Form):
    """One choice for every column, and how its values are written."""

    source = forms.SlugField(label=gettext_lazy("Source"), max_length=64)
    date_format = forms.ChoiceField(label=gettext_lazy("Dates are written as"), required=False)
    zone = forms.ChoiceField(label=gettext_lazy("Times without a zone are of"))
    decimal_mark = forms.ChoiceField(label=gettext_lazy("Decimals come after a"), required=False)
    currency = forms.ChoiceField(label=gettext_lazy("Currency of amounts without one"), required=False)
    country = forms.CharField(
        label=gettext_lazy("Country of phone numbers without a code"),
        max_length=2,
        required=False,
        help_text=gettext_lazy("Two letters, such as DK."),
    )
    mode = forms.ChoiceField(label=gettext_lazy("What it may do"), choices=Mode.choices, required=False)
    match = forms.ChoiceField(label=gettext_lazy("Customers are found by"), required=False)
    encoding_confirmed = forms.BooleanField(
        label=gettext_lazy("I have looked at the letters below, and they are right"), required=False
    )

    def __init__(self, *args: Any, setup: Setup, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"source": setup.run.source, **setup.run.options}, **kwargs})
        self.setup = setup
        self._offer("date_format", [("", _("Choose…")), *DateFormat.choices])
        unsure = [("", _("Choose…"))] if not setup.run.options.get("decimal_mark") else []
        self._offer("decimal_mark", [*unsure, *DECIMAL_MARKS])
        self._offer("zone", [(name, name) for name in zones()])
        self._offer("currency", [("", _("None")), *((code, code) for code in sorted(CURRENCIES))])
        if setup.shape.is_encoding_sure:
            del self.fields["encoding_confirmed"]
        self._offer_choices(setup.kind)
        by_place = {place: name for name, place in setup.mapping.items()}
        for place, column in enumerate(setup.columns):
            self.fields[f"column-{place}"] = _column_field(setup.kind, column, by_place.get(place, ""))

    def _offer_choices(self, kind: Kind) -> None:
        if not kind.modes:
            del self.fields["mode"]
        if not kind.matches:
            del self.fields["match"]
        else:
            named = [(name, kind.by_name[name].label) for name in kind.matches]
            self._offer("match", [("", _("Whatever names them")), *named])

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"column-{place}"] for place in range(len(self.setup.columns))]

    @property
    def option_fields(self) -> list[forms.BoundField]:
        return [field for field in self if not field.name.startswith("column-")]

    def clean(self) -> None:
        """A field is filled from one column only."""
        used: dict[str, str] = {}
        for place, column in enumerate(self.setup.columns):
            chosen = self.cleaned_data.get(f"column-{place}", "")
            if chosen and chosen != OWN and chosen in used:
                self.add_error(
                    f"column-{place}", _("“%(first)s” is that field already.") % {"first": used[chosen]}
                )
            used.setdefault(chosen, column)

    def mapping(self) -> Mapped:
        mapped: Mapped = {}
        for place, column in enumerate(self.setup.columns):
            chosen = self.cleaned_data.get(f"column-{place}", "")
            if chosen:
                mapped[f"{self.setup.kind.own}.{column[:60]}" if chosen == OWN else chosen] = place
        return mapped

    def options(self) -> dict[str, Any]:
        names = ["date_format", "zone", "decimal_mark", "currency", "country", "encoding_confirmed"]
        names += [name for name in ("mode", "match") if name in self.fields]
        given = {name: self.cleaned_data.get(name, "") for name in names}
        return given | {"country": given["country"].upper()}


def _column_field(kind: Kind, column: str, chosen: str) -> forms.ChoiceField:
    choices: list[tuple[str, Any]] = [("", _("Leave out"))]
    choices += [(field.name, field.label) for field in kind.fields if field.name != kind.own]
    if kind.own:
        choices.append((OWN, _("Keep under its own name")))
    defined = {one.name: one for one in in_use()} if kind.own == "fields" else {}
    choices += [(name, one.label) for name, one in defined.items()]
    if not chosen:
        spelled = column.strip().casefold()
        own = (name for name, one in defined.items() if spelled in (one.key.casefold(), one.label.casefold()))
        chosen = next(own, "")
    initial = OWN if kind.own and chosen.startswith(f"{kind.own}.") and chosen not in defined else chosen
    return forms.ChoiceField(label=column, choices=choices, initial=initial, required=False)
