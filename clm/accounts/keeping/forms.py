"""Shape of how long things are kept, as an administrator sets it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clm.accounts.keeping.lengths import BOOKKEEPING, MOST_YEARS, NAMES, Lengths, lengths
from clm.accounts.models import Organisation
from clm.accounts.stale import Read
from clm.base.kept import LONGEST, all_kept


class RetentionForm(forms.Form):
    """One number for each thing that is kept; empty is for ever."""

    expected = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    bookkeeping_years = forms.IntegerField(
        label=_("Years of bookkeeping"),
        min_value=1,
        max_value=MOST_YEARS,
        help_text=_("Who ordered in these years is never erased for want of activity."),
    )

    def __init__(self, data: Mapping[str, Any] | None, organisation: Organisation) -> None:
        initial = lengths(organisation) | {
            "expected": Read.of(organisation, NAMES).mark,
            BOOKKEEPING: organisation.bookkeeping_years,
        }
        super().__init__(data, initial=initial)
        for kept in all_kept():
            self.fields[kept.name] = forms.IntegerField(
                label=str(kept.label), required=False, min_value=kept.least, max_value=LONGEST
            )

    def wanted(self) -> Lengths:
        return {kept.name: self.cleaned_data[kept.name] for kept in all_kept()}

    def read(self) -> Read:
        return Read(NAMES, self.cleaned_data["expected"])

    def take(self, refusal: ValidationError) -> None:
        for name, reasons in refusal.message_dict.items():
            self.add_error(name if name in self.fields else None, reasons)
