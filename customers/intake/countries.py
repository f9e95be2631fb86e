"""Country codes by their English names."""

from babel import Locale

COUNTRIES: dict[str, str] = {
    str(name).casefold(): str(code)
    for code, name in Locale("en").territories.items()
    if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ")
}
CODES = frozenset(COUNTRIES.values())
