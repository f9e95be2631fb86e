"""The way from a list to its file."""

from django import template
from django.http import HttpRequest
from django.template.context import Context

from clm.accounts.permissions import Capability, may

register = template.Library()
PAGES = ("after", "before", "cursor", "page", "format")


@register.simple_tag(takes_context=True)
def file_of_page(context: Context) -> str:
    """The address at which this page's table is a file, all pages of it; empty for who may take nothing out."""
    request: HttpRequest | None = context.get("request")
    if request is None or not may(request.user, Capability.EXPORT):  # type: ignore[arg-type]
        return ""
    query = request.GET.copy()
    for name in PAGES:
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}"
