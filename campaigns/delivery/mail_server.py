"""A mail server that does not answer is no message's fault: all wait, and one probe finds out when it is back."""

from datetime import datetime, timedelta

from django.db.models import F, Q

from campaigns.models import MailServer

PROBES = [timedelta(seconds=seconds) for seconds in (10, 30, 60, 120, 300)]


def may_try(as_of: datetime) -> bool:
    """Whether to talk to it now. While it is away only one sender may, now and then."""
    server = MailServer.objects.current()
    if server.waiting_since is None:
        return True
    mine = MailServer.objects.filter(Q(probe_at=None) | Q(probe_at__lte=as_of), pk=1)
    return mine.update(probe_at=as_of + PROBES[0]) == 1


def is_away() -> bool:
    return MailServer.objects.current().waiting_since is not None


def note_away(words: str, as_of: datetime) -> None:
    server = MailServer.objects.current()
    wait = PROBES[min(server.probes, len(PROBES) - 1)]
    MailServer.objects.filter(pk=1).update(
        waiting_since=server.waiting_since or as_of,
        words=words,
        probes=F("probes") + 1,
        probe_at=as_of + wait,
    )


def note_back() -> None:
    MailServer.objects.filter(pk=1, waiting_since__isnull=False).update(
        waiting_since=None, words="", probes=0, probe_at=None
    )
