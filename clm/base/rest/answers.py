"""One error body for everything that can go wrong:

    {"type": "client_error", "errors": [{"code": "conflict", "detail": "…", "attr": null}]}

`type` is validation_error, client_error or server_error; `attr` names the field of a validation error. A refused
stale write also carries `current`, the object as it is now.
"""

from typing import Any, cast

from django.core.exceptions import ValidationError as InvalidModel
from django.db import OperationalError
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import exception_handler as standard
from drf_standardized_errors.types import ErrorResponse
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response

from clm.base.rest.errors import Busy


class OneErrorBody(ExceptionFormatter):
    def format_error_response(self, error_response: ErrorResponse) -> Any:
        return super().format_error_response(error_response) | getattr(self.exc, "extra", {})


def exception_handler(exc: Exception, context: Any) -> Any:
    return standard(_known(exc), context)


def error_answer(refusal: APIException) -> Response:
    """A refusal as an answer, for those who can't raise it: what they wrote is to stay."""
    return Response(OneErrorBody(refusal, cast(Any, {}), refusal).run(), status=refusal.status_code)


def _known(exc: Exception) -> Exception:
    if isinstance(exc, InvalidModel):
        return ValidationError(exc.message_dict if hasattr(exc, "error_dict") else exc.messages)
    if isinstance(exc, OperationalError):
        return Busy()
    return exc
