import pytest

from customers.identities import NotAnIdentity, normalise_email, normalise_phone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Ada@Example.COM ", "ada@example.com"),
        ("ü@exämple.dk", "ü@xn--exmple-cua.dk"),
        ("first.last+tag@sub.example.co.uk", "first.last+tag@sub.example.co.uk"),
        ("o'brien@example.ie", "o'brien@example.ie"),
    ],
)
def test_an_address_has_one_spelling(text, expected):
    assert normalise_email(text) == expected


@pytest.mark.parametrize(
    "text", ["", "a@b", "@example.com", "ada", "a b@example.com", "a@b.com\nBcc: x@y.com", "a@-x.com", "a@x..com", "a" * 65 + "@b.com", "a@b@c.com", "a@" + "x" * 64 + ".com", "a\x00@b.com"]
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(NotAnIdentity):
        normalise_email(text)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("+45 12 34 56 78", "", "+4512345678"),
        ("004512345678", "", "+4512345678"),
        ("12 34 56 78", "DK", "+4512345678"),
        ("(020) 7946-0958", "GB", "+442079460958"),
    ],
)
def test_a_phone_number_has_one_spelling(text, country, expected):
    assert normalise_phone(text, country=country) == expected


@pytest.mark.parametrize("text", ["", "call me", "12345678", "+", "+0", "1" * 40])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(NotAnIdentity):
        normalise_phone(text)
