"""From what marketers wrote to a mail for one customer: compiled once, filled in for each."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from mjml import mjml2html

from campaigns.rendering import layout, liquid, plain
from campaigns.rendering.blocks import survey_of
from campaigns.rendering.fields import Links, Values, in_language, values_of
from campaigns.rendering.pieces import Filler
from campaigns.rendering.slots import Slots
from campaigns.rendering.words import Words, words
from clm.accounts.models import Organisation
from clm.base import clock
from customers.models import Customer

LONGEST_SUBJECT = 250
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_GAPS = re.compile(r"\n{3,}")


class Text(Protocol):
    """What marketers wrote, in one language."""

    language: Any
    subject: Any
    preheader: Any
    blocks: Any


@dataclass(frozen=True)
class Rendered:
    subject: str
    html: str
    text: str
    language: str


@dataclass(frozen=True)
class Compiled:
    """A mail with its placeholders still open. Costs nothing to keep and about a millisecond to fill in."""

    language: str
    filler: Filler

    def rendered(self, values: Values, links: Links) -> Rendered:
        """`values` as from `fields.values_of`. Raises CannotRender."""
        known = in_language(values, liquid.locale_of(self.language)) | {"links": vars(links)}
        subject, html, text = self.filler.filled(known)
        subject = _UNSEEN.sub(" ", subject).strip()
        text = _GAPS.sub("\n\n", text).strip() + "\n"
        return Rendered(subject[:LONGEST_SUBJECT], html, text, self.language)


@dataclass(frozen=True)
class _Source:
    subject: str
    preheader: str
    blocks: str
    words: Words
    currency: str


def compiled(text: Text, organisation: Organisation) -> Compiled:
    """The same object for the same words, however often it is asked for. Raises CannotRender."""
    return _compiled(
        _Source(
            text.subject,
            text.preheader,
            json.dumps(text.blocks, sort_keys=True),
            words(text.language, organisation, survey=survey_of(text.blocks)),
            organisation.currency,
        )
    )


@lru_cache(maxsize=256)
def _compiled(source: _Source) -> Compiled:
    blocks, slots = json.loads(source.blocks), Slots()
    skeleton = layout.mjml(blocks, source.words, slots, title=source.subject, preheader=source.preheader)
    try:
        html = mjml2html(skeleton, fonts={}, disable_comments=False)
    except ValueError as error:
        raise liquid.CannotRender(str(error)) from error
    text = plain.plain(blocks, source.words, slots)
    language, currency = source.words.language, source.currency
    parts = [(source.subject, False), (slots.returned(html), True), (slots.returned(text), False)]
    parsed = [(liquid.parsed(part, language, currency, escapes=escapes), escapes) for part, escapes in parts]
    return Compiled(language, Filler(*parsed))


def subject_of(text: Text, values: Values, *, currency: str) -> str:
    """Only the subject, for lists; as it was written where it can't be filled in."""
    try:
        open_one = liquid.parsed(text.subject, text.language, currency, escapes=False)
        known = in_language(values, liquid.locale_of(text.language)) | {"links": vars(Links())}
        return " ".join(liquid.filled(open_one, known).split())[:LONGEST_SUBJECT]
    except liquid.CannotRender:
        return str(text.subject)


def render(text: Text, *, customer: Customer, links: Links, as_of: datetime | None = None) -> Rendered:
    """One mail for one customer. For many, use `compiled` once and `values_of` for a batch."""
    organisation = Organisation.objects.current()
    today = (as_of or clock.now()).astimezone(organisation.tz).date()
    values = values_of([customer], organisation=organisation, today=today)[customer.pk]
    return compiled(text, organisation).rendered(values, links)
