"""The API's schema, and a page to browse and try it; for those who are signed in."""

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from clm.accounts.permissions import Capability, RoleAllows, requires


class ApiSchema(SpectacularJSONAPIView):
    """OpenAPI 3.1."""

    permission_classes = [RoleAllows]
    capability = Capability.USE
    write_capability = None
    http_method_names = ["get", "head"]

    def _get_schema_response(self, request: Request) -> HttpResponse:
        headers = {"Content-Disposition": 'inline; filename="clm-openapi.json"'}
        content_type = request.accepted_media_type
        return HttpResponse(described(translation.get_language()), content_type=content_type, headers=headers)


@cache
def described(_language: str) -> bytes:
    """The same for everybody who reads it in one language, and a matter of seconds: once per process."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return bytes(JSONRenderer().render(schema))


@require_safe
@requires(Capability.USE)
def api_docs(request: HttpRequest) -> HttpResponse:
    return render(request, "clm/api_docs.html")
