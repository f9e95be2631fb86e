"""Segments: listed, looked at, made, changed, deleted, computed anew."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from clm.base import clock, keyset
from clm.base.conditions import InvalidCondition
from clm.base.conditions.fields import is_being_built
from clm.base.conditions.storing import stored
from customers.models import Segment
from customers.models.segment import SegmentKind, SegmentQuerySet
from customers.narrowing import legible
from customers.segments import describing, keeping
from customers.segments.computing import backlog
from customers.segments.forms import SegmentForm
from customers.taking_out import segment_lines


def _visible(user: User, pk: int) -> Segment:
    return get_object_or_404(Segment.objects.visible_to(user).select_related("owner"), pk=pk)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
@also_as_file("segments", lambda request: segment_lines(_seen(request), seen_by=me(request)))
def segments(request: HttpRequest) -> HttpResponse:
    user = me(request)
    page = keyset.page(_seen(request), sort="name", cursor=request.GET.get("after", ""))
    context = {
        "page": page,
        "lines": describing.lines(list(page.rows), seen_by=user),
        "may_edit": may(user, Capability.EDIT_SEGMENTS),
        "backlog": backlog(),
    }
    return render(request, "customers/segments/segments.html", context)


def _seen(request: HttpRequest) -> SegmentQuerySet:
    return Segment.objects.visible_to(me(request)).select_related("owner")


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def segment(request: HttpRequest, pk: int) -> HttpResponse:
    user, now = me(request), clock.now()
    shown = _visible(user, pk)
    context = {
        "segment": shown,
        "sentence": describing.in_words(shown),
        "about": describing.describe(shown, seen_by=user, as_of=now),
        "uses": keeping.uses_of(shown),
        "is_stale": describing.is_stale(shown, now),
        "may_edit": may(user, Capability.EDIT_SEGMENTS),
    }
    return render(request, "customers/segments/segment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_SEGMENTS)
def segment_new(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("kind", SegmentKind.DYNAMIC)
    kind = asked if asked in SegmentKind.values else SegmentKind.DYNAMIC
    form, status = _carried(request, kind) or _form(request, SegmentForm(kind, request.POST or None), kind)
    if form.is_bound and form.is_valid():
        try:
            made = keeping.create(by=me(request), kind=kind, **form.values())
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _told(made))
            return redirect("segment", pk=made.pk)
    status = 422 if form.is_bound and form.errors else status
    context = {"form": form, "kind": kind, "is_dynamic": kind == SegmentKind.DYNAMIC}
    return render(request, "customers/segments/form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_SEGMENTS)
def segment_edit(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _visible(me(request), pk)
    form, status = _form(request, SegmentForm.of(shown, request.POST or None), shown.kind)
    if form.is_bound and form.is_valid():
        refusal = _change(request, shown, form)
        if refusal is None:
            return redirect("segment", pk=shown.pk)
        messages.error(request, refusal) if refusal else None
        if not form.errors:
            form, status = SegmentForm.of(_visible(me(request), pk)), 409
    status = 422 if form.is_bound and form.errors else status
    context = {"form": form, "segment": shown, "kind": shown.kind, "is_dynamic": shown.is_dynamic}
    return render(request, "customers/segments/form.html", context, status=status)


def _carried(request: HttpRequest, kind: str) -> tuple[SegmentForm, int] | None:
    """With conditions that narrow a list: sent from where they are built, or in an address."""
    if "carried" in request.POST:
        sent = SegmentForm(kind, request.POST)
        return SegmentForm(kind, initial={"conditions": sent["conditions"].data}), 200
    if request.method == "POST" or not request.GET.get("conditions"):
        return None
    try:
        tree = stored(legible(request.GET["conditions"], user=me(request)))
    except InvalidCondition as error:
        messages.error(request, str(error))
        return None
    return SegmentForm(kind, initial={"conditions": tree}), 200


def _form(request: HttpRequest, form: SegmentForm, kind: str) -> tuple[SegmentForm, int]:
    """The form as it is to be shown: with what was typed, unsaved, while its conditions are worked on."""
    if request.method == "POST" and is_being_built(request.POST):
        return SegmentForm.under_way(kind, request.POST), 200
    return form, 200


def _change(request: HttpRequest, segment: Segment, form: SegmentForm) -> str | None:
    """None when it was done; else the reason, empty when it stands at its field."""
    try:
        changed = keeping.change(segment, by=me(request), values=form.values(), expected=form.expected())
    except ValidationError as error:
        form.refuse(error)
        return ""
    except (keeping.StaleSegment, keeping.SegmentInUse) as refusal:
        return str(refusal)
    messages.success(request, _told(changed))
    return None


def _told(segment: Segment) -> str:
    if segment.status == "queued":
        return _("Saved. Its customers are being worked out; this may take a few minutes.")
    return _("Saved.")


@require_POST
@requires(Capability.EDIT_SEGMENTS)
def segment_removal(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _visible(me(request), pk)
    try:
        keeping.remove(shown, by=me(request))
    except keeping.SegmentInUse as refusal:
        messages.error(request, str(refusal))
        return redirect("segment", pk=pk)
    messages.success(request, _("The segment was deleted. Its customers stay."))
    return redirect("segments")


@require_POST
@requires(Capability.EDIT_SEGMENTS)
def segment_refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask everybody anew, now."""
    shown = _visible(me(request), pk)
    if shown.is_dynamic:
        job = keeping.compute_anew(shown, by=me(request))
        if job:
            messages.info(request, _("Its customers are being worked out."))
            return redirect("job", pk=job.pk)
        messages.success(request, _("Its customers were worked out anew."))
    return redirect("segment", pk=pk)
