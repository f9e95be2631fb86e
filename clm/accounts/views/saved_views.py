"""Views of lists that people keep: made, brought up to date, renamed, shared, put in order, removed."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clm.accounts.models import SavedView
from clm.accounts.permissions import Capability, requires
from clm.accounts.saved_views import ViewedList, keeping, list_named, state_of
from clm.accounts.saved_views.forms import ViewForm
from clm.accounts.views.signed_in import me


def _list(request: HttpRequest, page: str) -> ViewedList:
    viewed = list_named(page, me(request))
    if viewed is None:
        raise Http404
    return viewed


def _view(request: HttpRequest, pk: int, *, mine: bool = False) -> tuple[SavedView, ViewedList]:
    """One that the user may see, or change; 404 for any other."""
    view = get_object_or_404(SavedView.objects.visible_to(me(request)), pk=pk)
    if mine and not view.may_be_changed_by(me(request)):
        raise Http404
    return view, _list(request, view.page)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.USE)
def saved_views(request: HttpRequest, page: str) -> HttpResponse:
    """All views of a list; POST keeps the present state of the list as a new one."""
    viewed, user = _list(request, page), me(request)
    if request.method != "POST":
        context = {"list": viewed, "views": SavedView.objects.of_list(page, user)}
        return render(request, "accounts/saved_views/views.html", context)
    query, form = _posted(request), ViewForm(request.POST, user=user)
    try:
        if not form.is_valid():
            raise keeping.ViewRefused("name", _told(form))
        view = keeping.keep(by=user, page=page, query=query, **form.cleaned_data)
    except keeping.ViewRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{viewed.address}?{query}")
    return redirect(viewed.address_of(view))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.USE)
def saved_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Leads to the list as the view has it; POST brings one's own view up to date with the list's present state."""
    view, viewed = _view(request, pk, mine=request.method == "POST")
    if request.method == "POST":
        query = _posted(request)
        try:
            keeping.change(view, by=me(request), query=query)
        except keeping.ViewRefused as refusal:
            messages.error(request, str(refusal))
            return redirect(f"{viewed.address}?{query}&view={view.pk}")
    return redirect(viewed.address_of(view))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.USE)
def saved_view_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, or others who see it."""
    view, viewed = _view(request, pk, mine=True)
    form = ViewForm(request.POST or None, user=me(request), view=view)
    if request.method == "POST" and form.is_valid():
        try:
            keeping.change(view, by=me(request), **form.cleaned_data)
        except keeping.ViewRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("saved-views", viewed.page)
    context = {"view": view, "list": viewed, "form": form}
    return render(request, "accounts/saved_views/edit.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Capability.USE)
def saved_view_removal(request: HttpRequest, pk: int) -> HttpResponse:
    view, viewed = _view(request, pk, mine=True)
    keeping.remove(view, by=me(request))
    messages.success(request, _("The view was removed."))
    return redirect("saved-views", viewed.page)


@require_POST
@requires(Capability.USE)
def saved_view_default(request: HttpRequest, pk: int) -> HttpResponse:
    """The user's list begins with it from now on; with `off`, with all again."""
    view, viewed = _view(request, pk)
    keeping.begin_with(None if "off" in request.POST else view, page=viewed.page, by=me(request))
    return redirect("saved-views", viewed.page)


@require_POST
@requires(Capability.USE)
def saved_view_move(request: HttpRequest, pk: int) -> HttpResponse:
    view, viewed = _view(request, pk)
    keeping.move(view, by=me(request), up=request.POST.get("to") == "up")
    return redirect("saved-views", viewed.page)


def _posted(request: HttpRequest) -> str:
    return state_of(QueryDict(request.POST.get("query", "").replace("\x00", "")))


def _told(form: ViewForm) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)
