"""Where one searches: the box in the top bar, and the page that it leads to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clm.accounts.permissions import Capability, requires
from clm.base.search import LONGEST
from clm.finding import search_everything

IN_THE_BOX, ON_THE_PAGE = 5, 20


@require_safe
@requires(Capability.USE)
def search(request: HttpRequest) -> HttpResponse:
    """The page, or for the box in the top bar the options that it offers."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    is_box = bool(request.headers.get("HX-Request"))
    groups = search_everything(text, request=request, most=IN_THE_BOX if is_box else ON_THE_PAGE)
    number = sum(len(group.hits) for group in groups)
    context = {"query": text, "groups": groups, "number": number}
    return render(request, f"search/{'_options' if is_box else 'search'}.html", context)
