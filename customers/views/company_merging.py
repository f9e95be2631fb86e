"""Two companies side by side, to become one; and one without people, to go."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from clm.base.search import holding
from customers.companies import FIELDS
from customers.company_merging import LOSER, CompanyKept, delete, merge, open_fields
from customers.company_pages import sums_of
from customers.models import Company

LABELS: dict[str, Promise] = {
    "name": gettext_lazy("Name"),
    "domain": gettext_lazy("Domain"),
    "country": gettext_lazy("Country"),
    "owner": gettext_lazy("Owner"),
    "team": gettext_lazy("Team"),
}
MOST = 20


@dataclass(frozen=True)
class Row:
    name: str
    label: Promise
    winner: Any
    loser: Any
    is_open: bool


def _visible(request: HttpRequest, pk: int) -> Company:
    return get_object_or_404(Company.objects.visible_to(me(request)).select_related("owner", "team"), pk=pk)


@require_safe
@requires(Capability.EDIT_CUSTOMERS)
def company_merge_with(request: HttpRequest, pk: int) -> HttpResponse:
    """Which other company is the same; without a search those whose names begin alike, and of the same domain."""
    company, query = _visible(request, pk), request.GET.get("q", "").replace("\x00", "").strip()[:200]
    others = Company.objects.visible_to(me(request)).exclude(pk=pk)
    first = (company.name.split() or [company.name])[0]
    wanted = others.filter(holding("name", query or first))
    if not query and company.domain:
        wanted = wanted | others.filter(domain=company.domain)
    context = {"company": company, "query": query, "others": wanted.order_by("name", "pk")[:MOST]}
    return render(request, "companies/merge_with.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def company_merge(request: HttpRequest, pk: int, loser: int) -> HttpResponse:
    winner, gone = _visible(request, pk), _visible(request, loser)
    refusal = ""
    if request.method == "POST":
        choices = {name: LOSER for name in FIELDS if request.POST.get(f"choice-{name}") == LOSER}
        try:
            merge(gone, winner, by=me(request), choices=choices)
        except CompanyKept as error:
            refusal = str(error)
        else:
            messages.success(request, _("They are one company now."))
            return redirect("company", pk=winner.pk)
    must_choose = open_fields(gone, winner)
    rows = [
        Row(name, LABELS[name], getattr(winner, name), getattr(gone, name), name in must_choose)
        for name in FIELDS
    ]
    context = {
        "winner": winner,
        "loser": gone,
        "rows": rows,
        "people": (sums_of(winner, me(request)).people, sums_of(gone, me(request)).people),
        "refusal": refusal,
    }
    return render(request, "companies/merge.html", context, status=409 if refusal else 200)


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def company_deletion(request: HttpRequest, pk: int) -> HttpResponse:
    company = _visible(request, pk)
    try:
        delete(company, by=me(request))
    except CompanyKept as refusal:
        messages.error(request, str(refusal))
        return redirect("company", pk=pk)
    messages.success(request, _("%(company)s was deleted.") % {"company": company})
    return redirect("companies")
