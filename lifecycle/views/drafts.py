from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from clm.base.conditions import InvalidCondition
from lifecycle.drafting import (
    DraftChanged,
    changes_in,
    discard,
    in_work,
    publish_as_read,
    revise,
)
from lifecycle.forms import NumbersForm
from lifecycle.models import LifecycleModel, ModelVersion, VersionStatus
from lifecycle.publishing import CannotPublish


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def lifecycle_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """The numbers of the draft, or of what is in force while there is none; saving opens one."""
    model = get_object_or_404(LifecycleModel, slug=slug)
    form = NumbersForm(in_work(model), request.POST or None)
    status = 200
    if request.method == "POST":
        status = _save(request, model, form)
        if status == 200:
            return redirect("lifecycle-draft", slug=slug)
        if status == 409:
            form = NumbersForm(in_work(model))
    draft = form.version if form.version.status == VersionStatus.DRAFT else None
    context = {"model": model, "form": form, "draft": draft}
    if draft:
        # What is changed after the form read it is then shown, and not published.
        context |= {"read": form.initial["read"], "changes": changes_in(draft)}
    return render(request, "lifecycle/draft.html", context, status=status)


def _save(request: HttpRequest, model: LifecycleModel, form: NumbersForm) -> int:
    if not form.is_valid():
        return 422
    read = form.cleaned_data["read"]
    try:
        draft = revise(model, conditions=form.conditions(), stays=form.stays(), read=read, by=me(request))
    except DraftChanged as refusal:
        messages.error(request, str(refusal))
        return 409
    except InvalidCondition as refusal:
        form.add_error(None, str(refusal))
        return 422
    messages.success(
        request,
        _("Saved as a draft. Nothing changes for customers until you publish it.")
        if draft
        else _("Nothing has changed."),
    )
    return 200


def _draft_of(model: LifecycleModel) -> ModelVersion | None:
    return model.versions.filter(status=VersionStatus.DRAFT).first()


@require_POST
@requires(Capability.EDIT_MODELS)
def lifecycle_draft_removal(request: HttpRequest, slug: str) -> HttpResponse:
    model = get_object_or_404(LifecycleModel, slug=slug)
    if discard(model, by=me(request)):
        messages.success(request, _("The draft is gone; what is in force stays."))
    return redirect("lifecycle-model", slug=slug)


@require_POST
@requires(Capability.EDIT_MODELS)
def lifecycle_publication(request: HttpRequest, slug: str) -> HttpResponse:
    """With `history` in the form over all history, else from now on."""
    model = get_object_or_404(LifecycleModel, slug=slug)
    draft = _draft_of(model)
    if draft is None:
        messages.info(request, _("There is no draft to publish: it was published or discarded meanwhile."))
        return redirect("lifecycle-model", slug=slug)
    try:
        publish_as_read(
            draft, read=request.POST.get("read", ""), by=me(request), replay="history" in request.POST
        )
    except (DraftChanged, CannotPublish) as refusal:
        messages.error(request, str(refusal))
        return redirect("lifecycle-draft", slug=slug)
    messages.success(request, _("Version %(number)s is in force.") % {"number": draft.number})
    return redirect("lifecycle-model", slug=slug)
