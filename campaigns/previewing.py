"""How a text will look to somebody: nobody in particular, or a customer."""

from dataclasses import dataclass
from email.utils import make_msgid
from secrets import token_urlsafe

from django.core.cache import cache
from django.core.mail import DNS_NAME
from django.utils.translation import gettext as _

from campaigns.delivery.composing import is_plain, sender_of
from campaigns.delivery.medium import NoAnswer, NotTaken, medium
from campaigns.delivery.mime import Mail
from campaigns.delivery.reserved import is_nobody
from campaigns.links import preview_links
from campaigns.models import Suppression
from campaigns.rendering import Problem, Rendered, Text, compiled, problems, sample_values, values_of
from campaigns.rendering.liquid import CannotRender
from clm.accounts.models import AuditEntry, Organisation, User
from clm.base import clock
from clm.base.limits import Limit
from customers.models import Customer

KEPT_SECONDS = 900
TESTS = Limit("test-mail", most=10)


class CannotSendTest(ValueError):
    """Says why the test mail was not sent."""


@dataclass(frozen=True)
class Preview:
    """`key` opens the HTML part for the user who asked, for a quarter of an hour. With problems there is no mail."""

    rendered: Rendered | None
    problems: list[Problem]
    key: str = ""


def preview(text: Text, *, customer: Customer | None, by: User) -> Preview:
    found = problems(text)
    if found:
        return Preview(None, found)
    try:
        rendered = filled(text, customer)
    except CannotRender as error:
        return Preview(None, [Problem("blocks", str(error))])
    key = token_urlsafe(18)
    cache.set(_place(by, key), rendered.html, KEPT_SECONDS)
    return Preview(rendered, [], key)


def filled(text: Text, customer: Customer | None) -> Rendered:
    """Raises CannotRender."""
    organisation = Organisation.objects.current()
    today = clock.now().astimezone(organisation.tz).date()
    if customer:
        values = values_of([customer], organisation=organisation, today=today)[customer.pk]
    else:
        values = sample_values(organisation=organisation, today=today)
    return compiled(text, organisation).rendered(values, preview_links(customer))


def kept(key: str, *, by: User) -> str | None:
    found = cache.get(_place(by, key))
    return str(found) if found else None


def _place(by: User, key: str) -> str:
    return f"mail-preview:{by.pk}:{key}"


def send_test(text: Text, *, customer: Customer | None, by: User) -> None:
    """To the user's own address, at once and by the way that all mails take, but past the outbox: it is nobody's message.

    Raises CannotRender, CannotSendTest; nothing was sent then.
    """
    _check_may_test(by)
    rendered = filled(text, customer)
    mail = Mail(
        sender=sender_of(None, Organisation.objects.current()),
        recipient=by.email,
        subject=_("[Test] %(subject)s") % {"subject": rendered.subject},
        html=rendered.html,
        text=rendered.text,
        message_id=make_msgid(domain=DNS_NAME.get_fqdn()),
        at=clock.now(),
    )
    try:
        with medium() as way:
            way.open()
            way.hand(mail, still_wanted=lambda: True)
    except (NotTaken, NoAnswer) as error:
        raise CannotSendTest(
            _("The mail server did not take it: %(words)s") % {"words": str(error) or type(error).__name__}
        ) from error
    AuditEntry.objects.record("mail.tested", by=by, to=by.email, language=rendered.language)


def _check_may_test(by: User) -> None:
    if Suppression.objects.barring([by.email]).exists():
        raise CannotSendTest(
            _("%(address)s is on the list of addresses that must not be written to.") % {"address": by.email}
        )
    if is_nobody(by.email) or not is_plain(by.email):
        raise CannotSendTest(
            _(
                "No mail can be sent to %(address)s. You sign in with it, so it can't be changed: ask an administrator to add you as a user with a real address (Settings, Users)."
            )
            % {"address": by.email}
        )
    if TESTS.is_over(str(by.pk)):
        raise CannotSendTest(
            _("You have sent %(most)d test mails within a minute. Wait a moment, then try again.")
            % {"most": TESTS.most}
        )
