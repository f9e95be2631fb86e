"""Pages for doing one thing to many rows of a list: how many, what exactly, what came of it, undo."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts import bulk
from clm.accounts.bulk.actions import action_of, page_of
from clm.accounts.bulk.undoing import refusal_to_undo
from clm.accounts.models import BulkChange, User
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.signed_in import me

REFUSALS_SHOWN = 100


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def bulk_matching(request: HttpRequest, page: str) -> HttpResponse:
    """How many rows the list's filters find, exactly: for the bar, when all of them are wanted."""
    of, query = _page(page), request.GET.urlencode()
    try:
        number = bulk.Chosen(of, query, None).number(me(request))
    except bulk.Unreadable:
        raise Http404 from None
    context = {"number": number, "counted": of.counted(number)}
    return render(request, "accounts/bulk/_matching.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def bulk_action(request: HttpRequest, page: str, action: str) -> HttpResponse:
    """What exactly is to be done to the chosen rows, then doing it."""
    of, asked = _action(page, action, me(request))
    is_sent = request.method == "POST" and "again" not in request.POST
    chosen = bulk.Chosen.read(of, request.POST if request.method == "POST" else request.GET)
    try:
        number = chosen.number(me(request))
    except bulk.Unreadable:
        return redirect(_list(chosen))
    if not number:
        messages.info(request, _("Nothing is chosen. Tick some rows first."))
        return redirect(_list(chosen))
    form = asked.form(me(request), request.POST if is_sent else None)
    if not is_sent:
        form = asked.form(me(request), None, initial=_typed(request))
    drifted = is_sent and chosen.count is not None and chosen.count != number
    if is_sent and not drifted and form.is_valid():
        return _done(request, bulk.begin(asked, chosen, by=me(request), values=form.values()), chosen)
    context = {
        "action": asked,
        "page": of,
        "form": form,
        "chosen": chosen.counting(number),
        "counted": of.counted(number),
        "seen": of.counted(chosen.count) if drifted and chosen.count is not None else "",
        "list_url": _list(chosen),
    }
    is_part = request.headers.get("HX-Request") and not is_sent
    template = f"accounts/bulk/{'_action' if is_part else 'action'}.html"
    return render(request, template, context, status=409 if drifted else 422 if is_sent else 200)


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What a form that is shown anew, because one choice steers another, held already."""
    data = request.POST if request.method == "POST" else request.GET
    return {name: data.get(name) for name in data}


def _done(request: HttpRequest, change: BulkChange, chosen: bulk.Chosen) -> HttpResponse:
    if not change.finished_at or change.refused:
        return redirect("bulk-change", pk=change.pk)
    can_undo = change.changed and not refusal_to_undo(change, by=me(request))
    text = _("Changed: %(rows)s.") % {"rows": chosen.page.counted(change.changed)}
    if not change.changed:
        text = _("Nothing was changed: all of them were so already.")
    undo = reverse("bulk-undo", args=[change.pk]) if can_undo else ""
    messages.success(request, text, extra_tags=undo)
    return redirect(_list(chosen))


@require_safe
@requires(Capability.EDIT_CUSTOMERS)
def bulk_change(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, then what it came to: how many were changed, and which were refused why."""
    change = _change(request, pk)
    page, action = page_of(change.page), action_of(change.page, change.action)
    if page is None or action is None:
        raise Http404
    context = {
        "change": change,
        "page": page,
        "action": action,
        "told": action.told(change.values),
        "results": _results(change),
        "refused": _refused(change, page, me(request)),
        "refused_count": change.rows.refused().count(),
        "no_undo": refusal_to_undo(change, by=me(request)),
        "list_url": f"{reverse(page.url_name)}?{change.query}",
    }
    return render(request, "accounts/bulk/change.html", context)


def _results(change: BulkChange) -> list[tuple[str, int]]:
    rows = change.rows
    if change.finished_at:
        counts = (change.changed, change.unchanged, change.refused)
    else:  # under way, or cancelled
        counts = (rows.changed().count(), 0, rows.refused().count())
    told = list(zip((_("Changed"), _("Were so already"), _("Refused")), counts, strict=True))
    if change.undone_at:
        told += [(_("Given back"), change.restored), (_("Changed since, so left as they are"), change.left)]
    return told


def _refused(change: BulkChange, page: bulk.BulkPage, user: User) -> list[tuple[str, str, str]]:
    """(name, address, reason) of those the reader may see."""
    rows = dict(change.rows.refused().order_by("pk").values_list("subject", "refusal")[:REFUSALS_SHOWN])
    shown = page.seen(user).filter(pk__in=rows)
    return [(str(row), page.row_url(row.pk), rows[row.pk]) for row in shown]


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def bulk_undo(request: HttpRequest, pk: int) -> HttpResponse:
    change = _change(request, pk)
    try:
        undone = bulk.undo(change, by=me(request))
    except bulk.CannotUndo as refusal:
        messages.error(request, str(refusal))
        return redirect("bulk-change", pk=pk)
    page = page_of(change.page)
    if page is None or undone.undoing or undone.left:
        return redirect("bulk-change", pk=pk)
    messages.success(request, _("Given back: %(rows)s.") % {"rows": page.counted(undone.restored)})
    return redirect(f"{reverse(page.url_name)}?{change.query}")


def _change(request: HttpRequest, pk: int) -> BulkChange:
    changes = BulkChange.objects.visible_to(me(request)).select_related("job", "undoing", "owner")
    return get_object_or_404(changes, pk=pk)


def _page(key: str) -> bulk.BulkPage:
    if page := page_of(key):
        return page
    raise Http404


def _action(page: str, key: str, user: User) -> tuple[bulk.BulkPage, bulk.Action]:
    of, action = _page(page), action_of(page, key)
    if action is None:
        raise Http404
    if not may(user, action.capability):
        raise PermissionDenied
    return of, action


def _list(chosen: bulk.Chosen) -> str:
    return f"{reverse(chosen.page.url_name)}?{chosen.query}"
