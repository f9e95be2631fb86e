"""Messages as mails: a batch of them, each text compiled once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.db import DatabaseError

from campaigns import rendering
from campaigns.delivery.mime import Mail, Sender, in_ascii
from campaigns.links import links_of
from campaigns.models import Campaign, CampaignVersion, Enrollment, FrozenText, Message
from clm.accounts.models import Organisation
from customers.models import Customer

log = structlog.get_logger()

# What can stand in an SMTP command as it is. Addresses with other letters would need SMTPUTF8.
_PLAIN = re.compile(r"[!-;=?-~]+@[A-Za-z0-9.\-]+")


def is_plain(address: str) -> bool:
    """Whether it can be said to a mail server as it is."""
    return _PLAIN.fullmatch(address) is not None


@dataclass(frozen=True)
class Unreadable:
    """What can't be made a mail, and why."""

    words: str


class Composer:
    """Of one batch. What the mails need of the database is read at once, so that most are put together without it."""

    def __init__(self, messages: Sequence[Message], organisation: Organisation, at: datetime) -> None:
        self._organisation, self._at = organisation, at
        today = at.astimezone(organisation.tz).date()
        customers = {message.customer_id: message.customer for message in messages}.values()
        self._values = rendering.values_of(customers, organisation=organisation, today=today)
        self._texts = _texts_of(messages)
        asking = [
            text.version_id for text in self._all_texts() if rendering.survey_of(text.blocks) is not None
        ]
        self._asking = frozenset(asking)
        self.versions = _versions_of(messages)  # by enrollment
        self._compiled: dict[int, rendering.Compiled] = {}
        self._senders: dict[int, Sender] = {}
        self._known: set[int | None] = set()
        self._ahead: dict[int, Mail | Unreadable] = {}

    def compose_ahead(self, message: Message) -> None:
        """While the database is busy with something else. Mails that need it themselves are left for later: those
        with a survey, and the first of each text.
        """
        is_known = message.text_id in self._known and message.text_id not in self._asking
        if is_known and message.pk not in self._ahead:
            self._ahead[message.pk] = self._compose(message)

    def mail(self, message: Message) -> Mail | Unreadable:
        mail = self._ahead.pop(message.pk, None) or self._compose(message)
        if isinstance(mail, Mail):  # all that its text needs of the database is read
            self._known.add(message.text_id)
        return mail

    def _compose(self, message: Message) -> Mail | Unreadable:
        address = message.customer.email
        if not is_plain(address):
            return Unreadable(address)
        text = self._text(message.text_id or 0, message.customer)
        links = links_of(message)
        try:
            mail = self._mail(
                message, self._compile(text).rendered(self._values[message.customer_id], links), links
            )
            _ = mail.as_8bit
        except rendering.CannotRender as error:
            return Unreadable(str(error))
        except DatabaseError:
            raise
        except Exception as error:  # whatever one text or one customer's data do, the others have their mails
            log.exception("mail.unreadable", message=message.pk)
            return Unreadable(type(error).__name__)
        return mail

    def _mail(self, message: Message, rendered: rendering.Rendered, links: rendering.Links) -> Mail:
        return Mail(
            sender=self._sender(message),
            recipient=message.customer.email,
            subject=rendered.subject,
            html=rendered.html,
            text=rendered.text,
            message_id=message.message_id,
            at=self._at,
            headers=one_click(links.unsubscribe),
        )

    def _all_texts(self) -> list[FrozenText]:
        return [text for texts in self._texts.values() for text in texts]

    def _text(self, version: int, customer: Customer) -> FrozenText:
        texts = self._texts[version]  # a published message has at least one
        return rendering.chosen(texts, customer=customer, organisation=self._organisation) or texts[0]

    def _compile(self, text: FrozenText) -> rendering.Compiled:
        """Raises CannotRender."""
        if text.pk not in self._compiled:
            self._compiled[text.pk] = rendering.compiled(text, self._organisation)
        return self._compiled[text.pk]

    def _sender(self, message: Message) -> Sender:
        key = message.campaign_id or 0
        if key not in self._senders:
            version = self.versions.get(message.enrollment_id or 0)
            self._senders[key] = sender_of(version.campaign if version else None, self._organisation)
        return self._senders[key]


def _texts_of(messages: Sequence[Message]) -> dict[int, list[FrozenText]]:
    texts: dict[int, list[FrozenText]] = {}
    for text in FrozenText.objects.filter(version__in={message.text_id for message in messages}):
        texts.setdefault(text.version_id, []).append(text)
    return texts


def _versions_of(messages: Sequence[Message]) -> dict[int, CampaignVersion]:
    """By enrollment."""
    ids = [message.enrollment_id for message in messages if message.enrollment_id]
    runs = dict(Enrollment.objects.filter(pk__in=ids).values_list("pk", "version_id"))
    versions = CampaignVersion.objects.select_related("campaign").in_bulk(set(runs.values()))
    return {run: versions[version] for run, version in runs.items()}


def sender_of(campaign: Campaign | None, organisation: Organisation) -> Sender:
    """The campaign's own, else DEFAULT_FROM_EMAIL with the organisation's name."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    if campaign is None:
        return Sender(name, address)
    own_name = campaign.sender_name or organisation.name
    return Sender(own_name, in_ascii(campaign.sender_address or address), in_ascii(campaign.reply_to))


def one_click(unsubscribe: str) -> dict[str, str]:
    """RFC 8058: mail programs show a button that works without a page."""
    if not unsubscribe:
        return {}
    return {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
