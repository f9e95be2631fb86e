from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from clm.accounts import doors, session_limits
from clm.accounts.models import Organisation

Handler = Callable[[HttpRequest], HttpResponse]


class SessionLimitsMiddleware:
    """Before anybody asks who it is."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            session_limits.keep_or_end(request)
        return self.get_response(request)


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every page asks for a sign-in, but those marked with `login_not_required`."""


class PreferencesMiddleware:
    """The door's name for the audit, the user's language, the organisation and its time zone, no caching."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        door = "api" if request.path.startswith("/api/") else "page"
        with doors.through(door):
            if request.user.is_authenticated:
                if request.user.language:
                    translation.activate(request.user.language)
                    request.LANGUAGE_CODE = translation.get_language()
                request.organisation = Organisation.objects.current()  # type: ignore[attr-defined]
                timezone.activate(request.organisation.tz)  # type: ignore[attr-defined]
            response = self.get_response(request)
            timezone.deactivate()
            # What a signed-in person sees stays out of every cache, unless the view decided otherwise.
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response
