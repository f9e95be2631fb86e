"""The words of a mail that no marketer writes: its footer, and a survey's question, in the mail's language."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.models import Survey
from clm.accounts.models import Organisation


@dataclass(frozen=True)
class Words:
    language: str
    company: str
    why: str
    unsubscribe: str
    preferences: str
    survey_question: str = ""
    survey_low: str = ""
    survey_high: str = ""


def words(language: str, organisation: Organisation, *, survey: str | None) -> Words:
    """`survey` is the slug of the one that the mail asks: "" for the main one, None for none."""
    asked = _survey(survey, language) if survey is not None else {}
    with override(language):
        return Words(
            language,
            organisation.name,
            _("You get this e-mail because you agreed to hear from %(company)s.")
            % {"company": organisation.name},
            _("Unsubscribe"),
            _("Choose what you get"),
            **asked,
        )


def _survey(slug: str, language: str) -> dict[str, str]:
    found = Survey.objects.filter(slug=slug).first() if slug else Survey.objects.main()
    if found is None:
        return {}
    wording = found.wording(language)
    return {"survey_question": wording.question, "survey_low": wording.low, "survey_high": wording.high}
