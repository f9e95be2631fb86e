from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation

from clm.accounts import doors, session_limits, two_factor
from clm.accounts.models import Organisation

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
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
                response = self._answer_at_home(request)
            else:
                response = self.get_response(request)
            # What a signed-in person sees stays out of every cache, unless the view decided otherwise.
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response

    def _answer_at_home(self, request: HttpRequest) -> HttpResponse:
        with self._organisation(request) as organisation:
            request.organisation = organisation  # type: ignore[attr-defined]
            timezone.activate(organisation.tz)
            try:
                return self.get_response(request)
            finally:
                timezone.deactivate()

    def _organisation(self, request: HttpRequest) -> AbstractContextManager[Organisation]:
        if request.method in SAFE_METHODS:
            return Organisation.objects.read_once(getattr(request.user, "organisation_version", None))
        # A page that writes may show a form of the organisation that was refused; the API shows what is stored.
        is_steady = request.path.startswith("/api/")
        return Organisation.objects.read_once() if is_steady else nullcontext(Organisation.objects.current())


class TwoFactorMiddleware:
    """Leads those who must have two-factor sign-in, and have not yet, to where they set it up.

    The API answers for itself, see `permissions.RoleAllows`.
    """

    FREE = frozenset({"account_logout", "account_reauthenticate"})

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object
    ) -> HttpResponse | None:
        if self._is_free(request, view) or not two_factor.must_set_up(request.user):  # type: ignore[arg-type]
            return None
        return redirect("mfa_activate_totp")

    def _is_free(self, request: HttpRequest, view: Callable[..., HttpResponse]) -> bool:
        name = request.resolver_match.url_name if request.resolver_match else None
        is_public = not getattr(view, "login_required", True) or not request.user.is_authenticated
        return (
            is_public or request.path.startswith("/api/") or name in self.FREE or str(name).startswith("mfa_")
        )
