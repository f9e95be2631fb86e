"""Languages by their names in the reader's language."""

import re
from functools import cache

from babel import Locale
from babel.core import get_global
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.translation import get_language, to_locale

from customers.models import Customer

_CODE = re.compile(r"([A-Za-z]{2,3})(?:[_-]([A-Za-z0-9]{2,4}))?")
NEWEST = 2_000


def language_choices() -> list[tuple[str, str]]:
    """(code, name), by name: those of two letters, and other languages that the newest customers have."""
    codes = {code for code in _names() if len(code) == 2}
    newest = Customer.objects.order_by("-pk").values_list("language", flat=True)[:NEWEST]
    codes |= {text for text in set(newest) if is_language(text)}
    return sorted(((code, language_name(code)) for code in codes), key=lambda pair: pair[1].casefold())


def is_language(text: str) -> bool:
    """A code, perhaps with a country or a script (da, dan, en-GB, sr_Latn), or a name (Danish, dansk).

    Not by what customers have: a file may have brought anything in that column, for the eyes of few.
    """
    found = _CODE.fullmatch(text)
    if found and found[1].lower() in _codes():
        return found[2] is None or found[2].lower() in _places_and_scripts()
    return text.casefold() in _all_names()


def language_name(code: str) -> str:
    names, short = _names(), code.lower()
    named = names.get(code.replace("-", "_")) or names.get(short) or names.get(_other_codes().get(short, ""))
    return named or code


def _names() -> dict[str, str]:
    return dict(Locale.parse(to_locale(get_language() or "en")).languages)


def _other_codes() -> dict[str, str]:
    """The usual code for others of the same language: da for dan."""
    return dict(get_global("language_aliases"))


@cache
def _codes() -> set[str]:
    return {*Locale("en").languages, *_other_codes()}


@cache
def _places_and_scripts() -> set[str]:
    english = Locale("en")
    known = {*english.territories, *english.scripts, *get_global("territory_aliases")}
    return {code.lower() for code in known}


@cache
def _all_names() -> set[str]:
    """As one of our languages calls them, or they themselves; for comparing."""
    ours = {name for code, _name in settings.LANGUAGES for name in Locale.parse(code).languages.values()}
    own = {str(info["name_local"]) for info in LANG_INFO.values() if "name_local" in info}
    return {name.casefold() for name in ours | own}
