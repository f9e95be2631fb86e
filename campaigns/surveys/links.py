"""Links to the answer page: signed for this purpose only, one for each score, answerable for 90 days."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from campaigns.models import Invitation, Survey

SALT = "clm.survey.answer"
PREVIEW = "preview"


def _signer() -> signing.Signer:
    return signing.Signer(salt=SALT, sep=".")


class UnknownLink(LookupError):
    """The link was edited or cut off, or made for something else."""


def address_of(invitation: Invitation) -> str:
    return f"{settings.SITE_URL}{_path(str(invitation.pk))}"


def preview_of(survey: Survey, language: str) -> str:
    """Shows the page, and takes no answer."""
    return f"{settings.SITE_URL}{preview_path(survey, language)}"


def preview_path(survey: Survey, language: str) -> str:
    return _path(f"{PREVIEW}:{survey.pk}:{language}")


def _path(said: str) -> str:
    return reverse("survey-answer", args=[_signer().sign_object(said)])


def opened(token: str) -> Invitation | tuple[Survey, str]:
    """The invitation that a link belongs to; survey and language for a preview. Raises UnknownLink."""
    try:
        said = str(_signer().unsign_object(token))
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
