"""What the domain and the protocol may refuse, as HTTP says it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = _("The body is too large.")


class Conflict(APIException):
    """The domain refuses: the message is its reason. `extra` goes into the body beside the error."""

    extra: dict[str, Any] = {}

    status_code = 409
    default_code = "conflict"
    default_detail = _("This is not possible now.")


class Stale(APIException):
    """Somebody changed the object since the client read it."""

    status_code = 412
    default_code = "stale"
    default_detail = _("It was changed meanwhile. `current` is the version to start from.")

    def __init__(self, current: dict[str, Any]) -> None:
        super().__init__()
        self.extra = {"current": current}


class KeyReused(APIException):
    status_code = 422
    default_code = "idempotency_key_reused"
    default_detail = _("This Idempotency-Key was used for another request. Use a new key for each request.")


class VersionMissing(APIException):
    status_code = 428
    default_code = "if_match_missing"
    default_detail = _("Send the ETag of the version you read as If-Match.")


class Busy(APIException):
    status_code = 503
    default_code = "busy"
    default_detail = _("The database did not answer in time. Nothing was changed; try again.")
