"""One error body for everything that can go wrong:

    {"type": "client_error", "errors": [{"code": "conflict", "detail": "…", "attr": null}]}

`type` is validation_error, client_error or server_error; `attr` names the field of a validation error. A refused
stale write also carries `current`, the object as it is now.
"""

from typing import Any

from django.core.exceptions import ValidationError as InvalidModel
from django.db import OperationalError
from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.types import ErrorResponse
from rest_framework.exceptions import APIException, ValidationError


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = _("The body is too large.")


class Conflict(APIException):
    """The domain refuses: the message is its reason."""

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


class OneErrorBody(ExceptionFormatter):
    def format_error_response(self, error_response: ErrorResponse) -> Any:
        return super().format_error_response(error_response) | getattr(self.exc, "extra", {})


def exception_handler(exc: Exception, context: Any) -> Any:
    # Imported here: it loads rest_framework.views, whose settings may be what is loading this module.
    from drf_standardized_errors.handler import exception_handler as standard

    return standard(_known(exc), context)


def _known(exc: Exception) -> Exception:
    if isinstance(exc, InvalidModel):
        return ValidationError(exc.message_dict if hasattr(exc, "error_dict") else exc.messages)
    if isinstance(exc, OperationalError):
        return Busy()
    return exc
