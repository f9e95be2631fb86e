"""Pausing a campaign that does harm: most of its mails are refused, or its sender is."""

from django.utils.translation import gettext as _

from campaigns.delivery.medium import SenderRefused
from campaigns.models import Message, MessageState
from campaigns.running import pause

LOOKED_AT = 200
MOST_SHARE = 0.05
FEWEST_FAILURES = 10


def pause_failing(message: Message) -> bool:
    """When more than one in twenty of the last mails were refused for good, and not just a handful."""
    if message.campaign is None:
        return False
    tried = Message.objects.filter(campaign=message.campaign_id, state__in=["sent", "failed"])
    states = list(tried.order_by("-settled_at").values_list("state", flat=True)[:LOOKED_AT])
    failures = states.count(MessageState.FAILED)
    if failures < FEWEST_FAILURES or failures <= MOST_SHARE * len(states):
        return False
    reason = _("The mail server refused %(failures)d of the last %(tried)d messages.") % {
        "failures": failures,
        "tried": len(states),
    }
    return pause(message.campaign, by=None, reason=reason)


def pause_refused_sender(message: Message, refusal: SenderRefused) -> bool:
    if message.campaign is None:
        return False
    reason = _("The mail server takes no mail from this sender: %(words)s") % {"words": refusal.words}
    return pause(message.campaign, by=None, reason=reason[:500])
