"""API keys at the door of the REST API."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from redis import RedisError
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from clm.accounts.models import ApiKey, User


class ApiKeyAuthentication(TokenAuthentication):  # type: ignore[misc]
    """`Authorization: Bearer clm_…`; a revoked or expired key, or one of a user who may not sign in, answers 401."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiKey]:
        key = ApiKey.objects.usable().filter(pk=hash_token(token.decode("latin-1"))).first()
        if key is None:
            raise AuthenticationFailed(_("This API key is unknown, expired or revoked."))
        if not key.noted_lately:
            key.note_use()
        timezone.activate(ZoneInfo(key.zone or "UTC"))  # as for a session; the middleware ends it
        return key.user, key


class KeyThrottle(SimpleRateThrottle):
    scope = "key"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if not isinstance(request.auth, ApiKey):
            return None
        return f"throttle:key:{request.auth.pk[:32]}"

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return bool(super().allow_request(request, view))
        except (OSError, RedisError):  # the cache is away: reads and writes go on without a limit
            return True
