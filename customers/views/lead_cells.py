"""Editing one cell of the list of leads in its place."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from customers.leads import pursuing
from customers.leads.cells import CELLS, CellForm
from customers.leads.forms import read_anew
from customers.leads.pipelines import Pipelines
from customers.leads.stepping import StaleLead
from customers.models import Lead
from customers.views.leads import visible_lead


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def lead_cell(request: HttpRequest, pk: int, cell: str) -> HttpResponse:
    """The form in the cell, `?shown=1` the cell again; what somebody changed meanwhile is told before it is replaced."""
    if cell not in CELLS:
        raise Http404
    lead = visible_lead(me(request), pk)
    if "HX-Request" not in request.headers:
        return redirect("lead-edit", pk=pk)
    if request.method != "POST":
        form = CellForm(cell=cell, lead=lead, user=me(request))
        return _shown(request, lead, cell) if "shown" in request.GET else _asked(request, lead, form, 200)
    form = CellForm(request.POST, cell=cell, lead=lead, user=me(request))
    if not form.is_valid():
        return _asked(request, lead, form, 422)
    return _save(request, lead, form)


def _save(request: HttpRequest, lead: Lead, form: CellForm) -> HttpResponse:
    read = form.read_at()
    try:
        if read is None:
            raise StaleLead(lead)
        pursuing.change(lead, by=me(request), values=form.values(), expected=read)
    except ValidationError as refusal:
        form.take(refusal)
        return _asked(request, lead, form, 422)
    except StaleLead as stale:
        form.add_error(
            None, _("Somebody changed this lead meanwhile. Save again to replace what is there now.")
        )
        read_anew(form, stale.current)
        return _asked(request, stale.current, form, 409)
    kept = Lead.objects.visible_to(me(request)).filter(pk=lead.pk).select_related("customer", "owner").first()
    return _shown(request, kept or lead, form.cell, is_done=True)


def _asked(request: HttpRequest, lead: Lead, form: CellForm, status: int) -> HttpResponse:
    now = {"lead": lead, "form": form, "cell": form.cell, "today": localdate(), "is_late": status == 409}
    return render(request, "leads/_cell_form.html", now, status=status)


def _shown(request: HttpRequest, lead: Lead, cell: str, *, is_done: bool = False) -> HttpResponse:
    Pipelines.read().mark([lead])
    context = {"lead": lead, "cell": cell, "today": localdate(), "may_edit": True, "is_back": True}
    return render(request, "leads/_cell.html", context)
