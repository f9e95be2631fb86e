"""Messages as mails: a batch of them, each text compiled once."""

from collections.abc import Iterable
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings

from campaigns import rendering
from campaigns.delivery.mime import Mail, Sender
from campaigns.links import links_of
from campaigns.models import Campaign, FrozenText, Message
from clm.accounts.models import Organisation
from customers.models import Customer


class Composer:
    """Of one batch. Two queries for the customers' values, one for the texts."""

    def __init__(self, messages: Iterable[Message], organisation: Organisation, at: datetime) -> None:
        found = list(messages)
        self._organisation, self._at = organisation, at
        today = at.astimezone(organisation.tz).date()
        customers = {message.customer_id: message.customer for message in found}.values()
        self._values = rendering.values_of(customers, organisation=organisation, today=today)
        self._texts: dict[int, list[FrozenText]] = {}
        for text in FrozenText.objects.filter(version__in={message.text_id for message in found}):
            self._texts.setdefault(text.version_id, []).append(text)
        self._compiled: dict[int, rendering.Compiled] = {}
        self._senders: dict[int | None, Sender] = {}

    def mail(self, message: Message) -> Mail:
        """Raises CannotRender."""
        text = self._text(message.text_id or 0, message.customer)
        links = links_of(message)
        rendered = self._compile(text).rendered(self._values[message.customer_id], links)
        return Mail(
            sender=self._sender(message.campaign),
            recipient=message.customer.email,
            subject=rendered.subject,
            html=rendered.html,
            text=rendered.text,
            message_id=message.message_id,
            at=self._at,
            headers=one_click(links.unsubscribe),
        )

    def _text(self, version: int, customer: Customer) -> FrozenText:
        text = rendering.chosen(
            self._texts.get(version, []), customer=customer, organisation=self._organisation
        )
        if text is None:
            raise rendering.CannotRender("no text")
        return text

    def _compile(self, text: FrozenText) -> rendering.Compiled:
        if text.pk not in self._compiled:
            self._compiled[text.pk] = rendering.compiled(text, self._organisation)
        return self._compiled[text.pk]

    def _sender(self, campaign: Campaign | None) -> Sender:
        key = campaign.pk if campaign else None
        if key not in self._senders:
            self._senders[key] = sender_of(campaign, self._organisation)
        return self._senders[key]


def sender_of(campaign: Campaign | None, organisation: Organisation) -> Sender:
    """The campaign's own, else DEFAULT_FROM_EMAIL with the organisation's name."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    if campaign is None:
        return Sender(name, address)
    own_name = campaign.sender_name or organisation.name
    return Sender(own_name, campaign.sender_address or address, campaign.reply_to)


def one_click(unsubscribe: str) -> dict[str, str]:
    """RFC 8058: mail programs show a button that works without a page."""
    if not unsubscribe:
        return {}
    return {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
