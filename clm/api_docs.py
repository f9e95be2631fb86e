"""The API's schema, and a page to browse and try it; for those who are signed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularJSONAPIView

from clm.accounts.permissions import Capability, RoleAllows, requires


class ApiSchema(SpectacularJSONAPIView):
    """OpenAPI 3.1."""

    permission_classes = [RoleAllows]
    capability = Capability.USE
    write_capability = None
    http_method_names = ["get", "head"]


@require_safe
@requires(Capability.USE)
def api_docs(request: HttpRequest) -> HttpResponse:
    return render(request, "clm/api_docs.html")
