"""The words of a survey in the customer's language: those of the survey, else the usual ones.

The usual ones are data like the names of stages: what a customer reads must be natural in each language,
whoever has translated the product itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Self

COMPANY = "{company}"
Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Wording:
    """What customers read. `{company}` stands for the company's name."""

    language: str
    question: str
    low: str
    high: str
    follow_up: str
    thanks: str

    def with_own(self, own: Mapping[str, str]) -> Self:
        given = {name: text for name in PARTS if (text := own.get(name, "").strip())}
        return replace(self, **given)

    def of(self, company: str) -> Self:
        filled = {name: getattr(self, name).replace(COMPANY, company) for name in PARTS}
        return replace(self, **filled)


PARTS = tuple(field.name for field in fields(Wording) if field.name != "language")

USUAL = {
    found.language: found
    for found in (
        Wording(
            "en",
            "How likely are you to recommend {company} to a friend or colleague?",
            "Not at all likely",
            "Extremely likely",
            "What is the main reason for your score?",
            "Thank you! Your answer helps us get better.",
        ),
        Wording(
            "da",
            "Hvor sandsynligt er det, at du vil anbefale {company} til en ven eller kollega?",
            "Slet ikke sandsynligt",
            "Meget sandsynligt",
            "Hvad er den vigtigste grund til, at du svarede sådan?",
            "Tak! Dit svar hjælper os med at blive bedre.",
        ),
        Wording(
            "sv",
            "Hur sannolikt är det att du skulle rekommendera {company} till en vän eller kollega?",
            "Inte alls sannolikt",
            "Mycket sannolikt",
            "Vad är det viktigaste skälet till ditt betyg?",
            "Tack! Ditt svar hjälper oss att bli bättre.",
        ),
        Wording(
            "nl",
            "Hoe waarschijnlijk is het dat je {company} zou aanbevelen aan een vriend of collega?",
            "Heel onwaarschijnlijk",
            "Heel waarschijnlijk",
            "Wat is de belangrijkste reden voor je score?",
            "Bedankt! Met je antwoord kunnen we beter worden.",
        ),
        Wording(
            "de",
            "Wie wahrscheinlich ist es, dass Sie {company} Freunden oder Kollegen weiterempfehlen?",
            "Überhaupt nicht wahrscheinlich",
            "Äußerst wahrscheinlich",
            "Was ist der wichtigste Grund für Ihre Bewertung?",
            "Vielen Dank! Ihre Antwort hilft uns, besser zu werden.",
        ),
    )
}
FALLBACK = "en"


def known_language(language: str) -> str:
    """One that we have words in, or nothing: "da-DK" is "da"."""
    short = language.replace("_", "-").split("-")[0].lower()
    return short if short in USUAL else ""


def wording(own: Texts, language: str, *, company: str) -> Wording:
    chosen = known_language(language) or FALLBACK
    return USUAL[chosen].with_own(own.get(chosen, {})).of(company)
