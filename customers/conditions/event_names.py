"""What the events that every installation may send are called in a sentence about a customer."""

from django.utils.translation import gettext_lazy

SAID = {
    "account.created": gettext_lazy("created an account"),
    "call.made": gettext_lazy("had a call"),
    "cart.abandoned": gettext_lazy("left a cart"),
    "chat.started": gettext_lazy("started a chat"),
    "complaint.made": gettext_lazy("complained"),
    "demo.booked": gettext_lazy("booked a demo"),
    "demo.held": gettext_lazy("saw a demo"),
    "email.clicked": gettext_lazy("clicked in an e-mail"),
    "email.opened": gettext_lazy("opened an e-mail"),
    "form.submitted": gettext_lazy("sent a form"),
    "lead.created": gettext_lazy("became a lead"),
    "lead.qualified": gettext_lazy("was qualified as a lead"),
    "newsletter.subscribed": gettext_lazy("subscribed to the newsletter"),
    "onboarding.started": gettext_lazy("started the introduction"),
    "page.viewed": gettext_lazy("viewed a page"),
    "quote.requested": gettext_lazy("asked for a quote"),
    "referral.made": gettext_lazy("recommended us to somebody"),
    "renewal.due": gettext_lazy("came up for renewal"),
    "review.posted": gettext_lazy("wrote a review"),
    "sample.requested": gettext_lazy("asked for a sample"),
    "survey.answered": gettext_lazy("answered a survey"),
    "ticket.opened": gettext_lazy("opened a ticket"),
    "trial.started": gettext_lazy("started a trial"),
    "webinar.attended": gettext_lazy("attended a webinar"),
}
