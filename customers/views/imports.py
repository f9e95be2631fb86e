"""Imports: what was brought in, and the way from a file to facts."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files import File
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from clm.base.downloads import attachment, format_of, saved
from customers.import_forms import DecisionsForm, KeepMappingForm, NewImportForm, ReadingForm
from customers.importing import keeping, starting
from customers.importing.bringing import bring
from customers.importing.emptied import left_by
from customers.importing.encodings import UnusableFile
from customers.importing.page import ImportPage, page_of
from customers.importing.problems import problem_lines
from customers.importing.seen import imports_seen_by, kinds_for, mappings_seen_by
from customers.importing.setup import setup_of
from customers.importing.starting import CannotImport
from customers.intake.kinds import kind_named
from customers.models import Import, ImportMapping
from customers.taking_out import import_lines

SHOWN = 200


@require_safe
@requires(Capability.IMPORT)
@also_as_file("imports", lambda request: import_lines(imports_seen_by(me(request)).for_list()))
def imports(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "customers/imports.html",
        {
            "pages": [ImportPage(run) for run in imports_seen_by(me(request)).for_list()[:SHOWN]],
            "mappings": [(kind_named(one.kind).label, one) for one in mappings_seen_by(me(request))],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.IMPORT)
def import_new(request: HttpRequest) -> HttpResponse:
    form = NewImportForm(
        request.POST or None, request.FILES or None, initial={"kind": request.GET.get("kind", "orders")}
    )
    form.offer(kinds_for(me(request)))
    if form.is_valid():
        file = cast("File[bytes]", form.cleaned_data["file"])
        wished = {name: form.cleaned_data[name] for name in ("kind", "source")}
        try:
            run = bring(file.chunks(), file_name=file.name or "", by=me(request), **wished)
        except UnusableFile as error:
            form.add_error("file", str(error))
        else:
            return redirect("import", pk=run.pk)
    status = 422 if form.is_bound else 200
    return render(request, "customers/import_new.html", {"form": form}, status=status)


@require_safe
@requires(Capability.IMPORT)
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the import stands; for htmx only the part that moves."""
    run = _found(request, pk)
    template = "customers/_import_now.html" if request.headers.get("HX-Request") else "customers/import.html"
    return render(request, template, _context(request, run))


@require_POST
@requires(Capability.IMPORT)
def import_reading(request: HttpRequest, pk: int) -> HttpResponse:
    run = _found(request, pk)
    form = ReadingForm(request.POST, run=run)
    if not form.is_valid():
        return _again(request, run, reading=form)
    try:
        starting.read_as(run, by=me(request), **form.cleaned_data)
    except (CannotImport, UnusableFile) as error:
        messages.error(request, str(error))
    return redirect("import", pk=pk)


@require_POST
@requires(Capability.IMPORT)
def import_mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the decisions; with `then` go on to the check or the import at once."""
    run = _found(request, pk)
    try:
        form = DecisionsForm(request.POST, setup=setup_of(run))
        if not form.is_valid():
            return _again(request, run, decisions=form)
        starting.map_columns(
            run,
            mapping=form.mapping(),
            source=form.cleaned_data["source"],
            options=form.options(),
            by=me(request),
        )
        _go_on(request, run)
    except (CannotImport, UnusableFile) as error:
        messages.error(request, str(error))
    return redirect("import", pk=pk)


def _go_on(request: HttpRequest, run: Import) -> None:
    verbs = {"check": starting.start_check, "start": starting.start}
    if verb := verbs.get(request.POST.get("then", "")):
        verb(run, by=me(request))


@require_POST
@requires(Capability.IMPORT)
def import_start(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, starting.start)


@require_POST
@requires(Capability.IMPORT)
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, starting.undo)


@require_safe
@requires(Capability.IMPORT)
def import_left(request: HttpRequest, pk: int) -> HttpResponse:
    """Part of the page of an undone import: how many customers are left with nothing."""
    run = _found(request, pk)
    left = left_by(run)
    template = "customers/_import_left.html" if request.headers.get("HX-Request") else "customers/import.html"
    return render(request, template, _context(request, run) | {"left": left, "is_counted": True})


@require_POST
@requires(Capability.IMPORT)
def import_customers_removal(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, starting.remove_customers)


@require_POST
@requires(Capability.IMPORT)
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    run = _found(request, pk)
    try:
        starting.discard(run, by=me(request))
    except CannotImport as error:
        messages.error(request, str(error))
        return redirect("import", pk=pk)
    messages.success(request, _("The file was discarded. Nothing had been imported."))
    return redirect("imports")


@require_safe
@requires(Capability.IMPORT)
def import_problems(request: HttpRequest, pk: int) -> FileResponse:
    """The rows that were left out, to be corrected and imported again."""
    run, format = _found(request, pk), format_of(request)
    return attachment(
        saved(problem_lines(run), format=format), name=f"import-{run.pk}-problems", format=format
    )


@require_POST
@requires(Capability.IMPORT)
def import_mapping_keep(request: HttpRequest, pk: int) -> HttpResponse:
    run, form = _found(request, pk), KeepMappingForm(request.POST)
    try:
        if form.is_valid():
            kept = keeping.keep_mapping(run, by=me(request), **form.cleaned_data)
            messages.success(request, _("The mapping is kept as “%(name)s”.") % {"name": kept})
        else:
            messages.error(request, _("Give the mapping a name."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except UnusableFile as error:
        messages.error(request, str(error))
    return redirect("import", pk=pk)


@require_POST
@requires(Capability.IMPORT)
def import_mapping_use(request: HttpRequest, pk: int, mapping: int) -> HttpResponse:
    run, kept = _found(request, pk), _kept(request, mapping)
    try:
        keeping.use_mapping(run, kept, by=me(request))
    except (CannotImport, UnusableFile) as error:
        messages.error(request, str(error))
    return redirect("import", pk=pk)


@require_POST
@requires(Capability.IMPORT)
def import_mapping_delete(request: HttpRequest, mapping: int) -> HttpResponse:
    keeping.forget_mapping(_kept(request, mapping), by=me(request))
    messages.success(request, _("The mapping is forgotten."))
    return redirect("imports")


def _kept(request: HttpRequest, pk: int) -> ImportMapping:
    return get_object_or_404(mappings_seen_by(me(request)), pk=pk)


def _found(request: HttpRequest, pk: int) -> Import:
    return get_object_or_404(imports_seen_by(me(request)).for_list(), pk=pk)


def _do(request: HttpRequest, pk: int, verb: starting.Verb) -> HttpResponse:
    try:
        verb(_found(request, pk), by=me(request))
    except (CannotImport, UnusableFile) as error:
        messages.error(request, str(error))
    return redirect("import", pk=pk)


def _again(
    request: HttpRequest,
    run: Import,
    *,
    reading: ReadingForm | None = None,
    decisions: DecisionsForm | None = None,
) -> HttpResponse:
    return render(
        request,
        "customers/import.html",
        _context(request, run, reading=reading, decisions=decisions),
        status=422,
    )


def _context(
    request: HttpRequest,
    run: Import,
    *,
    reading: ReadingForm | None = None,
    decisions: DecisionsForm | None = None,
) -> dict[str, object]:
    page = page_of(run)
    context: dict[str, object] = {"run": run, "page": page}
    if page.is_draft:
        context["reading"] = reading or ReadingForm(run=run)
        context["decisions"] = decisions or (DecisionsForm(setup=page.setup) if page.setup else None)
        context["mappings"] = keeping.offered(page.setup, to=me(request)) if page.setup else []
        context["keeping"] = KeepMappingForm()
    return context
