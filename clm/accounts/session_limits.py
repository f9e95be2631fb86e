"""How long a sign-in lasts: 12 hours without a request, and 14 days whatever one does."""

from datetime import timedelta
from time import time

from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

IDLE = timedelta(hours=12).total_seconds()
WHOLE = timedelta(days=14).total_seconds()
# So rarely is it noted that somebody is there: each note is a write.
NOTED_EVERY = timedelta(minutes=5).total_seconds()
JUST_NOW = timedelta(minutes=5).total_seconds()
SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"


@receiver(user_logged_in)
def begin(request: HttpRequest, **_: object) -> None:
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = int(time())


def just_signed_in(request: HttpRequest) -> bool:
    return bool(time() - request.session.get(SIGNED_IN_AT, 0) < JUST_NOW)


def keep_or_end(request: HttpRequest) -> None:
    """Sign out who was away or here for too long; else note now and then that they are here."""
    session, now = request.session, time()
    if SIGNED_IN_AT not in session:  # begun before there were limits
        begin(request)
    elif now - session[SEEN_AT] > IDLE or now - session[SIGNED_IN_AT] > WHOLE:
        logout(request)
    elif now - session[SEEN_AT] > NOTED_EVERY:
        session[SEEN_AT] = int(now)
