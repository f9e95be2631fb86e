"""In which language a customer is written to: theirs, else the organisation's, else any there is."""

from collections.abc import Iterable
from typing import TypeVar

from campaigns.rendering.mail import Text
from clm.accounts.models import Organisation
from customers.models import Customer

T = TypeVar("T", bound=Text)


def chosen(texts: Iterable[T], *, customer: Customer | None, organisation: Organisation) -> T | None:
    """None only when there are no texts. "da-DK" is served by "da"."""
    by_language = {text.language: text for text in sorted(texts, key=lambda text: str(text.language))}
    wanted = [customer.language if customer else "", *organisation.languages, *by_language]
    return next(
        (by_language[one] for language in wanted for one in _spelled(language) if one in by_language), None
    )


def _spelled(language: str) -> tuple[str, str]:
    return language, language.replace("_", "-").partition("-")[0].lower()
