"""The domain of a company: one reading for forms, the API and files."""

import pytest

from customers.domains import domain_of


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("engines.example", "engines.example"),
        (" HTTPS://www.Engines.example:8080/about?x=1 ", "engines.example"),
        ("ada@www.engines.example", "engines.example"),
        ("ftp://engines.example.", "engines.example"),
        ("køb.example", "xn--kb-lka.example"),
        ("engines", ""),
        ("engines..example", ""),
        ("engines.example-", ""),
        ("10.0.0.1", ""),
        ("a" * 250 + ".example", ""),
        ("", ""),
    ],
)
def test_a_domain_is_read_however_it_is_written(text: str, domain: str) -> None:
    assert domain_of(text) == domain
