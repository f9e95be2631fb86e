"""Links to the answer page: signed for this purpose only, one for each score, answerable for 90 days."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from campaigns.models import Invitation, Survey
from campaigns.models.response import HIGHEST
from campaigns.surveys.asking import invite_by_message
from customers.models import Customer

SALT = "clm.survey.answer"
PREVIEW = "preview"


class UnknownLink(LookupError):
    """The link was edited or cut off, or made for something else."""


def survey_links(survey: Survey, customer: Customer, message_id: int | None) -> dict[int, str]:
    """Address of the answer page for each score from 0 to 10, for a message to a customer.

    Notes that the customer was asked; asking again for the same message gives the same links. Without a
    message (previews, tests) the links show the page, but nothing can be answered there.
    """
    if message_id is None:
        return scored(_address(f"{PREVIEW}:{survey.pk}:{customer.language}"))
    return scored(address_of(invite_by_message(survey, customer, message_id)))


def scored(address: str) -> dict[int, str]:
    return {score: f"{address}?score={score}" for score in range(HIGHEST + 1)}


def address_of(invitation: Invitation) -> str:
    return _address(str(invitation.pk))


def preview_of(survey: Survey, language: str) -> str:
    return _address(f"{PREVIEW}:{survey.pk}:{language}")


def _address(said: str) -> str:
    token = signing.Signer(salt=SALT).sign_object(said)
    return f"{settings.SITE_URL}{reverse('survey-answer', args=[token])}"


def opened(token: str) -> Invitation | tuple[Survey, str]:
    """The invitation that a link belongs to; survey and language for a preview. Raises UnknownLink."""
    try:
        said = str(signing.Signer(salt=SALT).unsign_object(token))
    except (signing.BadSignature, ValueError) as error:
        raise UnknownLink from error
    if said.startswith(PREVIEW):
        _preview, pk, language = said.split(":", 2)
        return _survey(int(pk)), language
    invitation = (
        Invitation.objects.select_related("survey", "customer__merged_into").filter(pk=int(said)).first()
    )
    if invitation is None:
        raise UnknownLink
    return invitation


def _survey(pk: int) -> Survey:
    survey = Survey.objects.filter(pk=pk).first()
    if survey is None:
        raise UnknownLink
    return survey
