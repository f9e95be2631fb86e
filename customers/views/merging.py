"""Two customers who are one: side by side, merged, and separated again."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from clm.base import keyset
from customers.custom_fields.known import hidden_from
from customers.leads.matching import matches
from customers.merging import comparing
from customers.merging.choices import Choices
from customers.merging.merge import CannotMerge, merge, unmerge
from customers.models import Customer, CustomerMerge
from customers.models.merge import CustomerMergeQuerySet
from customers.searching import found
from customers.taking_out import merge_lines

SHOWN = 50
OFFERED = 10
LONGEST_SEARCH = 200
CHOICE = "choice-"


def _present(user: User, pk: int) -> Customer:
    customers = Customer.objects.visible_to(user).present().select_related("company", "owner", "team")
    return get_object_or_404(customers, pk=pk)


@require_safe
@requires(Capability.EDIT_CUSTOMERS)
def customer_merge_with(request: HttpRequest, pk: int) -> HttpResponse:
    """With whom: those who may be the same, and whoever is searched for."""
    user, customer = me(request), _present(me(request), pk)
    query = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    offered = [] if query else matches(_person(customer), seen_by=user, but=pk)
    hits = found(Customer.objects.visible_to(user).present().exclude(pk=pk), query)[:OFFERED] if query else []
    context = {"customer": customer, "query": query, "offered": offered, "hits": hits}
    return render(request, "customers/merging/with.html", context)


def _person(customer: Customer) -> dict[str, str]:
    company = customer.company.name if customer.company else ""
    told = {name: getattr(customer, name) for name in ("name", "email", "phone", "country")}
    return told | {"company": company}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def customer_merge(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """`pk` stays, `other` becomes it."""
    user = me(request)
    if pk == other:
        messages.error(request, _("Choose two different customers."))
        return redirect("customer-merge-with", pk=pk)
    both = {one.pk: one for one in Customer.objects.visible_to(user).present().filter(pk__in=[pk, other])}
    if len(both) < 2:
        raise Http404
    winner, loser = both[pk], both[other]
    refusal, choices = "", _choices(request)
    if request.method == "POST":
        try:
            merge(loser, winner, by=user, choices=choices)
        except (CannotMerge, ValidationError) as error:
            refusal = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        else:
            messages.success(
                request, _("They are one customer now. You can undo this under “Merged customers”.")
            )
            return redirect("customer", pk=pk)
    context = {
        "winner": winner,
        "loser": loser,
        "rows": comparing.rows(winner, loser, choices, hidden=hidden_from(user)),
        "doings": comparing.doings([winner, loser]),
        "refusal": refusal,
    }
    return render(request, "customers/merging/merge.html", context, status=409 if refusal else 200)


def _choices(request: HttpRequest) -> Choices:
    given = {
        name.removeprefix(CHOICE): value for name, value in request.POST.items() if name.startswith(CHOICE)
    }
    return cast("Choices", given)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
@also_as_file("merges", lambda request: merge_lines(_merges(request)))
def customer_merges(request: HttpRequest) -> HttpResponse:
    user = me(request)
    page = keyset.page(
        _merges(request), sort="-recorded_at", cursor=request.GET.get("cursor", ""), size=SHOWN
    )
    context: dict[str, Any] = {"page": page, "may_edit": may(user, Capability.EDIT_CUSTOMERS)}
    return render(request, "customers/merging/merges.html", context)


def _merges(request: HttpRequest) -> CustomerMergeQuerySet:
    merges = CustomerMerge.objects.visible_to(me(request))
    return merges.select_related("winner", "loser", "merged_by")


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def customer_merge_undo(request: HttpRequest, pk: int) -> HttpResponse:
    done = get_object_or_404(CustomerMerge.objects.visible_to(me(request)), pk=pk)
    try:
        loser = unmerge(done, by=me(request))
    except CannotMerge as refusal:
        messages.error(request, str(refusal))
        return redirect("customer-merges")
    messages.success(request, _("%(customer)s is a customer of its own again.") % {"customer": loser})
    return redirect("customer-merges")
