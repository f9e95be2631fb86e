"""Mails: blocks that marketers write, as HTML and plain text for one customer in one language.

compiled(text, organisation).rendered(values_of([customer], ...)[customer.pk], links)
"""

from campaigns.rendering.blocks import KINDS, Problem, survey_of
from campaigns.rendering.checking import Trial, incomplete, plain_text, problems
from campaigns.rendering.fields import FIELDS, Links, sample_values, values_of
from campaigns.rendering.languages import chosen
from campaigns.rendering.liquid import CannotRender
from campaigns.rendering.mail import Compiled, Rendered, Text, compiled, render, subject_of

__all__ = [
    "FIELDS",
    "KINDS",
    "CannotRender",
    "Compiled",
    "Links",
    "Problem",
    "Rendered",
    "Text",
    "Trial",
    "chosen",
    "compiled",
    "incomplete",
    "plain_text",
    "problems",
    "render",
    "sample_values",
    "subject_of",
    "survey_of",
    "values_of",
]
