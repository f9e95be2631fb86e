"""Views of the customer list that people keep: made, brought up to date, removed."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clm.accounts.models import AuditEntry, SavedView
from clm.accounts.models.saved_view import LONGEST_QUERY
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from customers.forms import SavedViewForm
from customers.views.list import PAGE, state_of


@require_POST
@requires(Capability.VIEW_CUSTOMERS)
def customer_views(request: HttpRequest) -> HttpResponse:
    """Keep the present state of the list under a name."""
    query = _posted_state(request)
    form = SavedViewForm(request.POST, instance=SavedView(owner=me(request), page=PAGE, query=query))
    refusal = _refusal(form, query)
    if refusal:
        messages.error(request, refusal)
        return redirect(f"{reverse('customers')}?{query}")
    try:
        with transaction.atomic():
            view = form.save()
            AuditEntry.objects.record("view.saved", view, by=me(request))
    except IntegrityError:
        messages.error(request, _("You have a view of this name already. Choose another name."))
        return redirect(f"{reverse('customers')}?{query}")
    return _shown(view)


@require_POST
@requires(Capability.VIEW_CUSTOMERS)
def customer_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring one's own view up to date with the present state of the list."""
    view = get_object_or_404(SavedView, pk=pk, page=PAGE, owner=me(request))
    query = _posted_state(request)
    if len(query) > LONGEST_QUERY:
        messages.error(request, _("So many filters can't be kept. Remove some and save again."))
        return redirect(f"{reverse('customers')}?{query}&view={view.pk}")
    with transaction.atomic():
        view.query = query
        view.save(update_fields=["query"])
        AuditEntry.objects.record("view.changed", view, by=me(request))
    return _shown(view)


@require_POST
@requires(Capability.VIEW_CUSTOMERS)
def customer_view_removal(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, page=PAGE, owner=me(request))
    with transaction.atomic():
        AuditEntry.objects.record("view.removed", view, by=me(request))
        view.delete()
    messages.success(request, _("The view was removed."))
    return redirect("customers")


def _posted_state(request: HttpRequest) -> str:
    return state_of(QueryDict(request.POST.get("query", "").replace("\x00", "")))


def _refusal(form: SavedViewForm, query: str) -> str:
    if len(query) > LONGEST_QUERY:
        return _("So many filters can't be kept. Remove some and save again.")
    return (
        "" if form.is_valid() else " ".join(str(error) for errors in form.errors.values() for error in errors)
    )


def _shown(view: SavedView) -> HttpResponse:
    return redirect(f"{reverse('customers')}?{view.query}&view={view.pk}")
