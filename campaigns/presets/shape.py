from dataclasses import dataclass
from typing import Any

from campaigns.models import MessageClass
from lifecycle.models.stage import Kind

Labels = dict[str, str]


@dataclass(frozen=True)
class PresetText:
    """A mail in one language: a heading over paragraphs."""

    subject: str
    preheader: str
    heading: str
    paragraphs: str

    @property
    def blocks(self) -> list[dict[str, str]]:
        return [
            {"kind": "heading", "text": self.heading, "size": "large"},
            {"kind": "text", "text": self.paragraphs},
        ]


@dataclass(frozen=True)
class PresetMail:
    slug: str
    labels: Labels
    message_class: MessageClass
    texts: dict[str, PresetText]


@dataclass(frozen=True)
class PresetCampaign:
    """`kinds` are those of the stages that let customers in, besides the first stage where `for_newcomers`; `steps` are
    mails and days to wait.
    """

    slug: str
    labels: Labels
    about: Labels
    icon: str
    kinds: tuple[Kind, ...]
    steps: tuple[PresetMail | int, ...]
    exit_condition: dict[str, Any]
    leaves_with_stage: bool
    for_newcomers: bool = False


def in_language(labels: Labels, language: str) -> str:
    return labels.get(language) or labels["en"]
