"""The verbs of a person at an import: decide, check, start, undo."""

from collections.abc import Mapping
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clm.accounts.jobs import enqueue
from clm.accounts.models import AuditEntry, Job, User
from customers.importing import emptied
from customers.importing.bringing import suggest_options
from customers.importing.mapping import suggest
from customers.importing.setup import file_of, missing, setup_of, shape_of
from customers.importing.shape import read_columns
from customers.importing.unpacking import forget, unpack
from customers.intake.kinds import kind_named
from customers.models import Import
from customers.models.import_run import JOB_KIND, ImportStatus


class Verb(Protocol):
    def __call__(self, run: Import, *, by: User | None) -> Job: ...


class CannotImport(Exception):
    """Not now, or not yet; the message says why."""


@transaction.atomic
def read_as(
    run: Import,
    *,
    has_header: bool,
    encoding: str = "",
    separator: str = "",
    sheet: int | None = None,
    by: User | None,
) -> None:
    """Read the file differently; the mapping is suggested anew. Raises CannotImport, UnusableFile."""
    _lock_draft(run)
    if encoding and encoding != run.encoding:
        run.options |= {"encoding_confirmed": True}
    if sheet is not None and sheet != run.options.get("sheet"):
        run.options |= {"sheet": sheet, "lines": unpack(file_of(run), sheet).shape.lines}
    run.encoding, run.separator = encoding or run.encoding, separator or run.separator
    run.has_header = has_header
    columns = read_columns(file_of(run), shape_of(run))
    run.mapping = suggest(kind_named(run.kind), columns) if has_header else {}
    run.options.pop("date_format", None)
    run.options.pop("decimal_mark", None)
    run.options.pop("decimal_mark_chosen", None)
    run.save(update_fields=["encoding", "separator", "has_header", "mapping", "options"])
    suggest_options(run, file_of(run))


@transaction.atomic
def map_columns(
    run: Import, *, mapping: Mapping[str, int], source: str, options: Mapping[str, object], by: User | None
) -> None:
    """Say which column is which field, and how values are written; what is left open is suggested by the columns.

    A decimal mark that is not the one suggested before is a person's choice, and stays. Raises CannotImport.
    """
    _lock_draft(run)
    mark = options.get("decimal_mark")
    if mark and mark != run.options.get("decimal_mark"):
        run.options["decimal_mark_chosen"] = True
    run.mapping, run.source = dict(mapping), source.strip()[:64]
    run.options |= {name: value for name, value in options.items() if name != "decimal_mark" or value}
    run.save(update_fields=["mapping", "source", "options"])
    suggest_options(run, file_of(run))


@transaction.atomic
def start_check(run: Import, *, by: User | None) -> Job:
    """Try it in the background. Raises CannotImport while something is undecided, UnusableFile."""
    _lock_draft(run)
    _refuse_undecided(run)
    run.job = enqueue(
        "import-check",
        title=gettext_noop("Check of %(file)s"),
        owner=by,
        file=run.file_name,
        **{"import": run.pk},
    )
    run.save(update_fields=["job"])
    return run.job


@transaction.atomic
def start(run: Import, *, by: User | None) -> Job:
    """Take the file in, in the background. Raises CannotImport while something is undecided, UnusableFile."""
    _lock_ready(run)
    _refuse_undecided(run)
    title = gettext_noop("Import of %(file)s")
    before = run.job if run.has_stopped else None
    run.job = enqueue(JOB_KIND, title=title, owner=by, file=run.file_name, **{"import": run.pk})
    if before is not None and before.kind == JOB_KIND:  # go on where it stopped
        run.job.cursor, run.job.done = before.cursor, before.done
        run.job.save(update_fields=["cursor", "done"])
    run.status = ImportStatus.RUNNING
    run.options["columns"] = setup_of(run).columns  # for the file of problems, when this one is gone
    run.save(update_fields=["job", "status", "options"])
    AuditEntry.objects.record("import.started", run, by=by, source=run.source)
    return run.job


@transaction.atomic
def undo(run: Import, *, by: User | None) -> Job:
    """Take back what the import wrote, in the background. Raises CannotImport while it runs or when it is undone."""
    _lock(run)
    if run.is_busy or not (run.has_stopped or run.status == ImportStatus.DONE):
        raise CannotImport(_("Only an import that has ended can be undone."))
    if run.kind == "rates":
        raise CannotImport(_("Exchange rates are not undone: import the right ones over them."))
    run.job = enqueue(
        "import-undo",
        title=gettext_noop("Undo of %(file)s"),
        owner=by,
        file=run.file_name,
        **{"import": run.pk},
    )
    run.save(update_fields=["job"])
    AuditEntry.objects.record("import.undo_started", run, by=by)
    return run.job


@transaction.atomic
def remove_customers(run: Import, *, by: User | None) -> Job:
    """Delete whom only this import knew, in the background. Raises CannotImport while it is not undone."""
    _lock(run)
    if run.is_busy or run.status != ImportStatus.UNDONE:
        raise CannotImport(_("Undo the import first: only then are its customers left with nothing."))
    run.job = enqueue(
        emptied.JOB_KIND,
        title=gettext_noop("Removal of the customers that %(file)s left"),
        owner=by,
        file=run.file_name,
        removed_before=run.counts.get(emptied.REMOVED, 0),
        **{"import": run.pk},
    )
    run.save(update_fields=["job"])
    return run.job


@transaction.atomic
def discard(run: Import, *, by: User | None) -> None:
    """Forget a draft and its file. Raises CannotImport once it was started."""
    _lock_draft(run)
    AuditEntry.objects.record("import.discarded", run, by=by)
    path = file_of(run)
    run.delete()
    transaction.on_commit(lambda: forget(path))


def _lock(run: Import) -> None:
    run.refresh_from_db(from_queryset=Import.objects.select_for_update(of=("self",)))


def _lock_draft(run: Import) -> None:
    _lock(run)
    if run.status != ImportStatus.DRAFT:
        raise CannotImport(_("This import has been started already."))
    if run.is_busy:
        raise CannotImport(_("The file is being checked. Wait for the result."))


def _lock_ready(run: Import) -> None:
    """A draft, or an import that stopped early."""
    _lock(run)
    if run.is_busy or not (run.has_stopped or run.status == ImportStatus.DRAFT):
        raise CannotImport(_("This import has been started already."))


def _refuse_undecided(run: Import) -> None:
    if said := missing(setup_of(run)):
        raise CannotImport(" ".join(said))
