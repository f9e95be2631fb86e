"""OpenAPI: what every endpoint has in common is said here once, so that no endpoint forgets it."""

from collections.abc import Iterator
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from clm.base.rest.filters import parameters_of


class OneError(serializers.Serializer[Any]):
    code = serializers.CharField(help_text=_("For programs."))
    detail = serializers.CharField(help_text=_("For people: what is wrong and the cure."))
    attr = serializers.CharField(allow_null=True, help_text=_("The field or parameter it is about."))


class ErrorBody(serializers.Serializer[Any]):
    type = serializers.RegexField(
        r"^(validation_error|client_error|server_error)$",
        help_text=_("validation_error, client_error or server_error."),
    )
    errors = OneError(many=True)  # type: ignore[assignment]


class StaleBody(ErrorBody):
    current = serializers.DictField(help_text=_("The object as it is now."))


# status: (what it means, an example's code, detail and attr)
ERRORS: dict[int, tuple[str, str, str, str | None]] = {
    400: ("Not understood, or not valid", "invalid", "It needs a time zone, such as Z or +02:00 at its end.", "as_of"),
    401: ("No key, or one that is wrong, expired or revoked", "not_authenticated", "Authentication credentials were not provided.", None),
    403: ("The role or the key's scope does not allow it", "permission_denied", "You do not have permission to perform this action.", None),
    404: ("Not there, or not yours to see", "not_found", "Not found.", None),
    405: ("No such method here", "method_not_allowed", 'Method "DELETE" not allowed.', None),
    406: ("Answers are JSON", "not_acceptable", "Could not satisfy the request Accept header.", None),
    409: ("Refused, with the reason", "conflict", "This move is not allowed from the present stage.", None),
    412: ("Changed since it was read", "stale", "It was changed meanwhile. `current` is the version to start from.", None),
    413: ("Larger than 5 MB", "too_large", "The body is larger than 5 MB. Send it in parts.", None),
    415: ("Bodies are JSON", "unsupported_media_type", 'Unsupported media type "text/csv" in request.', None),
    422: ("The Idempotency-Key belongs to another request", "idempotency_key_reused", "This Idempotency-Key was used for another request. Use a new key for each request.", None),
    428: ("If-Match is missing", "if_match_missing", "Send the ETag of the version you read as If-Match.", None),
    429: ("Too many requests; see Retry-After", "throttled", "Request was throttled. Expected available in 30 seconds.", None),
    503: ("The database did not answer in time", "busy", "The database did not answer in time. Nothing was changed; try again.", None),
}  # fmt: skip
ALWAYS = (400, 401, 403, 405, 406, 429, 503)
WITH_BODY = (413, 415)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Any text of up to 200 characters. For 24 hours the same key and body get the same answer.",
)
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag of the version you read."
)


class Schema(AutoSchema):
    """Reads from the view: `tag`, `parameters` (of GET), `errors` ({"post": (409,)}), `answers_once`."""

    view: Any

    def get_tags(self) -> list[str]:
        return [self.view.tag]

    def get_description(self) -> str:  # type: ignore[override]
        """The method's own docstring; those of views speak to programmers."""
        return str(get_doc(getattr(self.view, self.method.lower())))

    def get_override_parameters(self) -> list[Any]:
        parameters = list(self.view.parameters) if self.method == "GET" else []
        if self.method == "POST" and getattr(self.view, "answers_once", False):
            parameters.append(IDEMPOTENCY_KEY)
        if 428 in self._declared():
            parameters.append(IF_MATCH)
        return parameters

    def _get_filter_parameters(self) -> Any:
        lists = self.method == "GET" and hasattr(self.view, "filterset_class")
        return parameters_of(self.view) if lists else []

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status in sorted(self._error_statuses()):
            bodies.setdefault(str(status), self._error_response(status))
        return bodies

    def _error_response(self, status: int) -> Any:
        return self._get_response_for_code(_error(status), str(status))  # type: ignore[no-untyped-call]

    def _error_statuses(self) -> set[int]:
        statuses = {*ALWAYS, *self._declared()}
        if self.method in ("POST", "PUT", "PATCH"):
            statuses |= {*WITH_BODY}
        if "{" in self.path.removeprefix(self.path_prefix):
            statuses.add(404)
        if self.method == "POST" and getattr(self.view, "answers_once", False):
            statuses |= {409, 422}
        return statuses

    def _declared(self) -> tuple[int, ...]:
        declared: tuple[int, ...] = self.view.errors.get(self.method.lower(), ())
        return declared


def say_errors_once(result: dict[str, Any], **_asked: Any) -> dict[str, Any]:
    """What nearly every operation answers stands among the components, and operations refer to it."""
    shared: dict[str, Any] = {}
    for operation in _operations(result):
        for status, answer in operation["responses"].items():
            if int(status) in ERRORS and shared.setdefault(f"Error{status}", answer) == answer:
                operation["responses"][status] = {"$ref": f"#/components/responses/Error{status}"}
    result["components"]["responses"] = dict(sorted(shared.items()))
    return result


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in schema["paths"].values():
        yield from (operation for operation in path.values() if "responses" in operation)


def _error(status: int) -> OpenApiResponse:
    meaning, code, detail, attr = ERRORS[status]
    kind = "server_error" if status >= 500 else "validation_error" if attr else "client_error"
    value: dict[str, Any] = {"type": kind, "errors": [{"code": code, "detail": detail, "attr": attr}]}
    value |= {"current": {"id": 7}} if status == 412 else {}
    body = StaleBody if status == 412 else ErrorBody
    return OpenApiResponse(
        body, meaning, [OpenApiExample(code, value, response_only=True, status_codes=[str(status)])]
    )
