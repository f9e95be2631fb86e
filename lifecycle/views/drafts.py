from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from lifecycle.designing.checking import BadBlueprint
from lifecycle.designing.editing import Meanwhile
from lifecycle.designing.restoring import CannotRestore, restore
from lifecycle.drafting import (
    DraftChanged,
    NoDraft,
    discard,
    publish_as_read,
    revise,
)
from lifecycle.forms import NumbersForm
from lifecycle.models import LifecycleModel, ModelVersion
from lifecycle.publishing import CannotPublish
from lifecycle.resettling import vanished
from lifecycle.views.designing import Desk
from lifecycle.views.simulations import heirs_in


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def lifecycle_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """The numbers of the draft, or of what is in force while there is none; saving opens one."""
    desk = Desk.of(slug)
    model = desk.model
    form = NumbersForm(desk.version, request.POST or None, read=desk.read, faulty=desk.faulty)
    status, since = 200, list[Meanwhile]()
    if request.method == "POST":
        status = _save(request, model, form, since)
        if status == 200:
            return redirect("lifecycle-draft", slug=slug)
        if status == 409:
            desk = Desk.of(slug)
            form = NumbersForm(desk.version, read=desk.read, faulty=desk.faulty)
    context = desk.context("numbers", form=form, since=since)
    if desk.draft:
        # What is changed after the form read it is then shown, and not published.
        context |= publication(desk, desk.draft) | {"read": form.initial["read"]}
    return render(request, "lifecycle/draft.html", context, status=status)


def _save(request: HttpRequest, model: LifecycleModel, form: NumbersForm, since: list[Meanwhile]) -> int:
    if not form.is_valid():
        return 422
    read = form.cleaned_data["read"]
    try:
        draft = revise(model, conditions=form.conditions(), stays=form.stays(), read=read, by=me(request))
    except DraftChanged as refusal:
        messages.error(request, str(refusal))
        since += refusal.since
        return 409
    except BadBlueprint as refusal:
        form.add_error(None, str(refusal))
        return 422
    messages.success(
        request,
        _("Saved as a draft. Nothing changes for customers until you publish it.")
        if draft
        else _("Nothing has changed."),
    )
    return 200


@require_POST
@requires(Capability.EDIT_MODELS)
def lifecycle_restored(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Open a draft that says what an earlier version said, and show what publishing it would do."""
    version = get_object_or_404(ModelVersion, model__slug=slug, number=number)
    try:
        restore(version, by=me(request))
    except CannotRestore as refusal:
        messages.error(request, str(refusal))
        return redirect("lifecycle-model", slug=slug)
    messages.success(
        request,
        _("A draft says what version %(number)s said. Nothing changes for customers until you publish it.")
        % {"number": number},
    )
    return redirect("lifecycle-publication", slug=slug)


@require_POST
@requires(Capability.EDIT_MODELS)
def lifecycle_draft_removal(request: HttpRequest, slug: str) -> HttpResponse:
    model = get_object_or_404(LifecycleModel, slug=slug)
    if discard(model, by=me(request)):
        messages.success(request, _("The draft is gone; what is in force stays."))
    if not LifecycleModel.objects.filter(slug=slug).exists():
        return redirect("lifecycle-models")
    return redirect("lifecycle-model", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def lifecycle_publication(request: HttpRequest, slug: str) -> HttpResponse:
    """What would change, and the button. Posted with `history` over all history, else from now on."""
    if request.method == "POST":
        return _publish(request, get_object_or_404(LifecycleModel, slug=slug))
    desk = Desk.of(slug)
    if desk.draft is None:
        messages.info(
            request, _("There is no draft: what is in force is all there is. Change something first.")
        )
        return redirect("lifecycle-model", slug=slug)
    context = desk.context("publication") | publication(desk, desk.draft)
    return render(request, "lifecycle/design/publication.html", context)


def publication(desk: Desk, draft: ModelVersion) -> dict[str, object]:
    """What the card with the buttons needs."""
    is_first = desk.published is None
    return {
        "draft": draft,
        "read": desk.read,
        "changes": desk.changes,
        "faulty": desk.faulty,
        "is_first": is_first,
        "is_retired": desk.is_retired,
        "vanished": [] if is_first else vanished(draft),
        "used": [(stage.slug, str(stage)) for stage in desk.plan.stages],
        "simulation": simulation_of(draft.model),
    }


def simulation_of(model: LifecycleModel) -> str:
    """The address where a draft is tried out, once there is one."""
    try:
        return reverse("draft-simulation", args=[model.slug])
    except NoReverseMatch:
        return ""


def _publish(request: HttpRequest, model: LifecycleModel) -> HttpResponse:
    try:
        draft = publish_as_read(
            model,
            read=request.POST.get("read", ""),
            by=me(request),
            replay="history" in request.POST,
            heirs=heirs_in(request.POST),
        )
    except NoDraft as refusal:
        messages.info(request, str(refusal))
        return redirect("lifecycle-model", slug=model.slug)
    except (DraftChanged, CannotPublish) as refusal:
        messages.error(request, str(refusal))
        return redirect("lifecycle-draft", slug=model.slug)
    messages.success(request, _("Version %(number)s is in force.") % {"number": draft.number})
    return redirect("lifecycle-model", slug=model.slug)
