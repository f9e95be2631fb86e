"""API keys at the door of the REST API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from clm.accounts.models import ApiKey


class ApiKeyAuthentication(TokenAuthentication):
    """`Authorization: Bearer clm_…`; a revoked key, or one of a user who may not sign in, answers 401."""

    def authenticate(self, request: Request) -> Any:
        answer = super().authenticate(request)
        if answer is None:
            return None
        user, key = answer
        if key.revoked_at or not user.is_active:
            raise AuthenticationFailed(_("This API key has been revoked."))
        key.note_use()
        return user, key


class KeyThrottle(SimpleRateThrottle):
    scope = "key"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if not isinstance(request.auth, ApiKey):
            return None
        return f"throttle:key:{request.auth.pk[:32]}"

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return bool(super().allow_request(request, view))
        except OSError:  # the cache is away: reads and writes go on without a limit
            return True
