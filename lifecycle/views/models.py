from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.jobs import JobFailed
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.signed_in import me
from clm.base.context import address
from lifecycle.describing import customers_by_stage, describe, history_state
from lifecycle.designing.checking import BadBlueprint
from lifecycle.designing.forms import NewModelForm
from lifecycle.designing.founding import begin
from lifecycle.gallery import axis, presets, tell
from lifecycle.models import LifecycleModel, NotInForce
from lifecycle.parking import pulled_in, release_all
from lifecycle.presets import install, shipped
from lifecycle.replay import request_replay
from lifecycle.retiring import CannotRetire, retire
from lifecycle.views.designing import versions_or_404


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def lifecycle_models(request: HttpRequest) -> HttpResponse:
    chosen = list(LifecycleModel.objects.for_list())
    context = {
        "models": [(model, sum(customers_by_stage(model, seen_by=me(request)).values())) for model in chosen],
        "presets": presets(without={model.preset for model in chosen}),
        "guides": presets(),
        "axis": axis(presets()),
        "may_edit": may(me(request), Capability.EDIT_MODELS),
    }
    return render(request, "lifecycle/models.html", context)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def lifecycle_preset(request: HttpRequest, preset: str) -> HttpResponse:
    """What a ready-made model holds, before anybody chooses it."""
    if preset not in shipped():
        raise Http404
    context = {
        "told": tell(shipped()[preset]),
        "chosen": LifecycleModel.objects.filter(preset=preset).first(),
        "may_edit": may(me(request), Capability.EDIT_MODELS),
    }
    return render(request, "lifecycle/preset.html", context)


@require_POST
@requires(Capability.EDIT_MODELS)
def lifecycle_model_choice(request: HttpRequest, preset: str) -> HttpResponse:
    if preset not in shipped():
        raise Http404
    return redirect("lifecycle-model", slug=install(preset, by=me(request)).slug)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def lifecycle_model(request: HttpRequest, slug: str) -> HttpResponse:
    """The page, or for htmx the part that moves while the history is worked out."""
    versions = versions_or_404(slug)
    model = versions.model
    history = history_state(versions)
    description = describe(versions.shown, seen_by=me(request), count_all=history.last is None)
    context = {
        "model": model,
        "description": description,
        "versions": versions,
        "history": history,
        "has_customers": description.everybody > 0,
        "everybody_has_a_stage": history.last is None and 0 < description.customers == description.everybody,
        "may_edit": may(me(request), Capability.EDIT_MODELS),
        "is_restricted": me(request).is_restricted,
        "dashboard": address("dashboard") if may(me(request), Capability.VIEW_METRICS) else "",
        "customers": address("customers"),
    }
    template = "lifecycle/_now.html" if request.headers.get("HX-Request") else "lifecycle/model.html"
    return render(request, template, context)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def lifecycle_parked(request: HttpRequest, slug: str) -> HttpResponse:
    """The part of a model's page that names the rules which pull customers to and fro."""
    model = get_object_or_404(LifecycleModel, slug=slug)
    pulled = pulled_in(model, seen_by=me(request))
    context = {
        "model": model,
        "pulled": pulled,
        "parked": sum(group.customers for group in pulled),
        "may_edit": may(me(request), Capability.EDIT_MODELS),
        "may_release": may(me(request), Capability.EDIT_CUSTOMERS),
    }
    return render(request, "lifecycle/_pulled.html", context)


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def lifecycle_release(request: HttpRequest, slug: str) -> HttpResponse:
    released = release_all(get_object_or_404(LifecycleModel, slug=slug), by=me(request))
    told = ngettext(
        "Released: rules decide again for %(n)s customer, within a minute.",
        "Released: rules decide again for %(n)s customers, within a minute.",
        released,
    )
    if released:
        messages.success(request, told % {"n": released})
    else:
        messages.info(request, _("Nobody was parked any more."))
    return redirect("lifecycle-model", slug=slug)


@require_POST
@requires(Capability.EDIT_MODELS)
def lifecycle_replay(request: HttpRequest, slug: str) -> HttpResponse:
    model = get_object_or_404(LifecycleModel, slug=slug)
    try:
        request_replay(model, by=me(request))
    except JobFailed as refusal:
        messages.error(request, str(refusal))
    return redirect("lifecycle-model", slug=slug)


@require_POST
@requires(Capability.EDIT_MODELS)
def lifecycle_primacy(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        get_object_or_404(LifecycleModel, slug=slug).make_primary(by=me(request))
    except NotInForce as refusal:
        messages.error(request, str(refusal))
    return redirect("lifecycle-model", slug=slug)


@require_POST
@requires(Capability.EDIT_MODELS)
def lifecycle_retirement(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        retire(get_object_or_404(LifecycleModel, slug=slug), by=me(request))
    except CannotRetire as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Its rules decide no more. Everybody keeps the stage they have."))
    return redirect("lifecycle-model", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def lifecycle_model_new(request: HttpRequest) -> HttpResponse:
    """A model of one's own: `?start=preset:<slug>` or `model:<slug>` begins with a copy."""
    form = NewModelForm(request.POST or None, initial={"start": request.GET.get("start", "")})
    if form.is_bound and form.is_valid():
        slug, language = form.cleaned_data["slug"], (get_language() or "en").partition("-")[0]
        labels = {language: form.cleaned_data["name"].strip()}
        try:
            begin(slug, form.cleaned_data["start"], by=me(request), labels=labels)
        except BadBlueprint as refusal:
            form.add_error(None, str(refusal))
        except IntegrityError:  # somebody took the key just now
            form.add_error("slug", _("There is a model with this key already. Choose another."))
        else:
            messages.success(request, _("The model is a draft. Change it as you like, then publish it."))
            return redirect("draft-stages", slug=slug)
    status = 422 if form.is_bound else 200
    return render(request, "lifecycle/design/new.html", {"form": form}, status=status)
