"""Numbers as people type them, in their language or another."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from clm.base.typed_numbers import TypedDecimalField


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        ("en", "4000.50", "4000.5"),
        ("en", "4,000.50", "4000.5"),
        ("en", "4,000", "4000"),
        ("en", "4000,50", "4000.5"),
        ("en", "1,000,000", "1000000"),
        ("de", "4000,50", "4000.5"),
        ("de", "4.000,50", "4000.5"),
        ("de", "4.000", "4000"),
        ("de", "4000.50", "4000.5"),
        ("de", "1.234.567,8", "1234567.8"),
        ("da", "12,345", "12.345"),
        ("sv", "4\u00a0000,50", "4000.5"),
        ("nl", " 4000 ", "4000"),
        ("en", "0.125", "0.125"),
        ("en", "-2", "-2"),
    ],
)
def test_a_number_is_what_was_meant_and_shown_so_that_it_is_read_again(language, typed, meant):
    field = TypedDecimalField()
    with translation.override(language):
        read = field.clean(typed)

        assert read is not None
        assert f"{read.normalize():f}" == meant
        assert field.clean(field.prepare_value(read)) == read


@pytest.mark.parametrize("typed", ["much", "1.2.3,4,5", "4..5", "1,2.3,4", "NaN"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(ValidationError):
        TypedDecimalField().clean(typed)
