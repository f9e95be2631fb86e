"""The API's schema, and a page to browse and try it; for those who are signed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from clm.accounts.api import caller
from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability, RoleAllows, requires
from customers.custom_fields.known import in_use


class ApiSchema(SpectacularJSONAPIView):
    """OpenAPI 3.1."""

    permission_classes = [RoleAllows]
    capability = Capability.USE
    write_capability = None
    http_method_names = ["get", "head"]

    def _get_schema_response(self, request: Request) -> HttpResponse:
        headers = {"Content-Disposition": 'inline; filename="clm-openapi.json"'}
        content_type = request.accepted_media_type
        return HttpResponse(described(request), content_type=content_type, headers=headers)


_kept: dict[tuple[str, ...], bytes] = {}
MOST_KEPT = 20


def described(request: Request) -> bytes:
    """The same for everybody who reads it in one language and sees the same own fields, and a matter of seconds: once
    per process.
    """
    own = [one.name for one in in_use(caller(request))]
    key = (translation.get_language(), Organisation.objects.current().fields_stamp, *own)
    if key not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        schema = SchemaGenerator().get_schema(request=request if own else None, public=True)  # type: ignore[no-untyped-call]
        _kept[key] = bytes(JSONRenderer().render(schema))
    return _kept[key]


@require_safe
@requires(Capability.USE)
def api_docs(request: HttpRequest) -> HttpResponse:
    return render(request, "clm/api_docs.html")
