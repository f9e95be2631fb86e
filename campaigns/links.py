"""The signed links of a mail. Each is made for one purpose and opens nothing else; those to unsubscribe never expire."""

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from campaigns.models import FrozenText, Message, MessageKind, Survey
from campaigns.rendering import Links, survey_of
from campaigns.surveys import links as survey_links
from campaigns.surveys.asking import invite_by_message
from customers.models import Customer
from customers.models.consent import Purpose

_MARK = "token-goes-here"
UNSUBSCRIBE, PREFERENCES = "clm.mail.unsubscribe", "clm.mail.preferences"


class UnknownLink(LookupError):
    """The link was edited or cut off, or made for something else."""


@dataclass(frozen=True)
class Unsubscription:
    """What a link to unsubscribe is about. `message` is 0 where it came with no message of ours."""

    customer: int
    purpose: str
    message: int


def links_of(message: Message) -> Links:
    """Of a message about to be sent. Notes for a survey that the customer was asked."""
    return Links(
        unsubscribe=unsubscribe_link(message.customer_id, message.purpose, message.pk or 0),
        preferences=preferences_link(message.customer_id),
        survey=_survey_link(message),
    )


def preview_links(customer: Customer | None) -> Links:
    """Of a mail that nobody is sent: they show their pages, and do nothing."""
    return Links(
        unsubscribe=unsubscribe_link(0, Purpose.MARKETING, 0),
        preferences=preferences_link(0),
        survey=survey_links.preview_of(Survey.objects.main(), customer.language if customer else ""),
    )


def unsubscribe_link(customer: int, purpose: str, message: int = 0) -> str:
    return _address("unsubscribe", UNSUBSCRIBE, f"{customer}-{purpose}-{message}")


def preferences_link(customer: int) -> str:
    return _address("preferences", PREFERENCES, str(customer))


def unsubscription(token: str) -> Unsubscription:
    """Raises UnknownLink."""
    customer, purpose, message = _opened(UNSUBSCRIBE, token).split("-")
    return Unsubscription(int(customer), purpose, int(message))


def customer_of(token: str) -> int:
    """Whose preferences a link opens: an id. Raises UnknownLink."""
    return int(_opened(PREFERENCES, token))


def _signer(salt: str) -> Signer:
    return Signer(salt=salt, sep=".")


def _address(page: str, salt: str, said: str) -> str:
    return f"{settings.SITE_URL}{_path(page).replace(_MARK, _signer(salt).sign(said))}"


@lru_cache(maxsize=8)
def _path(page: str) -> str:
    """With a mark where the token goes: to ask for it anew for every mail takes longer than to sign."""
    return reverse(page, args=[_MARK])


def _opened(salt: str, token: str) -> str:
    try:
        return _signer(salt).unsign(token)
    except BadSignature as error:
        raise UnknownLink from error


def survey_asked_by(version: int | None) -> Survey | None:
    """The survey that a frozen text asks, if it asks one."""
    slug = _survey_slug(version or 0)
    return None if slug is None else Survey.objects.named(slug)


def _survey_link(message: Message) -> str:
    survey = survey_asked_by(message.text_id)
    if survey is None:
        return ""
    if message.kind == MessageKind.TEST:
        return survey_links.preview_of(survey, message.customer.language)
    return survey_links.address_of(invite_by_message(survey, message.customer, message.pk))


@lru_cache(maxsize=1024)
def _survey_slug(version: int) -> str | None:
    """Frozen texts never change, so one look is enough."""
    for text in FrozenText.objects.filter(version=version).order_by("language"):
        asked = survey_of(text.blocks)
        if asked is not None:
            return asked
    return None
