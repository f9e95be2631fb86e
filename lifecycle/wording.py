"""The texts of a journey map in the reader's language: the company's own words, else what we ship, else what there is."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from lifecycle.models import Touchpoint
from lifecycle.usual_journeys import SHIPPED

BASE = "en"  # the language of what is kept in the columns themselves
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
TEXTS = ("thoughts", "feelings", "pain_points", "actions", "playbook")
WORDED = (*TEXTS, "touchpoints")
Wordings = Mapping[str, Mapping[str, Any]]


def reader() -> str:
    """The language of whoever looks, of those that texts can be written in."""
    language = (translation.get_language() or BASE).partition("-")[0]
    return language if language in LANGUAGES else BASE


def said(base: Mapping[str, Any], wordings: Wordings, language: str) -> dict[str, Any]:
    """Each text in a language. `base` has them all as the columns do."""
    own = wordings.get(language, {})
    return {name: own.get(name) or _unworded(base[name], wordings, name, language) for name in WORDED}


def _unworded(base: Any, wordings: Wordings, name: str, language: str) -> Any:
    if base:
        return shipped_in(base, language)
    others = (wordings.get(other, {}).get(name) for other in LANGUAGES)
    return base if language == BASE else next(filter(None, others), base)


def shipped_in(value: Any, language: str) -> Any:
    """Translates what we ship, and leaves alone what the company wrote."""
    with translation.override(language):
        if isinstance(value, str):
            return _ours(value)
        return [Touchpoint(channel=_ours(one["channel"]), what=_ours(one["what"])) for one in value]


def _ours(text: str) -> str:
    return gettext(text) if text in SHIPPED else text


def own_words(
    given: Mapping[str, Any], base: Mapping[str, Any], wordings: Wordings, language: str
) -> dict[str, dict[str, Any]]:
    """The wordings with those given for a language: only what would not be said without."""
    without = {code: dict(words) for code, words in wordings.items() if code != language}
    else_said = said(base, without, language)
    words = {name: _plain(given[name]) for name in WORDED if given[name]}
    return without | {
        language: {name: text for name, text in words.items() if text != _plain(else_said[name])}
    }


def _plain(value: Sequence[Touchpoint] | str) -> Any:
    return value if isinstance(value, str) else list(value)
