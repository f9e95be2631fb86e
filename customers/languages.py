"""Languages by their names in the reader's language."""

import re

from babel import Locale
from django.utils.translation import get_language, to_locale

from customers.models import Customer

_CODE = re.compile(r"([A-Za-z]{2,3})(?:[_-][A-Za-z0-9]{2,6})?")
NEWEST = 2_000


def language_choices() -> list[tuple[str, str]]:
    """(code, name), by name: those of two letters, and others that the newest customers have."""
    codes = {code for code in _names() if len(code) == 2}
    newest = Customer.objects.order_by("-pk").values_list("language", flat=True)[:NEWEST]
    codes |= set(newest) - {""}
    return sorted(((code, language_name(code)) for code in codes), key=lambda pair: pair[1].casefold())


def is_language(code: str) -> bool:
    """Of two or three letters that stand for one, perhaps with a country (da, en-GB); or what a customer has, brought so."""
    found = _CODE.fullmatch(code)
    is_known = found is not None and found[1].lower() in _names()
    return is_known or bool(code and Customer.objects.filter(language=code).exists())


def language_name(code: str) -> str:
    names = _names()
    named = names.get(code.replace("-", "_")) or names.get(code.lower())
    return named or code


def _names() -> dict[str, str]:
    return dict(Locale.parse(to_locale(get_language() or "en")).languages)
