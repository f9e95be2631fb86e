"""A model as a text file: downloaded, compared with another version or a file, and read back into the draft."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.signed_in import me
from lifecycle.designing import file
from lifecycle.designing.blueprint import Blueprint, blueprint_of, for_model, keyed
from lifecycle.designing.checking import BadBlueprint
from lifecycle.designing.difference import difference
from lifecycle.designing.forms import FileForm
from lifecycle.designing.versions import Versions, read_whole
from lifecycle.models import LifecycleModel, ModelVersion
from lifecycle.views.designing import Desk, act, versions_or_404


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def lifecycle_file(request: HttpRequest, slug: str) -> HttpResponse:
    """`?version=` a number, else the one in force, else the newest."""
    model = get_object_or_404(LifecycleModel, slug=slug)
    version = Versions.of_model(model).named(request.GET.get("version", ""))
    if version is None:
        raise Http404
    answer = HttpResponse(file.render(blueprint_of(version)), content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{slug}-v{version.number}.json"'
    return answer


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def lifecycle_differences(request: HttpRequest, slug: str) -> HttpResponse:
    """`?before=` and `?after=` two version numbers; else the newest and the one before it."""
    versions = versions_or_404(slug)
    after = _asked(request, versions, "after", versions.all[0])
    older = (one for one in versions.all if after and one.number < after.number)
    before = _asked(request, versions, "before", next(older, None))
    if before and after:
        read_whole(before, after)
    context = {
        "model": versions.model,
        "versions": versions.all,
        "before": before,
        "after": after,
        "changes": difference(blueprint_of(before), blueprint_of(after)) if before and after else [],
        "may_edit": may(me(request), Capability.EDIT_MODELS),
    }
    return render(request, "lifecycle/design/differences.html", context)


def _asked(
    request: HttpRequest, versions: Versions, name: str, otherwise: ModelVersion | None
) -> ModelVersion | None:
    number = request.GET.get(name, "")
    version = versions.named(number) if number else otherwise
    if number and version is None:
        raise Http404
    return version


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def draft_file(request: HttpRequest, slug: str) -> HttpResponse:
    """Look at what a file would change; with `save` in the form, read it into the draft."""
    desk = Desk.of(slug)
    form = FileForm(request.POST or None, request.FILES or None, read=desk.read)
    status, more = 200, dict[str, object]()
    if form.is_bound:
        status, more = _read_file(request, desk, form)
    if status == 302:
        return redirect("lifecycle-publication", slug=slug)
    context = desk.context("file", form=form, **more)
    return render(request, "lifecycle/design/file.html", context, status=status)


def _read_file(request: HttpRequest, desk: Desk, form: FileForm) -> tuple[int, dict[str, object]]:
    if not form.is_valid():
        return 422, {}
    try:
        told = file.read(form.text(), desk.plan)
    except file.BadFile as error:
        form.show(form.text())
        return 422, {"faults": error.told()}
    plan = keyed(for_model(told, desk.model), desk.plan)
    if "save" not in request.POST:
        form.show(form.text(), read=desk.read)
        return 200, {"changes": difference(desk.plan, plan), "is_compared": True}
    try:
        since = act(request, desk, lambda before: onto(before, plan))
    except BadBlueprint as error:
        form.show(form.text())
        return 422, {"faults": [fault.reason for fault in error.faults]}
    if since is None:
        return 302, {}
    form.show(form.text(), read=desk.read)
    return 409, {
        "since": since,
        "is_stale": True,
        "changes": difference(desk.plan, plan),
        "is_compared": True,
    }


def onto(before: Blueprint, plan: Blueprint) -> Blueprint:
    """The plan in place of what there was, its rules keyed anew."""
    return keyed(replace(plan, slug=before.slug), before)
