"""What of this app may go once it is old enough."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.models import Delivery, Message, Response
from clm.base.kept import Kept, Part, register


def _messages(before: datetime) -> QuerySet[Message]:
    told = ~Q(address="") | ~Q(words="")
    return Message.objects.filter(told, settled_at__lt=before)


def _deliveries(before: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(occurred_at__lt=before).exclude(words="")


def _comments(before: datetime) -> QuerySet[Response]:
    return Response.objects.filter(occurred_at__lt=before).exclude(text="")


def _forget_messages(rows: QuerySet[Message]) -> int:
    return rows.update(address="", words="")


def _forget_words(rows: QuerySet[Delivery]) -> int:
    return rows.update(words="")


def _forget_comments(rows: QuerySet[Response]) -> int:
    return rows.update(text="")


register(
    Kept(
        "messages",
        _("Addresses of sent messages"),
        _("And what the mail server answered. That a message was sent, when and how it ended stays."),
        [Part(_messages, _forget_messages), Part(_deliveries, _forget_words)],
        usual=90,
    )
)
register(
    Kept(
        "comments",
        _("Comments of survey answers"),
        _("The scores stay, and so do NPS and CSAT."),
        [Part(_comments, _forget_comments)],
        least=30,
    )
)
