"""What names a customer, in the one spelling that is compared and kept."""

import re
from functools import lru_cache

import phonenumbers
from django.utils.translation import gettext as _

_E164 = re.compile(r"\+[1-9]\d{7,14}")
_BETWEEN_DIGITS = re.compile(r"[\s().\-/]")
_LOCAL_PART = re.compile(r"[^\s\x00-\x20\x7f\"(),:;<>@\[\\\]]{1,64}")
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class NotAnIdentity(ValueError):
    """The text can't name a customer; the message says why and what would."""


def normalise_email(text: str) -> str:
    """Lower case, no surrounding space, the domain in its ASCII form. Raises NotAnIdentity."""
    local, _at, domain = text.strip().lower().rpartition("@")
    ascii_domain = domain if domain.isascii() else _idna(domain)
    if (
        not _LOCAL_PART.fullmatch(local)
        or not _DOMAIN.fullmatch(ascii_domain)
        or len(local) + len(ascii_domain) > 253
    ):
        raise NotAnIdentity(_("“%(text)s” is not a valid e-mail address.") % {"text": text[:100]})
    return f"{local}@{ascii_domain}"


def normalise_phone(text: str, *, country: str = "") -> str:
    """E.164, such as +4512345678. `country` is that of numbers written without one. Raises NotAnIdentity."""
    if _E164.fullmatch(text):
        return text
    written = _BETWEEN_DIGITS.sub("", text)
    international = "+" + written[2:] if written.startswith("00") else written
    if _E164.fullmatch(international):
        return international
    return _national(text, country)


def _idna(domain: str) -> str:
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return ""


@lru_cache(maxsize=10_000)
def _national(text: str, country: str) -> str:
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise NotAnIdentity(
            _("“%(text)s” is not a phone number. Write it with its country code, such as +45 12 34 56 78.")
            % {"text": text[:50]}
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
