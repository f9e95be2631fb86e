"""What a person may ask of us: what they allowed, what we keep, and to be forgotten."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.models import Job
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.signed_in import me
from customers.models import Consent, Customer, PersonExport
from customers.privacy import consents, erasing, exporting
from customers.privacy.forms import ConsentForm

SHOWN = 100
FILES_SHOWN = 5


def _visible(request: HttpRequest, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(me(request)).present(), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def customer_privacy(request: HttpRequest, pk: int) -> HttpResponse:
    """The ledger of consents, with a form for one more entry; the data, and the way to be forgotten."""
    user, customer = me(request), _visible(request, pk)
    form = ConsentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            consents.say(customer, by=user, **form.values())
        except ValidationError as refusal:
            form.take(refusal)
        else:
            messages.success(request, _("It is written down, and holds from now on."))
            return redirect("customer-privacy", pk=pk)
    ledger = Consent.objects.live().filter(customer=customer).order_by("-occurred_at", "-pk")
    files = (
        PersonExport.objects.filter(customer=customer).defer("content").select_related("job", "requested_by")
    )
    erasures = Job.objects.open().filter(kind=erasing.JOB_KIND, parameters__customer=pk)
    context = {
        "customer": customer,
        "form": form,
        "ledger": ledger[:SHOWN],
        "files": files.order_by("-pk")[:FILES_SHOWN],
        "erasure": erasures.first(),
        "may_export": may(user, Capability.EXPORT),
        "may_erase": may(user, Capability.ADMINISTER),
    }
    return render(request, "customers/privacy/privacy.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Capability.EXPORT)
def customer_data(request: HttpRequest, pk: int) -> HttpResponse:
    exporting.ask(_visible(request, pk), by=me(request))
    messages.success(request, _("The file is being put together. Its link stands here for a day."))
    return redirect("customer-privacy", pk=pk)


@require_safe
@requires(Capability.EXPORT)
def customer_data_file(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    customer = _visible(request, pk)
    made = get_object_or_404(PersonExport, customer=customer, token=token)
    content = exporting.fetch(made, by=me(request))
    if content is None:
        messages.error(request, _("This file is not there any more. Ask for a new one."))
        return redirect("customer-privacy", pk=pk)
    name = f"customer-{pk}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/zip", headers=headers)


@require_POST
@requires(Capability.ADMINISTER)
def customer_erasure(request: HttpRequest, pk: int) -> HttpResponse:
    customer = _visible(request, pk)
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Tick that it can't be undone, and erase again."))
        return redirect("customer-privacy", pk=pk)
    try:
        erasing.ask(customer, by=me(request))
    except erasing.AlreadyErased as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The customer is being erased. It takes a minute at most."))
    return redirect("customer-privacy", pk=pk)
