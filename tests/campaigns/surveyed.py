"""Customers who were asked and who answered, for tests."""

from datetime import datetime, timedelta
from itertools import count

from django.urls import reverse

from campaigns.models import Invitation, Response, Survey, Template, TemplateText
from campaigns.surveys.asking import invite_by_link
from campaigns.surveys.links import address_of
from clm.base import clock
from customers.models import Customer
from tests.factories import CustomerFactory

_numbers = count(1)


def asked(customer: Customer | None = None, *, days_ago: float = 0, **profile: object) -> Invitation:
    """By a link that was made so many days ago."""
    invitation = invite_by_link(Survey.objects.main(), customer or CustomerFactory(**profile), by=None)
    if days_ago:
        invitation.occurred_at = clock.now() - timedelta(days=days_ago)
        invitation.save(update_fields=["occurred_at"])
    return invitation


def asking_text() -> Template:
    """A template that asks the main survey."""
    text = Template.objects.create(name="How are we doing?")
    TemplateText.objects.create(
        template=text, language="en", subject="One question", blocks=[{"kind": "survey"}]
    )
    return text


def path_of(invitation: Invitation) -> str:
    """The address of its answer page on this server."""
    token = address_of(invitation).rstrip("/").rpartition("/")[2]
    return reverse("survey-answer", args=[token])


def answered(customer: Customer, score: int, *, at: datetime, text: str = "", **more: object) -> Response:
    """As if it had come from another system."""
    given = {"survey": Survey.objects.main(), "original_customer": customer, "key": f"r{next(_numbers)}"}
    return Response.objects.create(
        **(given | more), customer=customer, source="test", score=score, text=text, occurred_at=at
    )
