"""Countries by their names in the reader's language."""

from babel import Locale
from django.utils.translation import get_language, to_locale

from customers.intake.countries import COUNTRIES


def country_choices() -> list[tuple[str, str]]:
    """(code, name), by name."""
    names = Locale.parse(to_locale(get_language() or "en")).territories
    return sorted(
        ((code, names.get(code, code)) for code in set(COUNTRIES.values())), key=lambda pair: pair[1]
    )
