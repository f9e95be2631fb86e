"""What the events that every installation may send are called in a sentence about a customer.

`%(often)s` stands where a language says how often, and within which days: "viewed a page 2 times", "hat 2 Mal eine
Seite angesehen". It may stay empty.
"""

from collections.abc import Sequence

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_OFTEN = "%(often)s"

SAID = {
    "account.created": gettext_lazy("created an account %(often)s"),
    "call.made": gettext_lazy("had a call %(often)s"),
    "cart.abandoned": gettext_lazy("left a cart %(often)s"),
    "chat.started": gettext_lazy("started a chat %(often)s"),
    "complaint.made": gettext_lazy("complained %(often)s"),
    "demo.booked": gettext_lazy("booked a demo %(often)s"),
    "demo.held": gettext_lazy("saw a demo %(often)s"),
    "email.clicked": gettext_lazy("clicked in an e-mail %(often)s"),
    "email.opened": gettext_lazy("opened an e-mail %(often)s"),
    "form.submitted": gettext_lazy("sent a form %(often)s"),
    "lead.created": gettext_lazy("became a lead %(often)s"),
    "lead.qualified": gettext_lazy("was qualified as a lead %(often)s"),
    "newsletter.subscribed": gettext_lazy("subscribed to the newsletter %(often)s"),
    "onboarding.started": gettext_lazy("started the introduction %(often)s"),
    "page.viewed": gettext_lazy("viewed a page %(often)s"),
    "quote.requested": gettext_lazy("asked for a quote %(often)s"),
    "referral.made": gettext_lazy("recommended us to somebody %(often)s"),
    "renewal.due": gettext_lazy("came up for renewal %(often)s"),
    "review.posted": gettext_lazy("wrote a review %(often)s"),
    "sample.requested": gettext_lazy("asked for a sample %(often)s"),
    "survey.answered": gettext_lazy("answered a survey %(often)s"),
    "ticket.opened": gettext_lazy("opened a ticket %(often)s"),
    "trial.started": gettext_lazy("started a trial %(often)s"),
    "webinar.attended": gettext_lazy("attended a webinar %(often)s"),
}


def in_words(name: str) -> str:
    """As a heading: "Viewed a page"; an event that is known nowhere else by its name."""
    return str(capfirst(_plain(SAID[name] % {"often": ""}))) if name in SAID else name


def said_of(names: Sequence[str], *, often: str = "", which: str = "") -> str:
    """That one of them happened: known events in words, the others by their names.

    `which` tells the events apart. Where a language says how often in the middle, it says so of the first alone.
    """
    others = _(" or ").join(one for one in names if one not in SAID)
    told = [str(SAID[one]) for one in names if one in SAID]
    told += [_("did %(events)s %(often)s").replace("%(events)s", others)] if others or not told else []
    if told[0].endswith(_OFTEN):
        *before, last = told
        told = [*(one.replace(_OFTEN, "") for one in before), last.replace(_OFTEN, f"{which} {often}")]
    else:
        first, *after = told
        told = [first.replace(_OFTEN, often), *(one.replace(_OFTEN, "") for one in after)]
        told[-1] += f" {which}"
    return _(" or ").join(map(_plain, told))


def _plain(text: str) -> str:
    return " ".join(text.split())
