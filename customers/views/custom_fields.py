"""The company's own fields: which are defined, defining one, changing it, putting it away."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from customers.custom_fields import defining
from customers.custom_fields.forms import CustomFieldForm
from customers.models import CustomField
from customers.profile_choices import undefined


@require_safe
@requires(Capability.ADMINISTER)
def custom_fields(request: HttpRequest) -> HttpResponse:
    found = list(CustomField.objects.all())
    context = {
        "fields": [one for one in found if one.archived_at is None],
        "archived": [one for one in found if one.archived_at],
        "undefined": undefined(),
    }
    return render(request, "customers/custom_fields/custom_fields.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def custom_field_new(request: HttpRequest) -> HttpResponse:
    key = request.GET.get("key", "").replace("\x00", "")[:60]
    form = CustomFieldForm(request.POST if request.method == "POST" else None, key=key)
    if form.is_valid():
        try:
            made = defining.define(by=me(request), **form.values())
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The field “%(field)s” was added.") % {"field": made})
            return redirect("custom-fields")
    return _form(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def custom_field(request: HttpRequest, pk: int) -> HttpResponse:
    definition = get_object_or_404(CustomField, pk=pk)
    form = CustomFieldForm(request.POST if request.method == "POST" else None, definition=definition)
    if form.is_valid():
        try:
            defining.change(definition, by=me(request), values=form.values(), expected=form.expected())
        except ValidationError as refusal:
            form.refuse(refusal)
        except defining.StaleField as stale:
            messages.error(request, str(stale))
            return redirect("custom-field", pk=pk)
        else:
            messages.success(request, _("Saved."))
            return redirect("custom-fields")
    return _form(request, form, definition=definition)


def _form(request: HttpRequest, form: CustomFieldForm, **context: object) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(
        request, "customers/custom_fields/custom_field.html", {"form": form} | context, status=status
    )


@require_POST
@requires(Capability.ADMINISTER)
def custom_field_archiving(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it away, or take it up again."""
    definition = get_object_or_404(CustomField, pk=pk)
    if request.POST.get("restore"):
        defining.restore(definition, by=me(request))
        messages.success(request, _("“%(field)s” is asked and shown again.") % {"field": definition})
    else:
        defining.archive(definition, by=me(request))
        messages.success(request, _("“%(field)s” was archived; its values stay.") % {"field": definition})
    return redirect("custom-fields")
