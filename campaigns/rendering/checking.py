"""What is wrong with a text before it is saved or sent, each with its place and its cure."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext as _

from campaigns.rendering import liquid, markdown
from campaigns.rendering.blocks import KINDS, Part, Problem, shape_problems
from campaigns.rendering.fields import Links, Values, empty_values, sample_values
from campaigns.rendering.mail import Text, compiled
from campaigns.rendering.slots import image_problem, url_problem
from clm.accounts.models import Organisation
from clm.base import clock

LONGEST_LINE = 200
TRIED_WITH = Links("https://example.com/u", "https://example.com/p", "https://example.com/s")


@dataclass(frozen=True)
class Trial:
    """Those whom a text is tried out on: somebody known well, and somebody of whom nothing is known."""

    organisation: Organisation
    values: tuple[Values, Values]

    @classmethod
    def now(cls) -> "Trial":
        """Two queries; for many texts make one."""
        organisation = Organisation.objects.current()
        today = clock.now().astimezone(organisation.tz).date()
        known = sample_values(organisation=organisation, today=today)
        return cls(organisation, (known, empty_values(organisation=organisation, today=today)))


def problems(text: Text, trial: Trial | None = None) -> list[Problem]:
    """Empty: it can be filled in for anybody. An empty subject and an empty mail are found by `incomplete`."""
    found = [
        *_line_problems("subject", text.subject),
        *_line_problems("preheader", text.preheader),
        *shape_problems(text.blocks),
    ]
    if found:
        return found
    for index, block in enumerate(text.blocks):
        for part in KINDS[block["kind"]].parts:
            found += [
                Problem(f"blocks.{index}.{part.name}", sentence)
                for sentence in _part_problems(block.get(part.name, ""), part)
            ]
    return found or list(_tried(text, trial or Trial.now()))


def incomplete(text: Text, trial: Trial | None = None) -> list[Problem]:
    """What keeps a text that can be saved from being sent."""
    found = problems(text, trial)
    if not str(text.subject).strip():
        found.append(Problem("subject", _("Write a subject.")))
    if not text.blocks:
        found.append(Problem("blocks", _("Add at least one block.")))
    return found


def _line_problems(where: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem(where, _("Expected text."))
    elif len(value) > LONGEST_LINE:
        yield Problem(where, _("At most %(most)s characters.") % {"most": LONGEST_LINE})
    elif any(ord(character) < 32 or character in "\x7f\u2028\u2029" for character in value):
        yield Problem(where, _("This is one line: remove line breaks and control characters."))
    else:
        yield from (Problem(where, sentence) for sentence in liquid.problems(value))


def _part_problems(value: str, part: Part) -> Iterator[str]:
    if not value.strip():
        return
    if part.takes_placeholders:
        wrong = list(liquid.problems(value))
        yield from wrong
        if wrong:
            return
    if part.form == "markdown":
        yield from markdown.link_problems(value)
    elif part.form in ("url", "image"):
        sentence = image_problem(value) if part.form == "image" else url_problem(value)
        if sentence:
            yield sentence


def _tried(text: Text, trial: Trial) -> Iterator[Problem]:
    for values in trial.values:
        try:
            compiled(text, trial.organisation).rendered(values, TRIED_WITH)
        except liquid.CannotRender as error:
            yield Problem("blocks", str(error))
            return


def plain_text(*, language: str, subject: str, preheader: str, blocks: Any) -> Text:
    """A text that is not saved (yet)."""
    return SimpleNamespace(language=language, subject=subject, preheader=preheader, blocks=blocks)
