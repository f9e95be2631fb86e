"""The journey map of a model as a board, one column as a form, and the playbook for a customer."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.signed_in import me
from clm.base import panels
from customers.models import Customer
from lifecycle.journey import current_periods
from lifecycle.mapping import Column, MapChanged, column_of, columns_of, draw, suggest
from lifecycle.mapping_forms import ColumnForm
from lifecycle.models import LifecycleModel, Stage
from lifecycle.wording import LANGUAGES, reader


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def journey_maps(request: HttpRequest) -> HttpResponse:
    """The map of the primary model; without one, the page where one is chosen."""
    primary = LifecycleModel.objects.primary()
    return redirect("journey-map", slug=primary.slug) if primary else redirect("lifecycle-models")


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def journey_map(request: HttpRequest, slug: str) -> HttpResponse:
    model = get_object_or_404(LifecycleModel, slug=slug)
    columns = columns_of(model, reader())
    context = {
        "model": model,
        "models": LifecycleModel.objects.order_by("-is_primary", "pk"),
        "columns": columns,
        "empty": sum(column.changed_at is None for column in columns),
        "numbers": panels.shown("journey-map", "column", request, model),
        "may_edit": may(me(request), Capability.EDIT_MODELS),
    }
    return render(request, "lifecycle/journey/board.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def journey_stage(request: HttpRequest, slug: str, stage: str) -> HttpResponse:
    shown = get_object_or_404(Stage.objects.settled().select_related("model"), model__slug=slug, slug=stage)
    language = _language(request)
    column = column_of(shown, language)
    form = ColumnForm(request.POST if request.method == "POST" else None, column=column)
    if not form.is_valid():
        return _form(request, form, column, 422 if form.is_bound else 200)
    try:
        draw(shown, form.picture(), read=form.cleaned_data["read"], by=me(request), language=language)
    except MapChanged:
        form.read_anew(column)
        return _form(request, form, column, 409)
    except ValidationError as errors:
        form.take(errors)
        return _form(request, form, column, 422)
    messages.success(request, _("%(stage)s is saved.") % {"stage": shown})
    return redirect("journey-map", slug=slug)


def _language(request: HttpRequest) -> str:
    """The one to write in: named by `?language=`, else the reader's."""
    named = request.GET.get("language", "")
    return named if named in LANGUAGES else reader()


def _form(request: HttpRequest, form: ColumnForm, column: Column, status: int) -> HttpResponse:
    context = {"form": form, "column": column, "model": column.stage.model, "is_stale": status == 409}
    context |= {
        "written": _language(request),
        "languages": [(code, get_language_info(code)["name_translated"]) for code in LANGUAGES],
    }
    return render(request, "lifecycle/journey/stage.html", context, status=status)


@require_POST
@requires(Capability.EDIT_MODELS)
def journey_suggestions(request: HttpRequest, slug: str) -> HttpResponse:
    filled = len(suggest(get_object_or_404(LifecycleModel, slug=slug), by=me(request)))
    told = ngettext("%(n)d stage is filled.", "%(n)d stages are filled.", filled) % {"n": filled}
    messages.success(request, told if filled else _("Every stage is filled already."))
    return redirect("journey-map", slug=slug)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def customer_playbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of a page that says what to do with this customer now, by the primary model."""
    customer = get_object_or_404(Customer.objects.visible_to(me(request)), pk=pk)
    period = next((one for one in current_periods(customer) if one.model.is_primary), None)
    column = column_of(period.stage, reader()) if period else None
    context = {"column": column, "model": period.model if period else None}
    return render(request, "lifecycle/journey/_playbook.html", context)
